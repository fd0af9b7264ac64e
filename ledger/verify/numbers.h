#pragma once
/// Strict decimal texts: digits only, no sign, no leading zero.
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/uint128.h"

namespace florin::verify {

std::optional<std::uint64_t> parse_u64(std::string_view text);
std::optional<Uint128> parse_u128(std::string_view text);

/// False on overflow; `sum` is then untouched.
bool add_checked(Uint128& sum, Uint128 value);

}  // namespace florin::verify
