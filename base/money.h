#pragma once
/// Amounts of money: integers of the minor unit with their currency; checked arithmetic only.
#include <compare>
#include <cstdint>
#include <string>

#include "base/currency.h"

namespace florin {

/// The largest amount that any interface takes: 2^53 - 1, exact in every JSON reader.
inline constexpr std::int64_t kMaxAmountMinor = (std::int64_t{1} << 53) - 1;

/// A non-negative amount of one currency, at most kMaxAmountMinor.
class Money {
 public:
  /// Error: `amount_invalid` outside 0..kMaxAmountMinor.
  static Result<Money> make(std::int64_t minor, Currency currency);
  static Money zero(Currency currency) noexcept { return {0, currency}; }

  [[nodiscard]] std::int64_t minor() const noexcept { return minor_; }
  [[nodiscard]] Currency currency() const noexcept { return currency_; }
  [[nodiscard]] bool is_zero() const noexcept { return minor_ == 0; }
  bool operator==(const Money&) const = default;

  /// Error: `currency_mismatch`, `amount_invalid` on overflow.
  [[nodiscard]] Result<Money> plus(const Money& other) const;
  /// Error: `currency_mismatch`, `amount_invalid` below zero.
  [[nodiscard]] Result<Money> minus(const Money& other) const;
  /// Decimal text with the currency's exponent, for people: "1299.00 EUR".
  [[nodiscard]] std::string text() const;

 private:
  Money(std::int64_t minor, Currency currency) noexcept : minor_(minor), currency_(currency) {}
  std::int64_t minor_;
  Currency currency_;
};

}  // namespace florin
