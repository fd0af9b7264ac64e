// Wrapped roots: bytes that decode are the only encoding of what they decode to.
#include <algorithm>

#include "base/check.h"
#include "daemon/vault/wrapped_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = florin::vault::decode_wrapped_key({data, size});
  if (!key.ok()) return 0;
  const florin::Bytes again = florin::vault::encode_wrapped_key(*key);
  FLORIN_ASSERT(std::equal(again.begin(), again.end(), data, data + size));
  return 0;
}
