#include "daemon/connectors/stripe/amounts.h"

#include <algorithm>

namespace florin::connectors::stripe_dialect {
namespace {

// Where Stripe's unit differs from that of ISO 4217, or where only some amounts are taken: the rows
// of tests/data/connectors/psp_minor_units.csv that deviate or have a note.
struct Exception {
  std::string_view code;
  int exponent;           ///< theirs; -1 = sources disagree, so nothing is sent
  std::int64_t multiple;  ///< theirs must be a multiple of it
};
constexpr Exception kExceptions[] = {
    {"MGA", 0, 1},  {"ISK", 2, 100}, {"UGX", -1, 1}, {"IQD", -1, 1}, {"BHD", 3, 10},
    {"JOD", 3, 10}, {"KWD", 3, 10},  {"OMR", 3, 10}, {"TND", 3, 10}, {"LYD", -1, 1},
};

struct Unit {
  int exponent;
  std::int64_t multiple;
};

Unit unit_of(Currency currency) {
  const auto* const row =
      std::find_if(std::begin(kExceptions), std::end(kExceptions),
                   [&](const Exception& exception) { return exception.code == currency.code(); });
  if (row == std::end(kExceptions)) return {currency.exponent(), 1};
  return {row->exponent, row->multiple};
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t out = 1;
  for (int i = 0; i < exponent; ++i) out *= 10;
  return out;
}

}  // namespace

bool is_supported(Currency currency) {
  const int exponent = unit_of(currency).exponent;
  // Four decimals are in nobody's list.
  return exponent >= 0 && currency.exponent() <= 3;
}

std::optional<std::int64_t> to_theirs(const Money& amount) {
  if (!is_supported(amount.currency())) return std::nullopt;
  const Unit unit = unit_of(amount.currency());
  const int shift = unit.exponent - amount.currency().exponent();
  std::int64_t theirs = amount.minor();
  if (shift >= 0) {
    const std::int64_t factor = power_of_ten(shift);
    if (theirs > kMaxAmountMinor / factor) return std::nullopt;
    theirs *= factor;
  } else {
    const std::int64_t divisor = power_of_ten(-shift);
    if (theirs % divisor != 0) return std::nullopt;
    theirs /= divisor;
  }
  if (theirs % unit.multiple != 0) return std::nullopt;
  return theirs;
}

std::optional<Money> to_ours(std::int64_t theirs, std::string_view currency) {
  std::string upper(currency);
  // Only what they write: lower case.
  if (!std::all_of(upper.begin(), upper.end(), [](char c) { return c >= 'a' && c <= 'z'; })) {
    return std::nullopt;
  }
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  const auto known = Currency::parse(upper);
  if (!known.ok() || !is_supported(*known) || theirs < 0 || theirs > kMaxAmountMinor) {
    return std::nullopt;
  }
  const int shift = unit_of(*known).exponent - known->exponent();
  std::int64_t ours = theirs;
  if (shift >= 0) {
    const std::int64_t divisor = power_of_ten(shift);
    if (ours % divisor != 0) return std::nullopt;
    ours /= divisor;
  } else {
    const std::int64_t factor = power_of_ten(-shift);
    if (ours > kMaxAmountMinor / factor) return std::nullopt;
    ours *= factor;
  }
  const auto money = Money::make(ours, *known);
  return money.ok() ? std::optional<Money>(*money) : std::nullopt;
}

std::string currency_code(Currency currency) {
  std::string code(currency.code());
  std::transform(code.begin(), code.end(), code.begin(),
                 [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  return code;
}

}  // namespace florin::connectors::stripe_dialect
