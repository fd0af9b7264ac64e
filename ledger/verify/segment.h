#pragma once
/// What a segment of the log tells without keys (ledger/FORMAT.md, "Segment" and "Frame"): its
/// header, and the order, lengths and checksums of its frames. Nothing here is proven, only that
/// nothing was damaged or left out by accident; proof needs the tenant's keys or a signature.
#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "base/uuid.h"

namespace florin::verify {

inline constexpr std::uint64_t kSegmentBlockBytes = 4096;
/// Of the header; the checksum over them follows.
inline constexpr std::size_t kSegmentChecksummedBytes = 200;

struct ClearSegmentHeader {
  Uuid tenant;
  std::uint8_t mode = 0;          ///< 0 system, 1 test, 2 live
  bool after_cut = false;         ///< entries of earlier segments from `first_seq` on do not count
  std::uint32_t key_version = 0;  ///< of the tenant's root
  std::uint64_t number = 0;
  std::uint64_t first_seq = 0;
  Hash32 previous_leaf{};
  std::uint64_t previous_end = 0;  ///< where the segment before ends
  Hash32 previous_digest{};        ///< SHA-256 over the segment before, up to its end
};

/// Form and checksum. Error: `ledger_corrupt`, whose message says what is wrong.
Result<ClearSegmentHeader> decode_clear_header(BytesView block);
/// The header of a file. Errors: as decode_clear_header, `not_found`, `io_failure`.
Result<ClearSegmentHeader> read_clear_header(const std::filesystem::path& path);

/// Walks the frames from the header up to `end`: numbers without gaps, checksums, groups closed and
/// padded. Returns how many there are, one entry each. Error: `ledger_corrupt` with the offset in
/// its message, `io_failure`.
Result<std::uint64_t> count_frames(const std::filesystem::path& path, std::uint64_t end);

}  // namespace florin::verify
