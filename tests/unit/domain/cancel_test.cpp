#include "daemon/domain/cancel.h"

#include "unit/domain/world.h"

namespace florin::domain::cancel_test {
namespace {

using Events = std::vector<std::string>;

TEST(Cancel, WhatIsAuthorizedIsVoidedAtOnce) {
  World world;
  world.succeed();
  ASSERT_EQ(*world.cancel(), Events{});
  ASSERT_TRUE(world.payment().live.has_value());
  EXPECT_EQ(world.payment().live->kind, OperationKind::void_);
  EXPECT_EQ(world.payment().cancel, CancelState::none);
  world.succeed();
  EXPECT_EQ(world.status(), PaymentStatus::canceled);
  world.check();
}

TEST(Cancel, NothingToCancel) {
  const auto expect_conflict = [](World& world) {
    const auto refused = world.cancel();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), Errc::state_conflict);
    EXPECT_EQ(refused.error().detail(), allowed_commands(world.payment()));
  };
  World failed;
  failed.settle(failed.payment().live->id, OutcomeClass::declined);
  expect_conflict(failed);
  World sold(10'000, CaptureMethod::automatic);
  sold.succeed();
  expect_conflict(sold);
  World voided;
  voided.succeed();
  ASSERT_TRUE(voided.void_rest().ok());
  expect_conflict(voided);
  voided.settle(voided.payment().live->id, OutcomeClass::unknown);
  EXPECT_EQ(voided.cancel().error().code(), Errc::operation_in_doubt);
}

TEST(Cancel, IsRecordedOnceWhileSomethingIsUnderWay) {
  for (const OutcomeClass open : {OutcomeClass::unknown, OutcomeClass::pending}) {
    World world;
    world.settle(world.payment().live->id, open);
    const PaymentStatus before = world.status();
    ASSERT_EQ(*world.cancel(), Events{"payment.cancel_requested"});
    EXPECT_EQ(world.status(), before);
    EXPECT_EQ(world.payment().cancel, CancelState::requested);
    EXPECT_EQ(world.cancel().error().code(), Errc::state_conflict);
    EXPECT_EQ(allowed_commands(world.payment()), "");
    world.check();
  }
}

// What the wish comes to, for everything that may have been under way and every end of it.
TEST(Cancel, ActsWhenTheOutcomeIsKnown) {
  enum class Live { authorize, sale, capture };
  for (const Live live : {Live::authorize, Live::sale, Live::capture}) {
    for (const OutcomeClass end :
         {OutcomeClass::succeeded, OutcomeClass::declined, OutcomeClass::not_executed}) {
      for (const LateSuccess rule : {LateSuccess::reverse, LateSuccess::accept}) {
        SCOPED_TRACE(late_success_name(rule));
        World world(10'000, live == Live::sale ? CaptureMethod::automatic : CaptureMethod::manual);
        if (live == Live::capture) {
          world.succeed();
          ASSERT_TRUE(world.capture(eur(4'000)).ok());
        }
        const OperationId id = world.payment().live->id;
        world.settle(id, OutcomeClass::unknown);
        ASSERT_TRUE(world.cancel().ok());
        world.settle(id, end);
        world.check();
        const bool succeeded = end == OutcomeClass::succeeded;
        const bool due = succeeded || live == Live::capture;
        EXPECT_EQ(world.payment().cancel, due ? CancelState::due : CancelState::done);
        if (!due) {
          EXPECT_EQ(world.status(), PaymentStatus::failed);
          continue;
        }
        // Until it is carried out nothing else is.
        EXPECT_EQ(world.capture(std::nullopt).error().code(), Errc::state_conflict);
        EXPECT_EQ(world.void_rest().error().code(), Errc::state_conflict);
        std::vector<OperationKind> sent;
        std::vector<OperationId> ids;
        while (world.payment().cancel == CancelState::due) {
          const auto step = world.cancel_step(rule);
          world.check();
          if (!step) continue;
          sent.push_back(world.operation(*step).kind);
          ids.push_back(*step);
        }
        std::vector<OperationKind> expected;
        if (rule == LateSuccess::reverse && succeeded && live != Live::authorize) {
          expected.push_back(OperationKind::refund);
        }
        if (rule == LateSuccess::reverse && live != Live::sale) {
          expected.push_back(OperationKind::void_);
        }
        EXPECT_EQ(sent, expected);
        for (const OperationId& each : ids) world.settle(each, OutcomeClass::succeeded);
        world.check();
        if (rule == LateSuccess::reverse) {
          EXPECT_EQ(world.payment().captured, world.payment().refunded);
          EXPECT_EQ(world.payment().capturable(), 0);
        }
        EXPECT_EQ(world.payment().cancel, CancelState::done);
      }
    }
  }
}

// Only what was captured while the wish stood is given back; what was sold before stays sold.
TEST(Cancel, DoesNotTouchEarlierCaptures) {
  World world;
  world.succeed();
  ASSERT_TRUE(world.capture(eur(3'000)).ok());
  world.succeed();
  ASSERT_TRUE(world.capture(eur(2'000)).ok());
  const OperationId id = world.payment().live->id;
  ASSERT_TRUE(world.cancel().ok());
  world.settle(id, OutcomeClass::succeeded);
  const auto refund = world.cancel_step();
  ASSERT_TRUE(refund.has_value());
  EXPECT_EQ(world.operation(*refund).amount, eur(2'000));
  const auto rest = world.cancel_step();
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(world.operation(*rest).amount, eur(5'000));
  world.check();
}

TEST(Cancel, WhatTheAcquirerTookBackMeanwhileIsNotGivenBackAgain) {
  World world(10'000, CaptureMethod::automatic);
  const OperationId sale = world.payment().live->id;
  ASSERT_TRUE(world.cancel().ok());
  world.settle(sale, OutcomeClass::succeeded);
  ASSERT_TRUE(world.tell(sale, reversal_of(10'000)).has_value());
  EXPECT_EQ(world.cancel_step(), std::nullopt);
  EXPECT_EQ(world.payment().cancel, CancelState::done);
  world.check();
}

TEST(Cancel, AReviewEndsItToo) {
  World world;
  const OperationId id = world.payment().live->id;
  Outcome outcome = success_of(world.operation(id));
  outcome.amount = eur(1);
  world.settle(id, outcome);
  ASSERT_TRUE(world.cancel().ok());
  ASSERT_TRUE(world.resolve(id, Verdict::succeeded).ok());
  EXPECT_EQ(world.payment().cancel, CancelState::due);
  ASSERT_TRUE(world.cancel_step().has_value());
  world.succeed();
  EXPECT_EQ(world.status(), PaymentStatus::canceled);
}

}  // namespace
}  // namespace florin::domain::cancel_test
