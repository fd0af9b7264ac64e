#include "ledger/verify/earlier_entries.h"

#include <fmt/format.h>

#include "ledger/verify/merkle.h"
#include "ledger/verify/mismatch.h"
#include "ledger/verify/package_text.h"

namespace florin::verify {
namespace {

constexpr std::uint64_t kIndexStride = 64;

Error bad_line(std::string_view file, const LineReader& lines, std::string_view what) {
  return mismatch(fmt::format("{} line {}: {}", file, lines.number(), what));
}

}  // namespace

EarlierEntries::EarlierEntries(const std::filesystem::path& directory, std::uint64_t from_seq)
    : directory_(directory),
      from_seq_(from_seq),
      before_(directory / kEarlierEntriesFile),
      hashes_(directory / kLeafHashesFile) {}

void EarlierEntries::note(std::uint64_t seq, std::uint64_t byte) {
  if ((seq - from_seq_) % kIndexStride == 0) index_.push_back(byte);
}

Result<Leaf> EarlierEntries::leaf(std::uint64_t seq) {
  if (seq < from_seq_) return read(before_, seq, true);
  const std::uint64_t place = seq - from_seq_;
  if (place / kIndexStride >= index_.size()) {
    return mismatch(fmt::format("entry {} was not read before", seq));
  }
  LineReader lines(directory_ / kEntriesFile);
  lines.go_to({.byte = index_[place / kIndexStride], .lines_before = place - place % kIndexStride});
  for (std::uint64_t skipped = 0; skipped < place % kIndexStride; ++skipped) {
    FLORIN_TRY_VOID(lines.next());
  }
  return read(lines, seq, false);
}

Result<Leaf> EarlierEntries::read(LineReader& lines, std::uint64_t seq, bool spelled) {
  const std::string_view file = spelled ? kEarlierEntriesFile : kEntriesFile;
  const auto line = lines.next();
  if (!line.ok()) return bad_line(file, lines, line.error().message());
  if (!*line) return mismatch(fmt::format("{}: entry {} is missing", file, seq));
  const auto bytes = leaf_of_line(**line);
  if (!bytes.ok()) return bad_line(file, lines, bytes.error().message());
  FLORIN_TRY(const Hash32 wanted, hashes_.at(seq));
  if (leaf_hash(*bytes) != wanted)
    return bad_line(file, lines, fmt::format("is not entry {}", seq));
  auto leaf = decode_leaf(*bytes);
  if (!leaf.ok()) return bad_line(file, lines, leaf.error().message());
  if (spelled && entry_line(*leaf, *bytes) != **line) {
    return bad_line(file, lines, "is not what the leaf says");
  }
  return leaf;
}

Result<void> EarlierEntries::finish(std::uint64_t count) {
  const auto more = before_.next();
  if (!more.ok()) return bad_line(kEarlierEntriesFile, before_, more.error().message());
  if (more->has_value()) return bad_line(kEarlierEntriesFile, before_, "has a line too many");
  if (before_.number() == count) return {};
  return mismatch(fmt::format("{}: has {} lines, the manifest says {}", kEarlierEntriesFile,
                              before_.number(), count));
}

EarlierEntries::Progress EarlierEntries::progress() const {
  return {.index = index_, .before = before_.place()};
}

void EarlierEntries::resume(Progress progress) {
  index_ = std::move(progress.index);
  before_.go_to(progress.before);
}

}  // namespace florin::verify
