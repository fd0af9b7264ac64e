// First block of a segment: what decodes is what would be written, but for the authenticator.
#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "ledger/segment_header.h"

namespace {

constexpr std::ptrdiff_t kAuthenticatedBytes = 168;
constexpr std::ptrdiff_t kChecksummedBytes = 200;

class FixedKeys final : public florin::TenantKeys {
 public:
  [[nodiscard]] florin::Result<florin::Secret> index_key(std::string_view label,
                                                         florin::BytesView salt) const override {
    return florin::hkdf_sha256(florin::Hash32{}, salt, florin::view_of(label), 32);
  }
  [[nodiscard]] std::uint32_t active_version() const override { return 1; }
  [[nodiscard]] florin::Result<florin::Secret> derive_in(std::uint32_t /*version*/,
                                                         std::string_view label,
                                                         florin::BytesView salt) const override {
    return index_key(label, salt);
  }
};

void decode(florin::BytesView block) {
  const auto header = florin::ledger::decode_segment_header(block);
  if (!header.ok()) return;
  const FixedKeys keys;
  const auto again = florin::ledger::encode_segment_header(*header, keys);
  FLORIN_ASSERT(again.ok());
  FLORIN_ASSERT(std::equal(again->begin(), again->begin() + kAuthenticatedBytes, block.begin()));
  FLORIN_ASSERT(florin::ledger::authenticate_segment_header(*again, *header, keys).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  decode({data, size});
  // Behind the checksum.
  florin::Bytes block(data, data + size);
  block.resize(std::max<std::size_t>(size, florin::ledger::kBlockBytes));
  florin::ByteWriter sum;
  sum.u32(florin::crc32c(florin::BytesView(block).first(kChecksummedBytes)));
  std::copy(sum.view().begin(), sum.view().end(), block.begin() + kChecksummedBytes);
  decode(block);
  return 0;
}
