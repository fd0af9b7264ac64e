#pragma once
/// The writing end of the log. One segment is open at a time; a new one is begun at the first group
/// after the start and whenever one is full.
#include <filesystem>
#include <memory>
#include <optional>

#include "ledger/log_file.h"
#include "ledger/segment_header.h"

namespace florin::ledger {

/// Used by the writer thread alone. After any error the object must not be used again.
class SegmentWriter {
 public:
  struct Position {
    std::uint64_t segment = 0;
    std::uint64_t frame = 0;  ///< number that the next frame gets
    std::uint64_t group = 0;  ///< number that the next group gets
  };

  /// `next_number` is the number that the next segment gets; `previous_end` the end of the last
  /// good group in the segment before it.
  SegmentWriter(std::filesystem::path directory, LogFiles& files, std::uint64_t segment_bytes,
                std::uint64_t next_number, std::uint64_t previous_end);

  /// True when a segment must be begun before the next group.
  [[nodiscard]] bool needs_segment() const noexcept;
  /// Creates the next segment. `header.number` and `header.previous_end` are filled in here.
  Result<SegmentHeader> begin_segment(SegmentHeader header, const TenantKeys& keys);
  [[nodiscard]] Position position() const noexcept { return position_; }
  /// Writes whole frames as one group, padded, with one write and one flush.
  Result<void> append_group(Bytes group, std::uint64_t frames);
  /// Fills zeroes ahead of use when they run short. Called when nobody waits.
  Result<void> fill_ahead();

 private:
  Result<void> fill_to(std::uint64_t end);
  std::filesystem::path directory_;
  LogFiles& files_;
  std::uint64_t segment_bytes_;
  std::uint64_t next_number_;
  std::unique_ptr<LogFile> file_;
  Position position_;
  std::uint64_t offset_;      // behind the last group
  std::uint64_t filled_ = 0;  // up to here the file is zeroes or data
};

/// log/<first seq, 20 digits>.seg
std::string segment_file_name(std::uint64_t first_seq);

}  // namespace florin::ledger
