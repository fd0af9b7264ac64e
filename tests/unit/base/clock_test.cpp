#include "base/clock.h"

#include <gtest/gtest.h>

#include <random>

namespace florin::clock_test {
namespace {

TEST(Rfc3339, WritesMicrosecondsInUtc) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(1'763'629'920'123'456'789), "2025-11-20T09:12:00.123456Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(INT64_MAX), "2262-04-11T23:47:16.854775Z");
}

TEST(Rfc3339, TakesItsOwnFormAndWholeSeconds) {
  EXPECT_EQ(*from_rfc3339("2025-11-20T09:12:00Z"), 1'763'629'920 * kNanosPerSecond);
  EXPECT_EQ(*from_rfc3339("2025-11-20T09:12:00.123456Z"), 1'763'629'920'123'456'000);
  EXPECT_EQ(*from_rfc3339("2024-02-29T00:00:00Z"), 1'709'164'800 * kNanosPerSecond);
}

TEST(Rfc3339, RandomTimesRoundTrip) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 1000; ++i) {
    const auto micros = static_cast<std::int64_t>(random() % 7'000'000'000'000'000U);
    const auto back = from_rfc3339(to_rfc3339(micros * 1000));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, micros * 1000);
  }
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2025-11-20",
                           "2025-11-20T09:12:00",
                           "2025-11-20T09:12Z",
                           "2025-11-20 09:12:00Z",
                           "2025-11-20t09:12:00z",
                           "2025-11-20T09:12:00+00:00",
                           "2025-11-20T09:12:00.1Z",
                           "2025-11-20T09:12:00.1234567Z",
                           "2025-11-20T09:12:00,123456Z",
                           "2025-02-29T00:00:00Z",
                           "2025-13-01T00:00:00Z",
                           "2025-00-01T00:00:00Z",
                           "2025-01-32T00:00:00Z",
                           "2025-01-01T24:00:00Z",
                           "2025-01-01T00:60:00Z",
                           "2025-01-01T00:00:60Z",
                           "1969-12-31T23:59:59Z",
                           "2201-01-01T00:00:00Z",
                           "+025-01-01T00:00:00Z",
                           "2025- 1-01T00:00:00Z",
                           "2025-01-01T00:00:00.-12345Z",
                           "2025-01-01T00:00:00ZZ"}) {
    const auto parsed = from_rfc3339(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code(), Errc::malformed_value);
  }
}

TEST(DayOf, RoundsTowardsThePast) {
  constexpr std::int64_t day_ns = 86'400 * kNanosPerSecond;
  EXPECT_EQ(day_of(0), 0);
  EXPECT_EQ(day_of(day_ns - 1), 0);
  EXPECT_EQ(day_of(day_ns), 1);
  EXPECT_EQ(day_of(-1), -1);
  EXPECT_EQ(day_of(-day_ns), -1);
  EXPECT_EQ(day_of(-day_ns - 1), -2);
  EXPECT_EQ(day_of(INT64_MIN), -106752);
  EXPECT_EQ(day_of(INT64_MAX), 106751);
}

TEST(SystemClock, MonotonicNeverGoesBack) {
  const SystemClock clock;
  std::int64_t previous = clock.monotonic_ns();
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t now = clock.monotonic_ns();
    EXPECT_GE(now, previous);
    previous = now;
  }
  EXPECT_GT(clock.now(), 1'700'000'000 * kNanosPerSecond);
}

}  // namespace
}  // namespace florin::clock_test
