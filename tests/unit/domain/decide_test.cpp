#include "daemon/domain/decide.h"

#include "unit/domain/world.h"

namespace florin::domain::decide_test {
namespace {

template <class T>
void expect_refused(const Result<T>& result, Errc code, std::string_view field = {},
                    std::string_view allowed = "-") {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), code) << result.error().to_log();
  EXPECT_EQ(result.error().field(), field);
  EXPECT_FALSE(result.error().message().empty());
  if (allowed != "-") {
    EXPECT_EQ(result.error().detail(), allowed);
  }
}

TEST(Create, AutomaticIsASaleWithAPlaceForItsCapture) {
  const World world(500, CaptureMethod::automatic);
  const Payment& payment = world.payment();
  ASSERT_TRUE(payment.live.has_value());
  EXPECT_EQ(payment.live->kind, OperationKind::sale);
  const Operation& operation = world.operation(payment.live->id);
  EXPECT_EQ(operation.state, OperationState::dispatched);
  EXPECT_EQ(operation.amount, eur(500));
  EXPECT_FALSE(operation.target.is_nil());
  EXPECT_EQ(payment.authorized, 0);
  EXPECT_EQ(payment.captures, 0);
  EXPECT_TRUE(world.movements().empty());
  EXPECT_EQ(world.status(), PaymentStatus::processing);
  EXPECT_EQ(payment.terms.created_at, payment.updated_at);
  world.check();
}

TEST(Create, ManualIsAnAuthorizationWithoutTarget) {
  const World world;
  ASSERT_TRUE(world.payment().live.has_value());
  EXPECT_EQ(world.payment().live->kind, OperationKind::authorize);
  EXPECT_TRUE(world.operation(world.payment().live->id).target.is_nil());
  EXPECT_EQ(world.attempt().payment, world.payment().id);
  EXPECT_EQ(world.payment().attempt, world.attempt().id);
}

TEST(Capture, WithoutAmountTakesAllThatIsLeft) {
  World world;
  world.succeed();
  ASSERT_TRUE(world.capture(eur(3'000)).ok());
  world.succeed();
  const auto rest = world.capture(std::nullopt);
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(world.operation(*rest).amount, eur(7'000));
  EXPECT_EQ(world.payment().capture_pending, 7'000);
  EXPECT_EQ(world.payment().captured, 3'000);
  world.check();
}

TEST(Capture, Refusals) {
  World world;
  expect_refused(world.capture(eur(1)), Errc::state_conflict, {}, "cancel");  // not authorized yet
  world.succeed();
  expect_refused(world.capture(eur(10'001)), Errc::amount_exceeds_capturable, "/amount/value");
  expect_refused(world.capture(*Money::make(5, *Currency::parse("USD"))), Errc::currency_mismatch,
                 "/amount/currency");
  expect_refused(world.capture(eur(0)), Errc::amount_invalid, "/amount/value");
  ASSERT_TRUE(world.capture(eur(4'000)).ok());
  expect_refused(world.capture(eur(1)), Errc::state_conflict);  // one at a time
  expect_refused(world.void_rest(), Errc::state_conflict);
  world.succeed();
  expect_refused(world.capture(eur(6'001)), Errc::amount_exceeds_capturable, "/amount/value");
  ASSERT_TRUE(world.capture(eur(6'000)).ok());
  world.succeed();
  expect_refused(world.capture(std::nullopt), Errc::state_conflict, {}, "refund");
  world.check();
}

TEST(Capture, AnUnknownOutcomeBlocksUntilItIsKnown) {
  for (const OutcomeClass outcome : kAllOutcomes) {
    World world;
    world.succeed();
    const auto first = world.capture(eur(100));
    ASSERT_TRUE(first.ok());
    ASSERT_TRUE(world.settle(*first, OutcomeClass::unknown).has_value());
    EXPECT_EQ(world.status(), PaymentStatus::in_doubt);
    expect_refused(world.capture(eur(1)), Errc::operation_in_doubt);
    expect_refused(world.void_rest(), Errc::operation_in_doubt);
    const bool known = world.settle(*first, outcome).has_value();
    EXPECT_EQ(known, outcome != OutcomeClass::unknown && outcome != OutcomeClass::unsent);
    EXPECT_EQ(world.capture(eur(1)).ok(), known && outcome != OutcomeClass::pending);
    world.check();
  }
}

TEST(Capture, AtMostTwenty) {
  World world;
  world.succeed();
  for (int i = 0; i < kMaxCaptures; ++i) {
    ASSERT_TRUE(world.capture(eur(1)).ok());
    world.succeed();
  }
  // What is left can still be given back, but "capture" is no longer on offer.
  expect_refused(world.capture(eur(1)), Errc::state_conflict, {}, "void,cancel,refund");
  EXPECT_EQ(allowed_commands(world.payment()), "void,cancel,refund");
  EXPECT_TRUE(world.void_rest().ok());
  world.check();
}

TEST(Void, GivesBackWhatIsLeft) {
  World world;
  expect_refused(world.void_rest(), Errc::state_conflict, {}, "cancel");
  world.succeed();
  ASSERT_TRUE(world.capture(eur(4'000)).ok());
  world.succeed();
  const auto id = world.void_rest();
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(world.operation(*id).amount, eur(6'000));
  EXPECT_TRUE(world.operation(*id).target.is_nil());
  world.succeed();
  EXPECT_EQ(world.payment().released, 6'000);
  EXPECT_EQ(world.status(), PaymentStatus::succeeded);
  expect_refused(world.void_rest(), Errc::state_conflict, {}, "refund");
  world.check();
}

TEST(Void, OfAFailedPaymentIsRefused) {
  World world;
  world.settle(world.payment().live->id, OutcomeClass::declined);
  EXPECT_EQ(world.status(), PaymentStatus::failed);
  expect_refused(world.void_rest(), Errc::state_conflict, {}, "");
  expect_refused(world.capture(std::nullopt), Errc::state_conflict, {}, "");
  expect_refused(world.refund(eur(1)), Errc::state_conflict, {}, "");
}

TEST(Refund, Refusals) {
  World world;
  world.succeed();
  expect_refused(world.refund(eur(1)), Errc::state_conflict, {}, "capture,void,cancel");
  ASSERT_TRUE(world.capture(eur(4'000)).ok());
  expect_refused(world.refund(eur(1)), Errc::state_conflict, {}, "cancel");  // captured nothing yet
  world.succeed();
  expect_refused(world.refund(eur(4'001)), Errc::amount_exceeds_refundable, "/amount/value");
  expect_refused(world.refund(*Money::make(1, *Currency::parse("JPY"))), Errc::currency_mismatch,
                 "/amount/currency");
  expect_refused(world.refund(eur(0)), Errc::amount_invalid, "/amount/value");
  world.check();
}

TEST(Refund, SeveralMayBeUnderWayWithinWhatWasCaptured) {
  World world(10'000, CaptureMethod::automatic);
  world.succeed();
  const auto first = world.refund(eur(4'000));
  const auto second = world.refund(eur(5'000));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(world.payment().refund_pending, 9'000);
  expect_refused(world.refund(eur(1'001)), Errc::amount_exceeds_refundable, "/amount/value");
  world.settle(*first, OutcomeClass::declined);
  EXPECT_TRUE(world.refund(eur(5'000)).ok());
  world.check();
}

TEST(Refund, AtMostTwentyAlsoWhenTheyFail) {
  World world(10'000, CaptureMethod::automatic);
  world.succeed();
  for (int i = 0; i < kMaxRefunds; ++i) {
    const auto id = world.refund(eur(1));
    ASSERT_TRUE(id.ok());
    world.settle(*id, OutcomeClass::declined);
  }
  EXPECT_EQ(world.payment().refundable(), 10'000);
  expect_refused(world.refund(eur(1)), Errc::state_conflict, {}, "");
  EXPECT_EQ(allowed_commands(world.payment()), "");
}

TEST(Refund, IsPossibleWhileACaptureIsUnderWayOrInDoubt) {
  World world;
  world.succeed();
  ASSERT_TRUE(world.capture(eur(4'000)).ok());
  world.succeed();
  const auto capture = world.capture(eur(1'000));
  ASSERT_TRUE(capture.ok());
  EXPECT_TRUE(world.refund(eur(100)).ok());
  world.settle(*capture, OutcomeClass::unknown);
  EXPECT_TRUE(world.refund(eur(100)).ok());
  EXPECT_EQ(world.status(), PaymentStatus::in_doubt);
  world.check();
}

TEST(AllowedCommands, FollowTheState) {
  World world;
  EXPECT_EQ(allowed_commands(world.payment()), "cancel");
  world.succeed();
  EXPECT_EQ(allowed_commands(world.payment()), "capture,void,cancel");
  ASSERT_TRUE(world.capture(eur(1)).ok());
  EXPECT_EQ(allowed_commands(world.payment()), "cancel");
  world.succeed();
  EXPECT_EQ(allowed_commands(world.payment()), "capture,void,cancel,refund");
  ASSERT_TRUE(world.void_rest().ok());
  EXPECT_EQ(allowed_commands(world.payment()), "refund");
}

}  // namespace
}  // namespace florin::domain::decide_test
