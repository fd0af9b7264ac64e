#include "base/money.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/uint128.h"

namespace florin::money_test {
namespace {

Currency currency(std::string_view code) {
  return *Currency::parse(code);
}
Money money(std::int64_t minor, std::string_view code) {
  return *Money::make(minor, currency(code));
}

TEST(Currency, TableEqualsThePublishedList) {
  std::ifstream file(FLORIN_TEST_DATA "/base/iso4217.csv");
  std::string line;
  std::getline(file, line);
  ASSERT_EQ(line.substr(0, 21), "code,numeric,exponent");
  int usable = 0;
  while (std::getline(file, line)) {
    const std::string code = line.substr(0, 3);
    const std::string number = line.substr(4, 3);
    const std::string exponent = line.substr(8, line.find(',', 8) - 8);
    const auto parsed = Currency::parse(code);
    ASSERT_EQ(parsed.ok(), !exponent.empty()) << code;
    if (!parsed.ok()) continue;
    ++usable;
    EXPECT_EQ(parsed->code(), code);
    EXPECT_EQ(parsed->number(), std::stoi(number)) << code;
    EXPECT_EQ(parsed->exponent(), std::stoi(exponent)) << code;
    const auto by_number = Currency::from_number(parsed->number());
    ASSERT_TRUE(by_number.ok()) << code;
    EXPECT_EQ(*by_number, *parsed);
  }
  int numbers = 0;
  for (int number = 0; number < 65536; ++number) {
    if (Currency::from_number(static_cast<std::uint16_t>(number)).ok()) ++numbers;
  }
  EXPECT_GT(usable, 150);
  EXPECT_EQ(numbers, usable) << "the table has codes that the list does not have";
}

TEST(Currency, RefusesOtherSpellingsAndNonCurrencies) {
  for (const char* code :
       {"", "E", "EU", "eur", "EURO", "EUR ", "XXX", "XTS", "XAU", "ZZZ", "DEM"}) {
    const auto parsed = Currency::parse(code);
    ASSERT_FALSE(parsed.ok()) << code;
    EXPECT_EQ(parsed.error().code(), Errc::currency_unknown);
  }
  EXPECT_FALSE(Currency::parse(std::string_view("EUR\0", 4)).ok());
}

TEST(Money, MakeKeepsItsRange) {
  EXPECT_TRUE(Money::make(0, currency("EUR")).ok());
  EXPECT_TRUE(Money::make(kMaxAmountMinor, currency("EUR")).ok());
  for (const std::int64_t minor : {std::int64_t{-1}, kMaxAmountMinor + 1, INT64_MIN, INT64_MAX}) {
    const auto made = Money::make(minor, currency("EUR"));
    ASSERT_FALSE(made.ok()) << minor;
    EXPECT_EQ(made.error().code(), Errc::amount_invalid);
  }
}

TEST(Money, ArithmeticIsCheckedAtBothEnds) {
  EXPECT_EQ(*money(1, "EUR").plus(money(2, "EUR")), money(3, "EUR"));
  EXPECT_EQ(*money(3, "EUR").minus(money(3, "EUR")), Money::zero(currency("EUR")));
  EXPECT_TRUE(money(kMaxAmountMinor, "EUR").plus(money(0, "EUR")).ok());
  EXPECT_EQ(money(kMaxAmountMinor, "EUR").plus(money(1, "EUR")).error().code(),
            Errc::amount_invalid);
  EXPECT_EQ(money(kMaxAmountMinor, "EUR").plus(money(kMaxAmountMinor, "EUR")).error().code(),
            Errc::amount_invalid);
  EXPECT_EQ(money(0, "EUR").minus(money(1, "EUR")).error().code(), Errc::amount_invalid);
  EXPECT_EQ(money(0, "EUR").minus(money(kMaxAmountMinor, "EUR")).error().code(),
            Errc::amount_invalid);
}

TEST(Money, CurrenciesNeverMix) {
  EXPECT_EQ(money(1, "EUR").plus(money(1, "USD")).error().code(), Errc::currency_mismatch);
  EXPECT_EQ(money(1, "EUR").minus(money(1, "USD")).error().code(), Errc::currency_mismatch);
  EXPECT_NE(money(1, "EUR"), money(1, "USD"));
}

TEST(Money, TextHasTheExponentOfTheCurrency) {
  EXPECT_EQ(money(129900, "EUR").text(), "1299.00 EUR");
  EXPECT_EQ(money(5, "EUR").text(), "0.05 EUR");
  EXPECT_EQ(money(5, "JPY").text(), "5 JPY");
  EXPECT_EQ(money(1005, "BHD").text(), "1.005 BHD");
  EXPECT_EQ(money(12345, "CLF").text(), "1.2345 CLF");
  EXPECT_EQ(money(kMaxAmountMinor, "EUR").text(), "90071992547409.91 EUR");
}

TEST(Uint128, DecimalTextAtTheEnds) {
  const Uint128 most = ~Uint128{0};
  EXPECT_EQ(to_decimal(Uint128{0}), "0");
  EXPECT_EQ(to_decimal(most), "340282366920938463463374607431768211455");
  EXPECT_EQ(to_decimal(Int128{-1}), "-1");
  EXPECT_EQ(to_decimal(static_cast<Int128>(most >> 1U)), "170141183460469231731687303715884105727");
  EXPECT_EQ(to_decimal(static_cast<Int128>(Uint128{1} << 127U)),
            "-170141183460469231731687303715884105728");
}

}  // namespace
}  // namespace florin::money_test
