#include "base/ids.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/entropy.h"

namespace florin::ids_test {
namespace {

class FixedClock final : public Clock {
 public:
  explicit FixedClock(UnixNanos now) : now_(now) {}
  [[nodiscard]] UnixNanos now() const override { return now_; }
  [[nodiscard]] std::int64_t monotonic_ns() const override { return now_; }

 private:
  UnixNanos now_;
};

TEST(Uuid, TextHasTheCrockfordForm) {
  EXPECT_EQ(Uuid{}.text(), "00000000000000000000000000");
  Uuid all;
  all.bytes.fill(0xFF);
  EXPECT_EQ(all.text(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  Uuid one;
  one.bytes[15] = 0x20;
  EXPECT_EQ(one.text(), "00000000000000000000000010");
}

TEST(Uuid, RandomValuesRoundTripAndSortLikeTheirText) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Uuid previous;
  for (int i = 0; i < 1000; ++i) {
    Uuid uuid;
    for (std::uint8_t& byte : uuid.bytes) byte = static_cast<std::uint8_t>(random());
    const auto back = Uuid::parse(uuid.text());
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, uuid);
    EXPECT_EQ(uuid < previous, uuid.text() < previous.text());
    EXPECT_EQ(Uuid::from(uuid.view()), uuid);
    previous = uuid;
  }
}

TEST(Uuid, RefusesOtherSpellings) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("0000000000000000000000000"),
        std::string_view("000000000000000000000000000"),
        std::string_view("80000000000000000000000000"),
        std::string_view("0000000000000000000000000a"),
        std::string_view("0000000000000000000000000I"),
        std::string_view("0000000000000000000000000L"),
        std::string_view("0000000000000000000000000O"),
        std::string_view("0000000000000000000000000U"),
        std::string_view("0000000000000-000000000000"),
        std::string_view("0000000000000\0"
                         "000000000000",
                         26)}) {
    EXPECT_FALSE(Uuid::parse(text).ok()) << text;
  }
}

TEST(Uuid, Version7HasTimeVersionAndVariant) {
  // RFC 9562 appendix A.6: 2022-02-22T19:22:22Z, 017F22E2-79B0-7CC3-98C4-DC0C0C07398F.
  const ByteArray<10> random = {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
  EXPECT_EQ(to_hex(Uuid::v7(1645557742000, random).view()), "017f22e279b07cc398c4dc0c0c07398f");
}

TEST(Uuid, NewOnesDifferAndCarryTheTime) {
  const FixedClock clock(1'645'557'742'000 * kNanosPerMilli);
  SystemEntropy entropy;
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const Uuid uuid = new_uuid(clock, entropy);
    EXPECT_EQ(to_hex(uuid.view().first(6)), "017f22e279b0");
    seen.insert(uuid.text());
  }
  EXPECT_EQ(seen.size(), 100U);
}

TEST(Ids, RoundTripWithTheirPrefix) {
  const PaymentId id{Uuid::v7(1645557742000, {})};
  EXPECT_TRUE(id.text().starts_with("pay_"));
  const auto back = PaymentId::parse(id.text());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, id);
}

TEST(Ids, RefuseAnotherKindAndOtherSpellings) {
  const std::string digits = Uuid{}.text();
  EXPECT_TRUE(PaymentId::parse("pay_" + digits).ok());
  for (const std::string& text :
       {"ref_" + digits, "PAY_" + digits, "pay" + digits, "pay-" + digits, "pay_" + digits + " ",
        " pay_" + digits, digits, std::string("pay_"), std::string("pay"), std::string()}) {
    const auto parsed = PaymentId::parse(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code(), Errc::malformed_value);
    EXPECT_NE(parsed.error().message().find("pay_"), std::string::npos);
  }
}

}  // namespace
}  // namespace florin::ids_test
