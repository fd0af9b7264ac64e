#include "ledger/group.h"

#include <algorithm>
#include <string>

namespace florin::ledger {
namespace {

Error at_offset(const Error& error, std::uint64_t offset) {
  return Error(error.code(), {}, {},
               "offset " + std::to_string(offset) + ": " +
                   (error.detail().empty() ? error.message() : error.detail()));
}

// The frame at `done` bytes behind the beginning of the group.
Result<GroupFrame> read_frame(BytesView bytes, std::size_t done, const GroupPosition& group,
                              std::uint64_t frame_number, BytesView segment_key) {
  if (done >= bytes.size()) {
    return Error(Errc::ledger_record_invalid, {}, {}, "the segment ends within a group");
  }
  const BytesView rest = bytes.subspan(done);
  GroupFrame frame;
  frame.offset = group.offset + done;
  FLORIN_TRY(frame.header, decode_frame_header(rest));
  if (frame.header.frame != frame_number || frame.header.group != group.group) {
    return Error(Errc::ledger_record_invalid, {}, {}, "the frame is not the next one");
  }
  FLORIN_TRY(frame.content, open_frame(segment_key, frame.header, rest));
  frame.bytes = rest.first(kFrameHeaderBytes + frame.header.sealed_bytes);
  return frame;
}

}  // namespace

Result<Group> read_group(BytesView bytes, const GroupPosition& at, BytesView segment_key) {
  bytes = bytes.first(std::min(bytes.size(), kMaxPaddedGroupBytes));
  Group group;
  std::size_t done = 0;
  do {
    auto frame = read_frame(bytes, done, at, at.frame + group.frames.size(), segment_key);
    if (!frame.ok()) return at_offset(frame.error(), at.offset + done);
    done += frame->bytes.size();
    group.frames.push_back(std::move(*frame));
  } while (!group.frames.back().header.last_of_group);
  const std::size_t end = (done + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  if (end > bytes.size() || !std::ranges::all_of(bytes.subspan(done, end - done),
                                                 [](std::uint8_t byte) { return byte == 0; })) {
    return at_offset(Error(Errc::ledger_record_invalid, {}, {}, "the group is not padded"),
                     at.offset + done);
  }
  group.next = {at.offset + end, at.frame + group.frames.size(), at.group + 1};
  return group;
}

bool is_of_later_group(BytesView bytes, std::uint64_t group, BytesView segment_key) {
  const auto header = decode_frame_header(bytes);
  return header.ok() && header->group > group && open_frame(segment_key, *header, bytes).ok();
}

}  // namespace florin::ledger
