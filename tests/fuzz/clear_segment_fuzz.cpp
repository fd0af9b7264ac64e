// The header of a segment as it is read without keys.
#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "ledger/verify/segment.h"

namespace {

using florin::verify::kSegmentChecksummedBytes;

void decode(florin::BytesView block) {
  const auto header = florin::verify::decode_clear_header(block);
  if (header.ok()) FLORIN_ASSERT(header->mode <= 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  decode({data, size});
  // Behind the checksum.
  florin::Bytes block(data, data + size);
  block.resize(std::max<std::size_t>(size, florin::verify::kSegmentBlockBytes));
  florin::ByteWriter sum;
  sum.u32(florin::crc32c(florin::BytesView(block).first(kSegmentChecksummedBytes)));
  std::copy(sum.view().begin(), sum.view().end(), block.begin() + kSegmentChecksummedBytes);
  decode(block);
  return 0;
}
