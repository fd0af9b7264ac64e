#include "daemon/domain/expiry.h"

#include "unit/domain/world.h"

namespace florin::domain {
namespace {

using Events = std::vector<std::string>;
constexpr AuthorizationTime kWeek{7 * 86'400, 86'400};

UnixNanos after(const World& world, std::int64_t seconds) {
  return world.payment().authorized_at + seconds * kNanosPerSecond;
}

TEST(Expiry, StepsByRecordedTime) {
  World world;
  EXPECT_EQ(expiry_step(world.payment(), kWeek, INT64_MAX), ExpiryStep::nothing);  // under way
  world.succeed();
  EXPECT_GT(world.payment().authorized_at, 0);
  const auto at = [&](std::int64_t seconds) {
    return expiry_step(world.payment(), kWeek, after(world, seconds));
  };
  EXPECT_EQ(at(-5), ExpiryStep::nothing);
  EXPECT_EQ(at(0), ExpiryStep::nothing);
  EXPECT_EQ(at(6 * 86'400 - 1), ExpiryStep::nothing);
  EXPECT_EQ(at(6 * 86'400), ExpiryStep::void_rest);
  EXPECT_EQ(at(7 * 86'400 - 1), ExpiryStep::void_rest);
  EXPECT_EQ(at(7 * 86'400), ExpiryStep::expire);
  EXPECT_EQ(expiry_step(world.payment(), {}, after(world, 1'000'000'000)), ExpiryStep::nothing);
}

TEST(Expiry, AVoidInTimeEndsAsExpired) {
  World world;
  world.succeed();
  const auto id = world.void_expiring();
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(expiry_step(world.payment(), kWeek, INT64_MAX), ExpiryStep::nothing);
  EXPECT_EQ(world.settle(*id, OutcomeClass::succeeded), Events{"payment.expired"});
  EXPECT_EQ(world.status(), PaymentStatus::expired);
  EXPECT_EQ(world.payment().released, 10'000);
  world.check();
}

TEST(Expiry, ARefusedVoidIsNotRepeatedAndTimeEndsIt) {
  World world;
  world.succeed();
  const auto id = world.void_expiring();
  world.settle(*id, OutcomeClass::refused);
  EXPECT_EQ(world.status(), PaymentStatus::requires_capture);
  EXPECT_EQ(expiry_step(world.payment(), kWeek, after(world, 6 * 86'400)), ExpiryStep::nothing);
  EXPECT_EQ(expiry_step(world.payment(), kWeek, after(world, 7 * 86'400)), ExpiryStep::expire);
  EXPECT_EQ(*world.expire(), Events{"payment.expired"});
  EXPECT_EQ(world.status(), PaymentStatus::expired);
  EXPECT_EQ(world.sum(MoneyFact::released), 10'000);
  EXPECT_EQ(allowed_commands(world.payment()), "");
  EXPECT_EQ(world.expire().error().code(), Errc::state_conflict);
  world.check();
}

TEST(Expiry, OfTheRestOfWhatIsCapturedInPart) {
  for (const bool in_time : {false, true}) {
    World world;
    world.succeed();
    ASSERT_TRUE(world.capture(eur(4'000)).ok());
    EXPECT_EQ(world.expire().error().code(), Errc::state_conflict);
    world.succeed();
    if (in_time) {
      EXPECT_EQ(world.settle(*world.void_expiring(), OutcomeClass::succeeded),
                Events{"payment.succeeded"});
    } else {
      EXPECT_EQ(*world.expire(), Events{"payment.succeeded"});
    }
    EXPECT_EQ(world.status(), PaymentStatus::succeeded);
    EXPECT_EQ(world.payment().released, 6'000);
    world.check();
  }
}

}  // namespace
}  // namespace florin::domain
