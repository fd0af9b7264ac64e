#pragma once
/// What one flush made durable: reading groups out of a segment's bytes (FORMAT.md, "Segment").
/// Pure, so that it can be fuzzed.
#include <vector>

#include "base/bytes.h"
#include "ledger/frame.h"
#include "ledger/limits.h"
#include "ledger/segment_header.h"

namespace florin::ledger {

struct GroupPosition {
  std::uint64_t offset = 0;  ///< of the group in the segment
  std::uint64_t frame = 0;   ///< number that its first frame must have
  std::uint64_t group = 0;   ///< number that it must have
};

/// No group takes more bytes of a segment, padding included: the last two frames may be taken when
/// little is missing to kMaxGroupBytes.
inline constexpr std::size_t kMaxPaddedGroupBytes =
    kMaxGroupBytes + 2 * (kFrameHeaderBytes + kMaxSealedBytes) + kBlockBytes;

struct GroupFrame {
  std::uint64_t offset = 0;  ///< in the segment
  BytesView bytes;           ///< the whole frame, a view of what was read
  FrameHeader header;
  FrameContent content;
};

struct Group {
  std::vector<GroupFrame> frames;
  GroupPosition next;  ///< where the group behind it begins
};

/// The group at `at`, all frames opened. `bytes` begins there; kMaxPaddedGroupBytes are always
/// enough. Error: `ledger_record_invalid` or `decryption_failed`; its detail names the offset.
Result<Group> read_group(BytesView bytes, const GroupPosition& at, BytesView segment_key);

/// True when `bytes`, which begin at a block behind a place where no group could be read, begin
/// with a frame that only a flush after that of group number `group` can have written. That group
/// was then once durable, and is damaged rather than unfinished.
bool is_of_later_group(BytesView bytes, std::uint64_t group, BytesView segment_key);

}  // namespace florin::ledger
