#pragma once
/// The writing end of the log. One segment is open at a time; a new one is begun at the first group
/// after the start and whenever one is full.
#include <filesystem>
#include <memory>
#include <optional>

#include "base/hash.h"
#include "ledger/log_control.h"
#include "ledger/log_file.h"
#include "ledger/segment_header.h"

namespace florin::ledger {

/// The last segment that has a group, as its successor's header tells of it.
struct PreviousSegment {
  std::uint64_t end = 0;
  Hash32 digest{};
};

/// Used by the writer thread alone. After any error the object must not be used again.
class SegmentWriter {
 public:
  struct Position {
    std::uint64_t segment = 0;
    std::uint64_t frame = 0;  ///< number that the next frame gets
    std::uint64_t group = 0;  ///< number that the next group gets
  };

  /// `next_number` is the number that the next segment gets.
  SegmentWriter(std::filesystem::path directory, LogFiles& files, std::uint64_t segment_bytes,
                std::uint64_t next_number, const PreviousSegment& previous);

  /// True when a segment must be begun before the next group: there is none, it is full, or it has
  /// keys of another version.
  [[nodiscard]] bool needs_segment(std::uint32_t key_version) const noexcept;
  /// Seals the present segment, if any, and creates the next one. One without a group holds nothing
  /// and is replaced. `header.number` and what it says of the segment before are filled in here.
  Result<SegmentHeader> begin_segment(SegmentHeader header, const TenantKeys& keys);
  [[nodiscard]] Position position() const noexcept { return position_; }
  /// Number of the segment that was written last, by this process or before, and the offset behind
  /// its last group. Not between begin_segment and the first group.
  [[nodiscard]] std::uint64_t last_segment() const noexcept {
    return next_number_ == 0 ? 0 : next_number_ - 1;
  }
  [[nodiscard]] std::uint64_t end() const noexcept { return offset_; }
  /// Writes whole frames as one group, padded, with one write and one flush.
  Result<void> append_group(Bytes group, std::uint64_t frames);
  /// Fills zeroes ahead of use when they run short. Called when nobody waits.
  Result<void> fill_ahead();
  /// Ends the present segment, unless no group is in it: nothing is added to it any more.
  Result<void> seal();
  /// Those sealed by this object, oldest first, for the list of all.
  [[nodiscard]] const std::vector<SealedSegment>& sealed() const noexcept { return sealed_; }

 private:
  Result<void> fill_to(std::uint64_t end);
  std::filesystem::path directory_;
  LogFiles& files_;
  std::uint64_t segment_bytes_;
  std::uint64_t next_number_;
  PreviousSegment previous_;
  std::vector<SealedSegment> sealed_;
  std::unique_ptr<LogFile> file_;
  std::optional<Sha256Stream> digest_;  // over what is acknowledged in file_
  std::string name_;                    // of file_
  std::uint64_t first_seq_ = 0;         // of file_
  std::uint32_t key_version_ = 0;       // of file_
  bool after_cut_ = false;              // of file_
  Position position_;
  std::uint64_t offset_ = 0;  // behind the last group
  std::uint64_t filled_ = 0;  // up to here the file is zeroes or data
};

/// log/<first seq, 20 digits>.seg
std::string segment_file_name(std::uint64_t first_seq);

}  // namespace florin::ledger
