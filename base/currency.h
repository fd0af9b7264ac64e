#pragma once
/// ISO 4217 currencies.
#include <compare>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace florin {

/// A currency of ISO 4217 list one that has an exponent. Its number is also the asset number in the
/// ledger, so the books do not depend on spelling.
class Currency {
 public:
  /// Takes upper-case alphabetic codes. Error: `currency_unknown`.
  static Result<Currency> parse(std::string_view code);
  /// Error: `currency_unknown`.
  static Result<Currency> from_number(std::uint16_t number);

  auto operator<=>(const Currency&) const = default;
  [[nodiscard]] std::string_view code() const noexcept;
  [[nodiscard]] std::uint16_t number() const noexcept { return number_; }
  /// Decimal places of the minor unit.
  [[nodiscard]] std::uint8_t exponent() const noexcept;

 private:
  explicit Currency(std::uint16_t number) noexcept : number_(number) {}
  std::uint16_t number_;
};

}  // namespace florin
