#include "ledger/verify/leaf_hashes.h"

#include <fmt/format.h>

#include "ledger/verify/merkle.h"

namespace florin::verify {
namespace {

constexpr std::size_t kWindowHashes = 4096;

}  // namespace

LeafHashes::LeafHashes(const std::filesystem::path& path)
    : path_(path), in_(path, std::ios::binary) {}

Result<std::unordered_map<std::uint64_t, Hash32>> LeafHashes::roots(
    std::uint64_t size, const std::set<std::uint64_t>& sizes) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path_, error);
  if (error) return Error(Errc::not_found, {}, "is missing");
  if (bytes % sizeof(Hash32) != 0 || bytes / sizeof(Hash32) != size) {
    return Error(Errc::malformed_value, {},
                 fmt::format("has {} bytes, not 32 for each of {} entries", bytes, size));
  }
  std::unordered_map<std::uint64_t, Hash32> out;
  CompactRange tree;
  for (std::uint64_t seq = 0;; ++seq) {
    if (sizes.contains(seq)) out[seq] = tree.root();
    if (seq == size) return out;
    FLORIN_TRY(const Hash32 hash, at(seq));
    tree.append(hash);
  }
}

Result<Hash32> LeafHashes::at(std::uint64_t seq) {
  if (seq < first_ || seq - first_ >= window_.size()) {
    window_.resize(kWindowHashes);
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(seq * sizeof(Hash32)));
    in_.read(reinterpret_cast<char*>(window_.data()),
             static_cast<std::streamsize>(kWindowHashes * sizeof(Hash32)));
    window_.resize(static_cast<std::size_t>(in_.gcount()) / sizeof(Hash32));
    first_ = seq;
    if (window_.empty()) return Error(Errc::io_failure, {}, "cannot be read");
  }
  return window_[seq - first_];
}

}  // namespace florin::verify
