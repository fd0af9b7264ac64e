#include "ledger/verify/package_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "base/hash.h"
#include "ledger/verify/package_text.h"
#include "ledger/verify/sums_file.h"

namespace florin::verify {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{256} * 1024;

bool is_package_file(std::string_view name) {
  return name == kPreviousCheckpointFile ||
         std::find(kPackageFiles.begin(), kPackageFiles.end(), name) != kPackageFiles.end();
}

// Names of all files that stand in the directory; what is no plain file of a package is a finding.
std::set<std::string> list_files(const std::filesystem::path& directory,
                                 std::vector<Finding>& findings) {
  std::set<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator at(directory, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (at->symlink_status(error).type() != std::filesystem::file_type::regular) {
      findings.push_back({.file = name, .problem = "is not a plain file"});
    } else if (name != kSumsFile && !is_package_file(name)) {
      findings.push_back({.file = name, .problem = "does not belong to the package"});
    } else {
      names.insert(name);
    }
  }
  if (error) findings.push_back({.file = ".", .problem = "cannot be listed: " + error.message()});
  return names;
}

}  // namespace

std::string Finding::text() const {
  std::string out = file;
  if (line) out += fmt::format(" line {}", *line);
  if (byte) out += fmt::format(" byte {}", *byte);
  if (entry) out += fmt::format(" (entry {})", *entry);
  return out + ": " + problem;
}

LineReader::LineReader(const std::filesystem::path& path)
    : in_(path, std::ios::binary), buffer_(kMaxLineBytes + kChunkBytes) {}

void LineReader::go_to(const Place& place) {
  in_.clear();
  in_.seekg(static_cast<std::streamoff>(place.byte));
  at_ = size_ = 0;
  read_ = place.byte;
  number_ = place.lines_before;
}

// Moves what is left to the front and reads on behind it.
void LineReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + at_, size_ - at_);
  size_ -= at_;
  at_ = 0;
  in_.read(buffer_.data() + size_, static_cast<std::streamsize>(buffer_.size() - size_));
  const auto count = static_cast<std::size_t>(in_.gcount());
  size_ += count;
  read_ += count;
}

Result<std::optional<std::string_view>> LineReader::next() {
  const auto find_end = [this](std::size_t from) {
    return static_cast<const char*>(std::memchr(buffer_.data() + from, '\n', size_ - from));
  };
  const char* end = find_end(at_);
  while (end == nullptr && in_.good() && size_ - at_ <= kMaxLineBytes) {
    const std::size_t known = size_ - at_;
    fill();
    end = find_end(known);
  }
  if (in_.bad() || !in_.is_open()) return Error(Errc::io_failure, {}, "cannot be read");
  if (end == nullptr && at_ == size_) return std::optional<std::string_view>();
  ++number_;
  const char* const begin = buffer_.data() + at_;
  if (end == nullptr || static_cast<std::size_t>(end - begin) > kMaxLineBytes) {
    return Error(Errc::malformed_value, {}, "a line that is too long or has no line feed");
  }
  at_ += static_cast<std::size_t>(end - begin) + 1;
  return std::optional<std::string_view>(std::in_place, begin, end);
}

Result<std::string> read_small_file(const std::filesystem::path& path, std::size_t limit) {
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return Error(Errc::not_found, {}, "is missing");
  std::string out(limit + 1, '\0');
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return Error(Errc::io_failure, {}, "cannot be read");
  if (out.size() > limit) return Error(Errc::payload_too_large, {}, "is too long");
  return out;
}

Result<Hash32> hash_file(const std::filesystem::path& path, const BytesRead& read) {
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return Error(Errc::not_found, {}, "is missing");
  Sha256Stream stream;
  std::string chunk(kChunkBytes, '\0');
  while (in.good()) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    stream.update(view_of(chunk).first(static_cast<std::size_t>(in.gcount())));
    if (read) read(static_cast<std::uint64_t>(in.gcount()));
  }
  if (in.bad()) return Error(Errc::io_failure, {}, "cannot be read");
  return stream.finish();
}

void check_sums(const std::filesystem::path& directory, std::vector<Finding>& findings,
                const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const std::set<std::string> names = list_files(directory, findings);
  for (const std::string_view name : kPackageFiles) {
    if (!names.contains(std::string(name))) {
      findings.push_back({.file = std::string(name), .problem = "is missing"});
    }
  }
  if (!names.contains(std::string(kSumsFile))) {
    findings.push_back({.file = std::string(kSumsFile), .problem = "is missing"});
    return;
  }
  const auto sums = read_sums(directory / kSumsFile, kSumsFile, is_package_file, findings);
  for (const auto& [name, sum] : sums) {
    if (!names.contains(name)) {
      findings.push_back({.file = name, .problem = "is listed in SHA256SUMS but missing"});
    }
  }
  std::uint64_t all = 0;
  for (const std::string& name : names) {
    std::error_code ignored;
    const std::uintmax_t bytes = std::filesystem::file_size(directory / name, ignored);
    if (!ignored) all += bytes;
  }
  std::uint64_t done = 0;
  const auto read = [&](std::uint64_t bytes) {
    done += bytes;
    if (progress) progress(done, all);
  };
  for (const std::string& name : names) {
    if (name == kSumsFile) continue;
    const auto sum = sums.find(name);
    if (sum == sums.end()) {
      findings.push_back({.file = name, .problem = "is not listed in SHA256SUMS"});
      continue;
    }
    const auto digest = hash_file(directory / name, read);
    if (!digest.ok()) {
      findings.push_back({.file = name, .problem = digest.error().message()});
    } else if (to_hex(*digest) != sum->second) {
      findings.push_back({.file = name, .problem = "its SHA-256 is not the one in SHA256SUMS"});
    }
  }
}

}  // namespace florin::verify
