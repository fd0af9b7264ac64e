#include "ledger/group.h"

#include <algorithm>
#include <string>

#include "ledger/segment_header.h"

namespace florin::ledger {
namespace {

std::uint64_t align(std::uint64_t offset) {
  return (offset + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

Error at_offset(Error error, std::uint64_t offset) {
  return Error(error.code(), {}, {},
               "offset " + std::to_string(offset) + ": " +
                   (error.detail().empty() ? error.message() : error.detail()));
}

Result<GroupFrame> read_frame(BytesView segment, std::uint64_t offset, const GroupPosition& group,
                              std::uint64_t frame_number, BytesView segment_key) {
  if (offset >= segment.size()) {
    return Error(Errc::ledger_record_invalid, {}, {}, "the segment ends within a group");
  }
  const BytesView rest = segment.subspan(offset);
  GroupFrame frame;
  frame.offset = offset;
  FLORIN_TRY(frame.header, decode_frame_header(rest));
  if (frame.header.frame != frame_number || frame.header.group != group.group) {
    return Error(Errc::ledger_record_invalid, {}, {}, "the frame is not the next one");
  }
  FLORIN_TRY(frame.content, open_frame(segment_key, rest));
  frame.bytes = rest.first(kFrameHeaderBytes + frame.header.sealed_bytes);
  return frame;
}

}  // namespace

Result<Group> read_group(BytesView segment, const GroupPosition& at, BytesView segment_key) {
  Group group;
  std::uint64_t offset = at.offset;
  do {
    auto frame = read_frame(segment, offset, at, at.frame + group.frames.size(), segment_key);
    if (!frame.ok()) return at_offset(frame.error(), offset);
    offset += frame->bytes.size();
    group.frames.push_back(std::move(*frame));
  } while (!group.frames.back().header.last_of_group);
  const std::uint64_t end = align(offset);
  if (end > segment.size() || !std::all_of(segment.begin() + static_cast<std::ptrdiff_t>(offset),
                                           segment.begin() + static_cast<std::ptrdiff_t>(end),
                                           [](std::uint8_t byte) { return byte == 0; })) {
    return at_offset(Error(Errc::ledger_record_invalid, {}, {}, "the group is not padded"), offset);
  }
  group.next = {end, at.frame + group.frames.size(), at.group + 1};
  return group;
}

bool zero_from(BytesView segment, std::uint64_t offset) {
  if (offset >= segment.size()) return true;
  const BytesView rest = segment.subspan(offset);
  return std::all_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool later_group_exists(BytesView segment, const GroupPosition& at, BytesView segment_key) {
  for (std::uint64_t offset = at.offset + kBlockBytes; offset < segment.size();
       offset += kBlockBytes) {
    const BytesView rest = segment.subspan(offset);
    const auto header = decode_frame_header(rest);
    if (header.ok() && header->group > at.group && open_frame(segment_key, rest).ok()) return true;
  }
  return false;
}

}  // namespace florin::ledger
