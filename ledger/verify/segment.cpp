#include "ledger/verify/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/hash.h"

namespace florin::verify {
namespace {

constexpr std::string_view kSegmentMagic{"FLRSEG1\0", 8};
constexpr std::string_view kFrameMagic{"FLF1"};
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kEpoch = 1;
constexpr std::uint8_t kAfterCut = 1;
constexpr std::uint8_t kLastMode = 2;
constexpr std::size_t kHeaderBytes = 204;
constexpr std::size_t kFrameHeaderBytes = 32;
constexpr std::size_t kFrameChecksummedBytes = 28;
constexpr std::uint32_t kLastOfGroup = 1;
// Lengths of leaf and body, the largest of both, the tag of the seal.
constexpr std::uint32_t kMaxSealedBytes = 4 + 1900 + 4 + 65'536 + 16;

Error corrupt(std::string what) {
  return Error(Errc::ledger_corrupt, {}, std::move(what));
}

bool all_zero(BytesView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// Reads a file front to back.
class FrameWalk {
 public:
  FrameWalk(const std::filesystem::path& path, std::uint64_t end)
      : in_(path, std::ios::binary), end_(end) {}

  Result<std::uint64_t> run() {
    if (!in_.is_open()) return Error(Errc::io_failure, {}, "cannot be read");
    in_.seekg(static_cast<std::streamoff>(kSegmentBlockBytes));
    at_ = kSegmentBlockBytes;
    while (at_ < end_) FLORIN_TRY_VOID(group());
    if (at_ != end_) return here("the last group goes on behind the end");
    return frames_;
  }

 private:
  Error here(std::string_view what) const {
    return corrupt(fmt::format("offset {}: {}", at_, what));
  }

  Result<void> group() {
    bool last = false;
    while (!last) {
      FLORIN_TRY(last, frame());
    }
    const std::uint64_t blocks = (at_ + kSegmentBlockBytes - 1) / kSegmentBlockBytes;
    FLORIN_TRY(const Bytes padding,
               take(static_cast<std::size_t>(blocks * kSegmentBlockBytes - at_)));
    if (!all_zero(padding)) return here("the group is not padded with zeroes");
    ++groups_;
    return {};
  }

  // True when it is the last one of its group.
  Result<bool> frame() {
    FLORIN_TRY(const Bytes head, take(kFrameHeaderBytes));
    ByteReader reader(head);
    if (text_of(reader.raw(kFrameMagic.size())) != kFrameMagic) return here("not a frame");
    if (reader.u64() != frames_ || reader.u64() != groups_) return here("not the next frame");
    const std::uint32_t size = reader.u32();
    const std::uint32_t flags = reader.u32();
    const std::uint32_t checksum = reader.u32();
    if (size > kMaxSealedBytes || (flags & ~kLastOfGroup) != 0) return here("not a frame header");
    FLORIN_TRY(const Bytes sealed, take(size));
    const std::uint32_t begun = crc32c(BytesView(head).first(kFrameChecksummedBytes));
    if (crc32c(sealed, begun) != checksum) return here("the checksum of a frame differs");
    ++frames_;
    return (flags & kLastOfGroup) != 0;
  }

  Result<Bytes> take(std::size_t count) {
    if (count > end_ - at_) return here("ends within a group");
    Bytes out(count);
    in_.read(reinterpret_cast<char*>(out.data()),  // NOLINT(*reinterpret-cast*)
             static_cast<std::streamsize>(count));
    if (in_.bad()) return Error(Errc::io_failure, {}, "cannot be read");
    if (static_cast<std::size_t>(in_.gcount()) != count) return here("the file ends too early");
    at_ += count;
    return out;
  }

  std::ifstream in_;
  std::uint64_t end_;
  std::uint64_t at_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t groups_ = 0;
};

}  // namespace

Result<ClearSegmentHeader> decode_clear_header(BytesView block) {
  if (block.size() < kSegmentBlockBytes) return corrupt("the segment header is cut short");
  ByteReader in(block.first(kHeaderBytes));
  if (text_of(in.raw(kSegmentMagic.size())) != kSegmentMagic) return corrupt("not a segment");
  if (in.u32() != kFormat || in.u32() != kEpoch) return corrupt("unknown segment format or epoch");
  ClearSegmentHeader out;
  out.tenant = Uuid{in.array<16>()};
  out.mode = in.u8();
  if (out.mode > kLastMode) return corrupt("unknown mode");
  const std::uint8_t flags = in.u8();
  if (flags > kAfterCut || !all_zero(in.raw(2))) return corrupt("reserved bytes are not zero");
  out.key_version = in.u32();
  if (out.key_version == 0) return corrupt("no key version");
  out.after_cut = flags == kAfterCut;
  out.number = in.u64();
  out.first_seq = in.u64();
  (void)in.i64();  // created at
  out.previous_leaf = in.array<32>();
  in.raw(32);  // salt
  out.previous_end = in.u64();
  out.previous_digest = in.array<32>();
  if (crc32c(block.first(kSegmentChecksummedBytes)) !=
      ByteReader(block.subspan(kSegmentChecksummedBytes, 4)).u32()) {
    return corrupt("the checksum of the segment header differs");
  }
  if (!all_zero(block.subspan(kHeaderBytes, kSegmentBlockBytes - kHeaderBytes))) {
    return corrupt("the rest of the segment header is not zero");
  }
  return out;
}

Result<ClearSegmentHeader> read_clear_header(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return Error(Errc::not_found, {}, "is missing");
  Bytes block(kSegmentBlockBytes);
  in.read(reinterpret_cast<char*>(block.data()),  // NOLINT(*reinterpret-cast*)
          static_cast<std::streamsize>(block.size()));
  if (in.bad()) return Error(Errc::io_failure, {}, "cannot be read");
  block.resize(static_cast<std::size_t>(in.gcount()));
  return decode_clear_header(block);
}

Result<std::uint64_t> count_frames(const std::filesystem::path& path, std::uint64_t end) {
  if (end < kSegmentBlockBytes) return corrupt("ends within its header");
  return FrameWalk(path, end).run();
}

}  // namespace florin::verify
