#include "daemon/engine/line_guard.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace florin::engine::line_guard_test {
namespace {

constexpr std::int64_t kSecond = kNanosPerSecond;

// Ends of exchanges that began together, as far as the guard lets them.
void run(LineGuard& guard, std::int64_t now, int count, bool failed) {
  for (int i = 0; i < count; ++i) {
    if (guard.admit(now) == Admission::admitted) guard.ended(now, failed);
  }
}

TEST(LineGuard, AtMostSoManyUnderWay) {
  LineGuard guard({.max_in_flight = 2});
  EXPECT_EQ(guard.admit(0), Admission::admitted);
  EXPECT_EQ(guard.admit(0), Admission::admitted);
  EXPECT_EQ(guard.admit(0), Admission::crowded);
  guard.ended(0, false);
  EXPECT_EQ(guard.admit(0), Admission::admitted);
  // What brings evidence goes first, always.
  guard.enter();
  EXPECT_EQ(guard.in_flight(), 3U);
}

TEST(LineGuard, AtMostSoManyASecond) {
  LineGuard guard({.per_second = 10});
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += guard.admit(kSecond) == Admission::admitted ? 1 : 0;
  EXPECT_EQ(admitted, 10);
  EXPECT_EQ(guard.admit(kSecond), Admission::too_fast);
  EXPECT_EQ(guard.admit(kSecond + kSecond / 10), Admission::admitted);
  EXPECT_EQ(guard.admit(kSecond + kSecond / 10), Admission::too_fast);
  admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += guard.admit(9 * kSecond) == Admission::admitted ? 1 : 0;
  EXPECT_EQ(admitted, 10);
}

TEST(LineGuard, OpensAfterFailuresAndClosesAfterOneGoodTrial) {
  LineGuard guard({});
  run(guard, 0, 14, true);
  EXPECT_FALSE(guard.is_open());
  run(guard, 0, 1, true);
  EXPECT_TRUE(guard.is_open());
  EXPECT_EQ(guard.admit(29 * kSecond), Admission::left_alone);
  EXPECT_EQ(guard.admit(30 * kSecond), Admission::admitted);
  // One at a time.
  EXPECT_EQ(guard.admit(30 * kSecond), Admission::left_alone);
  guard.ended(31 * kSecond, true);
  EXPECT_TRUE(guard.is_open());
  EXPECT_EQ(guard.admit(60 * kSecond), Admission::left_alone);
  EXPECT_EQ(guard.admit(61 * kSecond), Admission::admitted);
  guard.ended(62 * kSecond, false);
  EXPECT_FALSE(guard.is_open());
  run(guard, 62 * kSecond, 14, true);
  EXPECT_FALSE(guard.is_open());
}

TEST(LineGuard, SomeFailuresAmongManySuccessesAreNormal) {
  LineGuard guard({});
  for (int i = 0; i < 1'000; ++i) run(guard, i, 1, i % 3 != 0);
  EXPECT_FALSE(guard.is_open());
}

TEST(LineGuard, OldFailuresDoNotCount) {
  LineGuard guard({});
  for (int i = 0; i < 100; ++i) run(guard, i * 5 * kSecond, 1, true);
  EXPECT_FALSE(guard.is_open());
}

TEST(LineGuard, AnInquiryThatIsAnsweredClosesIt) {
  LineGuard guard({});
  run(guard, 0, 15, true);
  guard.enter();
  guard.ended(kSecond, false);
  EXPECT_TRUE(guard.is_open());  // too early to mean anything
  guard.enter();
  guard.ended(31 * kSecond, false);
  EXPECT_FALSE(guard.is_open());
  EXPECT_EQ(guard.in_flight(), 0U);
}

TEST(LineGuard, CanBeWithoutABreaker) {
  LineGuard guard({.breaker_failures = 0});
  run(guard, 0, 1'000, true);
  EXPECT_FALSE(guard.is_open());
}

}  // namespace
}  // namespace florin::engine::line_guard_test
