#include "ledger/segment_writer.h"

#include <fmt/format.h>

#include "ledger/files.h"

namespace florin::ledger {
namespace {

// A file that grows, or is merely allocated, makes each flush a journal commit; written zeroes do
// not.
constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kLowWaterBytes = kChunkBytes / 4;

}  // namespace

std::string segment_file_name(std::uint64_t first_seq) {
  return fmt::format("{:020}.seg", first_seq);
}

SegmentWriter::SegmentWriter(std::filesystem::path directory, LogFiles& files,
                             std::uint64_t segment_bytes, std::uint64_t next_number,
                             const PreviousSegment& previous)
    : directory_(std::move(directory)),
      files_(files),
      segment_bytes_(segment_bytes),
      next_number_(next_number),
      previous_(previous),
      offset_(previous.end) {}

bool SegmentWriter::needs_segment(std::uint32_t key_version) const noexcept {
  return file_ == nullptr || key_version_ != key_version ||
         (position_.group > 0 && offset_ >= segment_bytes_);
}

Result<SegmentHeader> SegmentWriter::begin_segment(SegmentHeader header, const TenantKeys& keys) {
  FLORIN_TRY_VOID(seal());
  if (file_ != nullptr) {
    --next_number_;
    header.after_cut = header.after_cut || after_cut_;
  }
  header.number = next_number_;
  header.previous_end = previous_.end;
  header.previous_digest = previous_.digest;
  FLORIN_TRY(const Bytes block, encode_segment_header(header, keys));
  name_ = segment_file_name(header.first_seq);
  first_seq_ = header.first_seq;
  key_version_ = header.key_version;
  after_cut_ = header.after_cut;
  const std::filesystem::path path = directory_ / name_;
  const std::filesystem::path unfinished = path.string() + ".new";
  FLORIN_TRY(file_, files_.create(unfinished));
  FLORIN_TRY_VOID(file_->write_at(0, block));
  offset_ = kBlockBytes;
  filled_ = kBlockBytes;
  FLORIN_TRY_VOID(fill_to(kChunkBytes));
  // Only a whole header under the final name: a segment without one is damage, not a crash.
  FLORIN_TRY_VOID(publish_file(unfinished, path));
  digest_.emplace();
  digest_->update(block);
  position_ = {next_number_, 0, 0};
  ++next_number_;
  return header;
}

Result<void> SegmentWriter::append_group(Bytes group, std::uint64_t frames) {
  group.resize((group.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes);
  const std::uint64_t end = offset_ + group.size();
  if (end > filled_) FLORIN_TRY_VOID(fill_to(end + kChunkBytes));
  FLORIN_TRY_VOID(file_->write_at(offset_, group));
  FLORIN_TRY_VOID(file_->sync());
  digest_->update(group);
  offset_ = end;
  position_.frame += frames;
  ++position_.group;
  return {};
}

Result<void> SegmentWriter::seal() {
  // A segment without a group holds nothing; it stays open for the first one.
  if (file_ == nullptr || position_.group == 0) return {};
  FLORIN_TRY_VOID(file_->seal());
  previous_ = {offset_, digest_->finish()};
  sealed_.push_back({name_, position_.segment, first_seq_, first_seq_ + position_.frame, offset_,
                     previous_.digest});
  digest_.reset();
  file_.reset();
  return {};
}

Result<void> SegmentWriter::fill_ahead() {
  if (file_ == nullptr || offset_ >= segment_bytes_ || filled_ - offset_ >= kLowWaterBytes)
    return {};
  return fill_to(filled_ + kChunkBytes);
}

Result<void> SegmentWriter::fill_to(std::uint64_t end) {
  const Bytes zeroes(static_cast<std::size_t>(end - filled_));
  FLORIN_TRY_VOID(file_->write_at(filled_, zeroes));
  FLORIN_TRY_VOID(file_->sync());
  filled_ = end;
  return {};
}

}  // namespace florin::ledger
