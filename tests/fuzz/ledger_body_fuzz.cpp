// Sealed part of an entry: bytes that decode are the only encoding of what they decode to.
#include <algorithm>

#include "base/check.h"
#include "ledger/body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = florin::ledger::decode_body({data, size});
  if (!body.ok()) return 0;
  const auto again = florin::ledger::encode_body(*body);
  FLORIN_ASSERT(again.ok());
  FLORIN_ASSERT(std::equal(again->begin(), again->end(), data, data + size));
  return 0;
}
