#include "ledger/verify/numbers.h"

#include <limits>

namespace florin::verify {
namespace {

constexpr Uint128 kMax = ~Uint128{0};

}  // namespace

std::optional<Uint128> parse_u128(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  Uint128 value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    const auto number = static_cast<unsigned>(digit - '0');
    if (value > (kMax - number) / 10) return std::nullopt;
    value = value * 10 + number;
  }
  return value;
}

std::optional<std::uint64_t> parse_u64(std::string_view text) {
  const auto value = parse_u128(text);
  if (!value || *value > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

bool add_checked(Uint128& sum, Uint128 value) {
  if (value > kMax - sum) return false;
  sum += value;
  return true;
}

}  // namespace florin::verify
