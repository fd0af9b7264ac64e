// Leaves of the ledger: bytes that decode are the only encoding of what they decode to.
#include <algorithm>

#include "base/check.h"
#include "ledger/verify/leaf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto leaf = florin::verify::decode_leaf({data, size});
  if (!leaf.ok()) return 0;
  const florin::Bytes again = florin::verify::encode_leaf(*leaf);
  FLORIN_ASSERT(std::equal(again.begin(), again.end(), data, data + size));
  return 0;
}
