#pragma once
/// 128-bit unsigned integers, for balance totals and identifier arithmetic.
#include <string>

namespace florin {

// A GNU extension that both of our compilers have; named once so that -Wpedantic stays on
// elsewhere.
__extension__ using Uint128 = unsigned __int128;
__extension__ using Int128 = __int128;

std::string to_decimal(Uint128 value);
std::string to_decimal(Int128 value);

}  // namespace florin
