#include "daemon/webhooks/schedule.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/webhooks/answer.h"

namespace florin::webhooks::schedule_test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Schedule, EveryPauseStaysWithinItsJitter) {
  const std::vector<seconds> nominal{seconds(5), minutes(1), minutes(5), minutes(30), hours(2),
                                     hours(5),   hours(10),  hours(14),  hours(20),   hours(24)};
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (std::uint32_t failed = 1; failed <= nominal.size(); ++failed) {
    const nanoseconds base = nominal[failed - 1];
    const nanoseconds spread = base / (failed == 1 ? 2 : 5);
    nanoseconds lowest = base * 2;
    nanoseconds highest{};
    for (int i = 0; i < 2000; ++i) {
      const nanoseconds delay = retry_delay(failed, random()).value();
      EXPECT_GE(delay, base - spread);
      EXPECT_LE(delay, base + spread);
      lowest = std::min(lowest, delay);
      highest = std::max(highest, delay);
    }
    EXPECT_LT(lowest, base - spread / 2);
    EXPECT_GT(highest, base + spread / 2);
  }
}

TEST(Schedule, EndsAfterElevenAttempts) {
  EXPECT_TRUE(retry_delay(kMaxAttempts - 1, 0).has_value());
  EXPECT_FALSE(retry_delay(kMaxAttempts, 0).has_value());
  EXPECT_FALSE(retry_delay(0, 0).has_value());
}

TEST(Schedule, SameJitterSamePause) {
  EXPECT_EQ(retry_delay(3, 12345), retry_delay(3, 12345));
}

TEST(RetryAfter, TakesSecondsAndDates) {
  const UnixNanos now = 784111777 * kNanosPerSecond;  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(parse_retry_after("0", now), seconds(0));
  EXPECT_EQ(parse_retry_after("120", now), seconds(120));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now), seconds(60));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), seconds(0));
}

TEST(RetryAfter, IsBounded) {
  EXPECT_EQ(parse_retry_after("86401", 0), kMaxRetryAfter);
  EXPECT_EQ(parse_retry_after("99999999999999999999999", 0), kMaxRetryAfter);
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", 0), kMaxRetryAfter);
}

TEST(RetryAfter, IgnoresNonsense) {
  for (const char* text : {"", "-1", "1.5", " 5", "5s", "soon", "Sun, 32 Nov 1994 08:49:37 GMT",
                           "Sun, 06 ovD 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 06 Nov 1994 -1:49:37 GMT"}) {
    EXPECT_FALSE(parse_retry_after(text, 0).has_value()) << text;
  }
}

TEST(Answer, OnlyTwoHundredsDeliver) {
  for (int status = 100; status < 600; ++status) {
    const Answer expected = status / 100 == 2   ? Answer::delivered
                            : status == 410     ? Answer::gone
                            : status / 100 == 3 ? Answer::redirected
                                                : Answer::failed;
    EXPECT_EQ(classify(status), expected) << status;
  }
}

}  // namespace
}  // namespace florin::webhooks::schedule_test
