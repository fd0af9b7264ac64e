// The log: frames and groups as they are read back from a disk that may have changed them.
#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "ledger/group.h"

namespace {

using florin::Bytes;
using florin::BytesView;

constexpr std::size_t kSizeAt = 20;
constexpr std::size_t kChecksumAt = 28;

void read_as_group(BytesView bytes, BytesView key) {
  const auto group = florin::ledger::read_group(bytes, {4096, 0, 0}, key);
  if (!group.ok()) return;
  // What is read is what would be written.
  Bytes again;
  for (const auto& frame : group->frames) {
    const Bytes sealed =
        florin::ledger::seal_frame(key, frame.header, frame.content.leaf, frame.content.body);
    again.insert(again.end(), sealed.begin(), sealed.end());
  }
  again.resize((again.size() + 4095) / 4096 * 4096);
  FLORIN_ASSERT(group->next.offset == 4096 + again.size());
  FLORIN_ASSERT(std::equal(again.begin(), again.end(), bytes.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const florin::Hash32 key{};
  const BytesView raw(data, size);
  (void)florin::ledger::is_of_later_group(raw, 0, key);
  read_as_group(raw, key);
  // Behind the checksum.
  Bytes summed(data, data + size);
  florin::ByteReader header(raw);
  header.raw(kSizeAt);
  const std::uint32_t sealed_bytes = header.u32();
  if (size >= florin::ledger::kFrameHeaderBytes &&
      sealed_bytes <= size - florin::ledger::kFrameHeaderBytes) {
    florin::ByteWriter sum;
    sum.u32(florin::crc32c(raw.subspan(florin::ledger::kFrameHeaderBytes, sealed_bytes),
                           florin::crc32c(raw.first(kChecksumAt))));
    std::copy(sum.view().begin(), sum.view().end(), summed.begin() + kChecksumAt);
    (void)florin::ledger::decode_frame_header(summed).ok();
    read_as_group(summed, key);
  }
  // Behind the seal.
  const BytesView content = raw.first(std::min<std::size_t>(size, 512));
  const std::size_t leaf = content.size() / 2;
  Bytes sealed =
      florin::ledger::seal_frame(key, {0, 0, 0, true}, content.first(leaf), content.subspan(leaf));
  sealed.resize(florin::ledger::kBlockBytes);
  FLORIN_ASSERT(florin::ledger::read_group(sealed, {4096, 0, 0}, key).ok());
  return 0;
}
