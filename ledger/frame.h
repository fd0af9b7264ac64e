#pragma once
/// One entry in the log: clear header, sealed leaf and body (FORMAT.md, "Frame"). Pure.
#include "base/bytes.h"

namespace florin::ledger {

inline constexpr std::size_t kFrameHeaderBytes = 32;
inline constexpr std::uint32_t kMaxSealedBytes = 70'000;

struct FrameHeader {
  std::uint64_t frame = 0;  ///< number in the segment
  std::uint64_t group = 0;  ///< number in the segment
  std::uint32_t sealed_bytes = 0;
  bool last_of_group = false;
};

/// What a frame holds.
struct FrameContent {
  Bytes leaf;
  Bytes body;
};

/// The whole frame. `header.sealed_bytes` is set from the content.
Bytes seal_frame(BytesView segment_key, FrameHeader header, BytesView leaf, BytesView body);

/// Reads the clear header at the start of `bytes`; also checks that the sealed part is there and
/// its CRC. Error: `ledger_record_invalid` telling which check failed.
Result<FrameHeader> decode_frame_header(BytesView bytes);

/// Opens a frame that begins at the start of `bytes`. Errors: as decode_frame_header, and
/// `decryption_failed`.
Result<FrameContent> open_frame(BytesView segment_key, BytesView bytes);

/// The same when `header` was decoded from these bytes already.
Result<FrameContent> open_frame(BytesView segment_key, const FrameHeader& header, BytesView bytes);

}  // namespace florin::ledger
