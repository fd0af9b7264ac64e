// What is served while the security module is away; the lock and the marker in the data directory.
#include "daemon/service_level.h"

#include <gtest/gtest.h>

#include "daemon/instance_lock.h"
#include "daemon/pin_marker.h"
#include "support/temp_dir.h"

namespace florin::service_level_test {
namespace {

using namespace std::chrono_literals;

TEST(ServiceLevel, TheWholeTable) {
  const ServicePolicy policy{.grace = 900s, .max_unsigned = 600s};
  EXPECT_EQ(service_level(policy, std::nullopt, 0s), ServiceLevel::full);
  EXPECT_EQ(service_level(policy, 0s, 0s), ServiceLevel::full);
  EXPECT_EQ(service_level(policy, 599s, 599s), ServiceLevel::full);
  EXPECT_EQ(service_level(policy, 600s, 600s), ServiceLevel::no_new_work);
  EXPECT_EQ(service_level(policy, std::nullopt, 600s), ServiceLevel::no_new_work)
      << "a module that is there and does not sign counts too";
  EXPECT_EQ(service_level(policy, 900s, 0s), ServiceLevel::closed);
  EXPECT_EQ(service_level(policy, 900s, 900s), ServiceLevel::closed);
  EXPECT_EQ(service_level({.grace = 0s, .max_unsigned = 1s}, 0s, 0s), ServiceLevel::closed)
      << "a grace of zero is none";
  EXPECT_EQ(service_level({.grace = 0s, .max_unsigned = 1s}, std::nullopt, 0s), ServiceLevel::full);
}

TEST(UnsignedLag, IsTheAgeOfTheOldestUnsignedEntry) {
  UnsignedLag lag;
  EXPECT_EQ(lag.longest(100s), 0s);
  lag.note("a", 5, 5, 10s);
  EXPECT_EQ(lag.longest(100s), 0s);
  lag.note("a", 6, 5, 20s);
  lag.note("b", 2, 0, 25s);
  lag.note("a", 9, 5, 30s);
  EXPECT_EQ(lag.longest(32s), 12s) << "more entries do not make the oldest younger";
  lag.note("a", 9, 8, 40s);
  EXPECT_EQ(lag.longest(41s), 16s) << "b is the oldest now";
  lag.note("b", 2, 2, 42s);
  EXPECT_EQ(lag.longest(43s), 3s);
  lag.forget();
  EXPECT_EQ(lag.longest(1000s), 0s);
}

TEST(InstanceLock, BelongsToOneHolder) {
  const test::TempDir directory;
  auto first = InstanceLock::take(directory.path());
  ASSERT_TRUE(first.ok()) << first.error().to_log();
  const auto second = InstanceLock::take(directory.path());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Errc::state_conflict);
  EXPECT_NE(second.error().message().find("another daemon"), std::string::npos);
  {
    const InstanceLock gone = std::move(*first);
  }
  EXPECT_TRUE(InstanceLock::take(directory.path()).ok());
}

TEST(PinMarker, StaysUntilItIsTakenAway) {
  const test::TempDir directory;
  EXPECT_FALSE(pin_was_refused(directory.path()));
  ASSERT_TRUE(mark_pin_refused(directory.path()).ok());
  ASSERT_TRUE(mark_pin_refused(directory.path()).ok());
  EXPECT_TRUE(pin_was_refused(directory.path()));
  ASSERT_TRUE(unmark_pin_refused(directory.path()).ok());
  EXPECT_FALSE(pin_was_refused(directory.path()));
  EXPECT_TRUE(unmark_pin_refused(directory.path()).ok());
}

}  // namespace
}  // namespace florin::service_level_test
