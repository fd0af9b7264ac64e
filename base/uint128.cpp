#include "base/uint128.h"

#include <algorithm>

namespace florin {

std::string to_decimal(Uint128 value) {
  std::string out;
  do {
    out.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(out.begin(), out.end());
  return out;
}

std::string to_decimal(Int128 value) {
  if (value >= 0) return to_decimal(static_cast<Uint128>(value));
  return "-" + to_decimal(Uint128{0} - static_cast<Uint128>(value));
}

}  // namespace florin
