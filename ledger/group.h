#pragma once
/// What one flush made durable: reading groups out of a segment's bytes (FORMAT.md, "Segment").
/// Pure, so that it can be fuzzed.
#include <vector>

#include "base/bytes.h"
#include "ledger/frame.h"

namespace florin::ledger {

struct GroupPosition {
  std::uint64_t offset = 0;  ///< of the group in the segment
  std::uint64_t frame = 0;   ///< number that its first frame must have
  std::uint64_t group = 0;   ///< number that it must have
};

struct GroupFrame {
  std::uint64_t offset = 0;  ///< in the segment
  BytesView bytes;           ///< the whole frame, a view of the segment's bytes
  FrameHeader header;
  FrameContent content;
};

struct Group {
  std::vector<GroupFrame> frames;
  GroupPosition next;  ///< where the group behind it begins
};

/// The group at `at`, all frames opened. Error: `ledger_record_invalid` or `decryption_failed`;
/// its detail names the offset.
Result<Group> read_group(BytesView segment, const GroupPosition& at, BytesView segment_key);

/// True when every byte from `offset` on is zero.
bool zero_from(BytesView segment, std::uint64_t offset);

/// True when behind a place where no group could be read there is a frame that only a later flush
/// can have written. The group at `at` was then once durable, and is damaged rather than
/// unfinished.
bool later_group_exists(BytesView segment, const GroupPosition& at, BytesView segment_key);

}  // namespace florin::ledger
