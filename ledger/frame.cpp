#include "ledger/frame.h"

#include <algorithm>

#include "base/aead.h"
#include "base/hash.h"

namespace florin::ledger {
namespace {

constexpr std::string_view kMagic = "FLF1";
constexpr std::size_t kAuthenticatedBytes = 28;
constexpr std::uint32_t kLastOfGroup = 1;

AeadNonce nonce_of(std::uint64_t frame) {
  ByteWriter out;
  out.u32_be(0);
  out.u64_be(frame);
  AeadNonce nonce{};
  std::copy_n(out.view().begin(), nonce.size(), nonce.begin());
  return nonce;
}

Error invalid(const char* what) {
  return Error(Errc::ledger_record_invalid, {}, {}, what);
}

}  // namespace

Bytes seal_frame(BytesView segment_key, FrameHeader header, BytesView leaf, BytesView body) {
  ByteWriter plain;
  plain.sized(leaf);
  plain.sized(body);
  ByteWriter out;
  out.raw(view_of(kMagic));
  out.u64(header.frame);
  out.u64(header.group);
  out.u32(static_cast<std::uint32_t>(plain.size() + kAeadTagSize));
  out.u32(header.last_of_group ? kLastOfGroup : 0);
  const Bytes sealed = aead_seal(segment_key, nonce_of(header.frame), out.view(), plain.view());
  out.u32(crc32c(sealed, crc32c(out.view())));
  out.raw(sealed);
  return std::move(out).take();
}

Result<FrameHeader> decode_frame_header(BytesView bytes) {
  ByteReader in(bytes);
  const BytesView magic = in.raw(kMagic.size());
  FrameHeader header;
  header.frame = in.u64();
  header.group = in.u64();
  header.sealed_bytes = in.u32();
  const std::uint32_t flags = in.u32();
  const std::uint32_t crc = in.u32();
  if (!in.ok() || text_of(magic) != kMagic) return invalid("no frame begins here");
  if ((flags & ~kLastOfGroup) != 0) return invalid("unknown frame flags");
  header.last_of_group = (flags & kLastOfGroup) != 0;
  if (header.sealed_bytes > kMaxSealedBytes || header.sealed_bytes < kAeadTagSize + 8 ||
      header.sealed_bytes > in.remaining()) {
    return invalid("the length of the frame is impossible");
  }
  const BytesView sealed = in.raw(header.sealed_bytes);
  if (crc32c(sealed, crc32c(bytes.first(kAuthenticatedBytes))) != crc) {
    return invalid("the checksum of the frame differs");
  }
  return header;
}

Result<FrameContent> open_frame(BytesView segment_key, BytesView bytes) {
  FLORIN_TRY(const FrameHeader header, decode_frame_header(bytes));
  return open_frame(segment_key, header, bytes);
}

Result<FrameContent> open_frame(BytesView segment_key, const FrameHeader& header, BytesView bytes) {
  FLORIN_TRY(const Bytes plain,
             aead_open(segment_key, nonce_of(header.frame), bytes.first(kAuthenticatedBytes),
                       bytes.subspan(kFrameHeaderBytes, header.sealed_bytes)));
  ByteReader in(plain);
  FrameContent content;
  content.leaf = to_bytes(in.sized(plain.size()));
  content.body = to_bytes(in.sized(plain.size()));
  if (!in.done()) return invalid("the content of the frame is not well formed");
  return content;
}

}  // namespace florin::ledger
