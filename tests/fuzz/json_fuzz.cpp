// Strict JSON: what the parser takes is written and read back unchanged.
#include "base/check.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = florin::json::parse(florin::text_of({data, size}));
  if (!parsed.ok()) return 0;
  const auto again = florin::json::parse(florin::json::write(*parsed), {.bytes = 1UL << 20U});
  FLORIN_ASSERT(again.ok() && *again == *parsed);
  const std::string canonical = florin::json::canonical(*parsed);
  const auto sorted = florin::json::parse(canonical, {.bytes = 1UL << 20U});
  FLORIN_ASSERT(sorted.ok() && florin::json::canonical(*sorted) == canonical);
  return 0;
}
