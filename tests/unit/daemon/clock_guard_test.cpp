#include "daemon/clock_guard.h"

#include <gtest/gtest.h>

namespace florin::clock_guard_test {
namespace {

constexpr std::int64_t kMinute_ns = 60 * kNanosPerSecond;
constexpr UnixNanos kWall = 1'795'280'000 * kNanosPerSecond;
constexpr std::int64_t kBoot = 4'000 * kNanosPerSecond;

TEST(ClockGuard, ClocksThatRunTogetherMayRunForEver) {
  ClockGuard guard(kWall, kBoot);
  for (std::int64_t day = 0; day < 1000; ++day) {
    const std::int64_t passed = day * 1440 * kMinute_ns;
    EXPECT_FALSE(guard.check(kWall + passed, kBoot + passed));
  }
  EXPECT_FALSE(guard.diverged());
  EXPECT_EQ(guard.divergence_ns(), 0);
}

TEST(ClockGuard, FiveMinutesAreTakenAndMoreAreNot) {
  for (const std::int64_t sign : {1, -1}) {
    ClockGuard guard(kWall, kBoot);
    EXPECT_FALSE(guard.check(kWall + sign * 5 * kMinute_ns, kBoot));
    EXPECT_TRUE(guard.check(kWall + sign * (5 * kMinute_ns + 1), kBoot));
    EXPECT_TRUE(guard.diverged());
    EXPECT_EQ(guard.divergence_ns(), sign * (5 * kMinute_ns + 1));
    // It is told once.
    EXPECT_FALSE(guard.check(kWall + sign * 60 * kMinute_ns, kBoot));
  }
}

TEST(ClockGuard, OnlyAConfirmationEndsIt) {
  ClockGuard guard(kWall, kBoot);
  EXPECT_TRUE(guard.check(kWall + 60 * kMinute_ns, kBoot));
  // Set back by itself: who knows what was done with it meanwhile.
  EXPECT_FALSE(guard.check(kWall, kBoot));
  EXPECT_TRUE(guard.diverged());
  EXPECT_EQ(guard.confirm(kWall + 30 * kMinute_ns, kBoot), 30 * kMinute_ns);
  EXPECT_FALSE(guard.diverged());
  EXPECT_FALSE(guard.check(kWall + 31 * kMinute_ns, kBoot + kMinute_ns));
  EXPECT_TRUE(guard.check(kWall, kBoot));
  EXPECT_EQ(guard.confirm(kWall, kBoot), -30 * kMinute_ns);
  EXPECT_EQ(guard.confirm(kWall, kBoot), 0);
}

}  // namespace
}  // namespace florin::clock_guard_test
