#include "ledger/segment_header.h"

#include <algorithm>

#include "base/hash.h"

namespace florin::ledger {
namespace {

constexpr std::string_view kMagic{"FLRSEG1\0", 8};
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kEpoch = 1;
constexpr std::size_t kAuthenticatedBytes = 168;
constexpr std::size_t kChecksummedBytes = 200;
constexpr std::size_t kHeaderBytes = 204;
constexpr std::uint8_t kAfterCut = 1;

Result<Hash32> authenticator(BytesView block, const SegmentHeader& header, const TenantKeys& keys) {
  FLORIN_TRY(const Secret key, keys.derive_in(header.key_version, "segment-header/1", header.salt));
  return hmac_sha256(key.view(), {block.first(kAuthenticatedBytes)});
}

bool all_zero(BytesView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

Result<Bytes> encode_segment_header(const SegmentHeader& header, const TenantKeys& keys) {
  ByteWriter out;
  out.raw(view_of(kMagic));
  out.u32(kFormat);
  out.u32(kEpoch);
  out.raw(header.tenant.view());
  out.u8(static_cast<std::uint8_t>(header.mode));
  out.u8(header.after_cut ? kAfterCut : 0);
  out.raw(ByteArray<2>{});
  out.u32(header.key_version);
  out.u64(header.number);
  out.u64(header.first_seq);
  out.i64(header.created_at);
  out.raw(header.previous_leaf);
  out.raw(header.salt);
  out.u64(header.previous_end);
  out.raw(header.previous_digest);
  FLORIN_ASSERT(out.size() == kAuthenticatedBytes);
  FLORIN_TRY(const Hash32 mac, authenticator(out.view(), header, keys));
  out.raw(mac);
  out.u32(crc32c(out.view()));
  Bytes block = std::move(out).take();
  block.resize(kBlockBytes);
  return block;
}

Result<SegmentHeader> decode_segment_header(BytesView block) {
  const auto corrupt = [](const char* what) { return Error(Errc::ledger_corrupt, {}, {}, what); };
  if (block.size() < kBlockBytes) return corrupt("the segment header is cut short");
  ByteReader in(block.first(kHeaderBytes));
  if (text_of(in.raw(kMagic.size())) != kMagic) return corrupt("not a segment");
  if (in.u32() != kFormat || in.u32() != kEpoch) return corrupt("unknown segment format or epoch");
  SegmentHeader header;
  header.tenant = Uuid{in.array<16>()};
  const std::uint8_t mode = in.u8();
  if (mode > static_cast<std::uint8_t>(Mode::live)) return corrupt("unknown mode");
  header.mode = static_cast<Mode>(mode);
  const std::uint8_t flags = in.u8();
  if (flags > kAfterCut) return corrupt("unknown flag in the segment header");
  header.after_cut = flags == kAfterCut;
  if (!all_zero(in.raw(2))) return corrupt("reserved bytes of the segment header are not zero");
  header.key_version = in.u32();
  if (header.key_version == 0) return corrupt("the segment header names no key version");
  header.number = in.u64();
  header.first_seq = in.u64();
  header.created_at = in.i64();
  header.previous_leaf = in.array<32>();
  header.salt = in.array<32>();
  header.previous_end = in.u64();
  header.previous_digest = in.array<32>();
  in.raw(32);
  if (crc32c(block.first(kChecksummedBytes)) != in.u32()) {
    return corrupt("the checksum of the segment header differs");
  }
  if (!all_zero(block.subspan(kHeaderBytes, kBlockBytes - kHeaderBytes))) {
    return corrupt("the rest of the segment header is not zero");
  }
  return header;
}

Result<void> authenticate_segment_header(BytesView block, const SegmentHeader& header,
                                         const TenantKeys& keys) {
  FLORIN_TRY(const Hash32 mac, authenticator(block, header, keys));
  if (!equal_constant_time(mac, block.subspan(kAuthenticatedBytes, mac.size()))) {
    return Error(Errc::decryption_failed, {}, {}, "the segment header was written with other keys");
  }
  return {};
}

}  // namespace florin::ledger
