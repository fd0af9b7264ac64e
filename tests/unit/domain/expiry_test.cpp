#include "daemon/domain/expiry.h"

#include "unit/domain/world.h"

namespace florin::domain::expiry_test {
namespace {

using Events = std::vector<std::string>;
constexpr std::int64_t kDay_s = 86'400;
constexpr AuthorizationTime kWeek{7 * kDay_s, kDay_s};

World authorized() {
  World world(10'000, CaptureMethod::manual, kWeek);
  world.succeed();
  return world;
}

ExpiryStep step_at(const World& world, std::int64_t seconds) {
  return expiry_step(world.payment(), world.payment().authorized_at + seconds * kNanosPerSecond);
}

TEST(Expiry, StepsByRecordedTime) {
  World world(10'000, CaptureMethod::manual, kWeek);
  EXPECT_EQ(expiry_step(world.payment(), INT64_MAX), ExpiryStep::nothing);  // under way
  world.succeed();
  EXPECT_GT(world.payment().authorized_at, 0);
  EXPECT_EQ(step_at(world, -5), ExpiryStep::nothing);
  EXPECT_EQ(step_at(world, 0), ExpiryStep::nothing);
  EXPECT_EQ(step_at(world, 6 * kDay_s - 1), ExpiryStep::nothing);
  EXPECT_EQ(step_at(world, 6 * kDay_s), ExpiryStep::void_rest);
  EXPECT_EQ(step_at(world, 7 * kDay_s - 1), ExpiryStep::void_rest);
  EXPECT_EQ(step_at(world, 7 * kDay_s), ExpiryStep::expire);
  World timeless;
  timeless.succeed();
  EXPECT_EQ(expiry_step(timeless.payment(), INT64_MAX), ExpiryStep::nothing);
  EXPECT_FALSE(capture_before(timeless.payment()));
}

// However late the outcome was learned.
TEST(Expiry, CountsFromWhenTheAuthorizationWasAskedFor) {
  World world(10'000, CaptureMethod::manual, kWeek);
  const OperationId id = world.payment().live->id;
  world.settle(id, OutcomeClass::unknown);
  world.settle(id, OutcomeClass::pending);
  world.settle(id, OutcomeClass::succeeded);
  EXPECT_EQ(world.payment().authorized_at, world.operation(id).created_at);
  EXPECT_LT(world.payment().authorized_at, world.payment().updated_at);
  EXPECT_EQ(*authorization_end(world.payment()),
            world.operation(id).created_at + 7 * kDay_s * kNanosPerSecond);
  EXPECT_EQ(*capture_before(world.payment()),
            world.operation(id).created_at + 6 * kDay_s * kNanosPerSecond);
}

TEST(Expiry, ASaleHasNoEnd) {
  World world(10'000, CaptureMethod::automatic, kWeek);
  world.succeed();
  EXPECT_EQ(world.payment().authorization, AuthorizationTime{});
  EXPECT_FALSE(authorization_end(world.payment()));
}

TEST(Expiry, WithoutAMarginNothingIsAsked) {
  World world(10'000, CaptureMethod::manual, {100, 0});
  world.succeed();
  EXPECT_EQ(step_at(world, 99), ExpiryStep::nothing);
  EXPECT_EQ(step_at(world, 100), ExpiryStep::expire);
}

TEST(Expiry, AVoidInTimeEndsAsExpired) {
  World world = authorized();
  const auto id = world.void_expiring();
  ASSERT_TRUE(id.ok());
  world.check();
  EXPECT_EQ(expiry_step(world.payment(), INT64_MAX), ExpiryStep::nothing);
  EXPECT_EQ(world.settle(*id, OutcomeClass::succeeded), Events{"payment.expired"});
  EXPECT_EQ(world.status(), PaymentStatus::expired);
  EXPECT_EQ(world.payment().released, 10'000);
  EXPECT_EQ(expiry_step(world.payment(), INT64_MAX), ExpiryStep::nothing);
  world.check();
}

TEST(Expiry, ARefusedVoidIsNotRepeatedAndTimeEndsIt) {
  for (const OutcomeClass ending : {OutcomeClass::refused, OutcomeClass::declined}) {
    World world = authorized();
    const auto id = world.void_expiring();
    world.settle(*id, ending);
    EXPECT_EQ(world.status(), PaymentStatus::requires_capture);
    EXPECT_FALSE(world.payment().last_decline);  // nobody asked for it
    EXPECT_EQ(step_at(world, 7 * kDay_s - 1), ExpiryStep::nothing);
    EXPECT_EQ(step_at(world, 7 * kDay_s), ExpiryStep::expire);
    EXPECT_EQ(*world.expire(), Events{"payment.expired"});
    EXPECT_EQ(world.status(), PaymentStatus::expired);
    EXPECT_EQ(world.sum(MoneyFact::released), 10'000);
    EXPECT_EQ(allowed_commands(world.payment()), "");
    EXPECT_EQ(world.expire().error().code(), Errc::state_conflict);
    world.check();
  }
}

// What was never executed is tried again, at most eight times, evenly within the margin.
TEST(Expiry, AVoidThatNeverLeftIsTriedAgain) {
  World world = authorized();
  for (int tries = 1; tries <= kMaxExpiryVoids; ++tries) {
    ASSERT_EQ(step_at(world, 6 * kDay_s + (tries - 1) * kDay_s / 8), ExpiryStep::void_rest);
    ASSERT_EQ(step_at(world, 6 * kDay_s + (tries - 1) * kDay_s / 8 - 1), ExpiryStep::nothing);
    const OperationId id = *world.void_expiring();
    world.settle(id, tries % 2 == 0 ? OutcomeClass::unsent : OutcomeClass::unknown);
    if (tries % 2 != 0) world.settle(id, OutcomeClass::not_executed);
    world.check();
  }
  EXPECT_EQ(step_at(world, 7 * kDay_s - 1), ExpiryStep::nothing);
  EXPECT_EQ(step_at(world, 7 * kDay_s), ExpiryStep::expire);
}

TEST(Expiry, AMerchantsOwnVoidCancels) {
  World world = authorized();
  world.settle(*world.void_expiring(), OutcomeClass::declined);
  EXPECT_EQ(world.settle(*world.void_rest(), OutcomeClass::succeeded), Events{"payment.canceled"});
  EXPECT_EQ(world.status(), PaymentStatus::canceled);
  world.check();
}

TEST(Expiry, WaitsForWhatIsUnderWayAndForAWishToCancel) {
  for (const OutcomeClass ending : {OutcomeClass::unknown, OutcomeClass::pending}) {
    World world = authorized();
    const OperationId id = *world.capture(eur(4'000));
    world.settle(id, ending);
    EXPECT_EQ(expiry_step(world.payment(), INT64_MAX), ExpiryStep::nothing);
    EXPECT_EQ(world.expire().error().code(), Errc::state_conflict);
    ASSERT_TRUE(world.cancel().ok());
    world.settle(id, OutcomeClass::declined);
    // The cancellation gives the rest back.
    EXPECT_EQ(world.payment().cancel, CancelState::due);
    EXPECT_EQ(expiry_step(world.payment(), INT64_MAX), ExpiryStep::nothing);
    EXPECT_EQ(world.expire().error().code(), Errc::state_conflict);
    world.settle(*world.cancel_step(), OutcomeClass::declined);
    EXPECT_EQ(step_at(world, 7 * kDay_s), ExpiryStep::expire);
    world.check();
  }
}

TEST(Expiry, AVoidInDoubtIsNotPassedByTime) {
  World world = authorized();
  const OperationId id = *world.void_expiring();
  world.settle(id, OutcomeClass::unknown);
  EXPECT_EQ(world.status(), PaymentStatus::in_doubt);
  EXPECT_EQ(expiry_step(world.payment(), INT64_MAX), ExpiryStep::nothing);
  EXPECT_EQ(*world.resolve(id, Verdict::succeeded),
            (Events{"payment.resolved", "payment.expired"}));
  EXPECT_EQ(world.status(), PaymentStatus::expired);
  world.check();
}

TEST(Expiry, OfTheRestOfWhatIsCapturedInPart) {
  for (const bool in_time : {false, true}) {
    World world = authorized();
    ASSERT_TRUE(world.capture(eur(4'000)).ok());
    EXPECT_EQ(world.expire().error().code(), Errc::state_conflict);
    world.succeed();
    EXPECT_TRUE(capture_before(world.payment()));
    if (in_time) {
      EXPECT_EQ(world.settle(*world.void_expiring(), OutcomeClass::succeeded),
                Events{"payment.succeeded"});
    } else {
      EXPECT_EQ(*world.expire(), Events{"payment.succeeded"});
    }
    EXPECT_EQ(world.status(), PaymentStatus::succeeded);
    EXPECT_EQ(world.payment().released, 6'000);
    EXPECT_FALSE(capture_before(world.payment()));
    world.check();
  }
}

// The acquirer did it all the same: a fact for people, and nothing is taken back.
TEST(Expiry, ACaptureThatIsLearnedAfterTheEndIsALateSuccess) {
  World world = authorized();
  const OperationId id = *world.capture(eur(4'000));
  world.settle(id, OutcomeClass::refused);
  ASSERT_TRUE(world.expire().ok());
  EXPECT_EQ(world.settle(id, OutcomeClass::succeeded), Events{"payment.late_success"});
  EXPECT_EQ(world.status(), PaymentStatus::expired);
  EXPECT_EQ(world.sum(MoneyFact::unexplained_in), 4'000);
  world.check();
}

TEST(Expiry, TimesThatCannotBeAreRefused) {
  EXPECT_TRUE(check_authorization_time({1, 0}).ok());
  EXPECT_TRUE(check_authorization_time({kMaxValidity_s, kMaxValidity_s - 1}).ok());
  for (const std::int64_t validity : {std::int64_t{0}, std::int64_t{-1}, kMaxValidity_s + 1}) {
    EXPECT_EQ(check_authorization_time({validity, 0}).error().field(), "/authorization_validity");
  }
  EXPECT_EQ(check_authorization_time({5, 5}).error().field(), "/authorization_margin");
  EXPECT_EQ(check_authorization_time({5, -1}).error().field(), "/authorization_margin");
}

}  // namespace
}  // namespace florin::domain::expiry_test
