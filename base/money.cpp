#include "base/money.h"

#include <fmt/format.h>

namespace florin {

Result<Money> Money::make(std::int64_t minor, Currency currency) {
  if (minor < 0 || minor > kMaxAmountMinor) {
    return Error(
        Errc::amount_invalid, {},
        fmt::format("an amount is a whole number of minor units from 0 to {}", kMaxAmountMinor));
  }
  return Money(minor, currency);
}

Result<Money> Money::plus(const Money& other) const {
  if (currency_ != other.currency_) return Error(Errc::currency_mismatch);
  // Both are at most 2^53 - 1, so the sum cannot overflow 63 bits.
  return make(minor_ + other.minor_, currency_);
}

Result<Money> Money::minus(const Money& other) const {
  if (currency_ != other.currency_) return Error(Errc::currency_mismatch);
  return make(minor_ - other.minor_, currency_);
}

std::string Money::text() const {
  std::int64_t scale = 1;
  for (int i = 0; i < currency_.exponent(); ++i) scale *= 10;
  if (scale == 1) return fmt::format("{} {}", minor_, currency_.code());
  return fmt::format("{}.{:0{}} {}", minor_ / scale, minor_ % scale, int{currency_.exponent()},
                     currency_.code());
}

}  // namespace florin
