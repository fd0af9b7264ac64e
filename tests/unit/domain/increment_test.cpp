// A greater authorization.
#include "unit/domain/world.h"

namespace florin::domain::increment_test {
namespace {

using Events = std::vector<std::string>;

World authorized(std::int64_t minor = 10'000) {
  World world(minor, CaptureMethod::manual, {}, true);
  world.succeed();
  return world;
}

template <class T>
void expect_refused(const Result<T>& result, Errc code, std::string_view field = {}) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), code);
  EXPECT_EQ(result.error().field(), field);
}

TEST(Increment, AddsToWhatIsAuthorized) {
  World world = authorized();
  EXPECT_EQ(allowed_commands(world.payment()), "capture,increment,void,cancel");
  const OperationId id = *world.increment(eur(2'500));
  EXPECT_EQ(world.status(), PaymentStatus::processing);
  EXPECT_EQ(world.payment().authorized, 10'000);
  EXPECT_EQ(world.operation(id).amount, eur(2'500));
  EXPECT_EQ(world.settle(id, OutcomeClass::succeeded), Events{"authorization.updated"});
  EXPECT_EQ(world.status(), PaymentStatus::requires_capture);
  EXPECT_EQ(world.payment().authorized, 12'500);
  EXPECT_EQ(world.payment().terms.amount, eur(10'000));
  world.check();
  ASSERT_TRUE(world.capture(std::nullopt).ok());
  world.succeed();
  EXPECT_EQ(world.payment().captured, 12'500);
  EXPECT_EQ(world.status(), PaymentStatus::succeeded);
  world.check();
}

// The memo pair grows by the amount, and what gives it back takes all of it.
TEST(Increment, IsBookedAsAMemo) {
  World world = authorized();
  ASSERT_TRUE(world.increment(eur(500)).ok());
  world.succeed();
  ASSERT_TRUE(world.void_rest().ok());
  world.succeed();
  EXPECT_EQ(world.status(), PaymentStatus::canceled);
  EXPECT_EQ(world.sum(MoneyFact::increased), 500);
  EXPECT_EQ(world.sum(MoneyFact::released), 10'500);
  for (const PostingRule& rule : posting_rules(MoneyFact::increased)) {
    EXPECT_EQ(rule.layer, BookLayer::pending);
    EXPECT_EQ(rule.debit, AccountRole::authorization_memo);
    EXPECT_EQ(rule.credit, AccountRole::authorization_contra);
  }
  world.check();
}

TEST(Increment, EveryOtherEndChangesNothing) {
  for (const OutcomeClass ending : {OutcomeClass::declined, OutcomeClass::refused,
                                    OutcomeClass::unsent, OutcomeClass::not_executed}) {
    World world = authorized();
    const OperationId id = *world.increment(eur(2'500));
    EXPECT_EQ(world.settle(id, ending), Events{});
    EXPECT_EQ(world.status(), PaymentStatus::requires_capture);
    EXPECT_EQ(world.payment().authorized, 10'000);
    EXPECT_EQ(world.payment().increments, 1);
    EXPECT_EQ(world.payment().last_decline.has_value(), ending != OutcomeClass::unsent);
    world.check();
  }
}

TEST(Increment, AnUnknownOneIsInDoubtLikeEveryOther) {
  World world = authorized();
  const OperationId id = *world.increment(eur(2'500));
  EXPECT_EQ(world.settle(id, OutcomeClass::unknown), Events{"payment.in_doubt"});
  EXPECT_EQ(world.status(), PaymentStatus::in_doubt);
  expect_refused(world.capture(eur(1)), Errc::operation_in_doubt);
  expect_refused(world.increment(eur(1)), Errc::operation_in_doubt);
  EXPECT_EQ(world.settle(id, OutcomeClass::succeeded),
            (Events{"payment.resolved", "authorization.updated"}));
  EXPECT_EQ(world.payment().authorized, 12'500);
  world.check();
}

TEST(Increment, AnotherAmountCurrencyOrReferenceOpensAReview) {
  for (const int what : {0, 1, 2}) {
    World world = authorized();
    const OperationId id = *world.increment(eur(2'500));
    Outcome outcome = success_of(world.operation(id));
    if (what == 0) outcome.amount = eur(12'500);
    if (what == 1) outcome.amount = *Money::make(2'500, *Currency::parse("USD"));
    if (what == 2) outcome.reference = "op_other";
    world.settle(id, outcome);
    EXPECT_EQ(world.status(), PaymentStatus::review);
    EXPECT_EQ(world.payment().authorized, 10'000);
    EXPECT_TRUE(world.resolve(id, Verdict::succeeded).ok());
    EXPECT_EQ(world.payment().authorized, 12'500);
    world.check();
  }
}

TEST(Increment, Refusals) {
  World world(10'000, CaptureMethod::manual, {}, true);
  expect_refused(world.increment(eur(1)), Errc::state_conflict);
  world.succeed();
  expect_refused(world.increment(eur(0)), Errc::amount_invalid, "/amount/value");
  expect_refused(world.increment(*Money::make(1, *Currency::parse("USD"))), Errc::currency_mismatch,
                 "/amount/currency");
  expect_refused(world.increment(eur(kMaxAmountMinor - 9'999)), Errc::amount_invalid,
                 "/amount/value");
  ASSERT_TRUE(world.capture(eur(1)).ok());
  expect_refused(world.increment(eur(1)), Errc::state_conflict);
  world.succeed();
  expect_refused(world.increment(eur(1)), Errc::state_conflict);
  EXPECT_EQ(allowed_commands(world.payment()), "capture,void,cancel,refund");
  World without(10'000);
  without.succeed();
  expect_refused(without.increment(eur(1)), Errc::capability_missing);
  EXPECT_EQ(allowed_commands(without.payment()), "capture,void,cancel");
  World sale(10'000, CaptureMethod::automatic, {}, true);
  sale.succeed();
  expect_refused(sale.increment(eur(1)), Errc::state_conflict);
}

TEST(Increment, HasALimitAlsoWhenTheyFail) {
  World world = authorized();
  for (int i = 0; i < kMaxIncrements; ++i) {
    world.settle(*world.increment(eur(1)), OutcomeClass::declined);
  }
  expect_refused(world.increment(eur(1)), Errc::state_conflict);
  EXPECT_EQ(allowed_commands(world.payment()), "capture,void,cancel");
  world.check();
}

TEST(Increment, UpToTheGreatestAmount) {
  World world = authorized();
  ASSERT_TRUE(world.increment(eur(kMaxAmountMinor - 10'000)).ok());
  world.succeed();
  EXPECT_EQ(world.payment().authorized, kMaxAmountMinor);
  expect_refused(world.increment(eur(1)), Errc::amount_invalid, "/amount/value");
}

TEST(Increment, AWishToCancelWaitsForIt) {
  for (const OutcomeClass ending : {OutcomeClass::succeeded, OutcomeClass::declined}) {
    World world = authorized();
    const OperationId id = *world.increment(eur(500));
    world.settle(id, OutcomeClass::unknown);
    ASSERT_TRUE(world.cancel().ok());
    world.settle(id, ending);
    EXPECT_EQ(world.payment().cancel, CancelState::due);
    world.settle(*world.cancel_step(), OutcomeClass::succeeded);
    EXPECT_EQ(world.status(), PaymentStatus::canceled);
    EXPECT_EQ(world.payment().released, ending == OutcomeClass::succeeded ? 10'500 : 10'000);
    world.check();
  }
}

// The acquirer holds more than we know of: a fact for people, no money.
TEST(Increment, ALateSuccessMovesNothing) {
  World world = authorized();
  const OperationId id = *world.increment(eur(500));
  world.settle(id, OutcomeClass::declined);
  EXPECT_EQ(world.settle(id, OutcomeClass::succeeded), Events{"payment.late_success"});
  EXPECT_EQ(world.payment().authorized, 10'000);
  EXPECT_EQ(world.movements().size(), 1U);
  world.check();
}

TEST(Increment, DoesNotMoveTheEndOfTheAuthorization) {
  World world(10'000, CaptureMethod::manual, {100, 10}, true);
  world.succeed();
  const auto end = authorization_end(world.payment());
  const OperationId id = *world.increment(eur(500));
  EXPECT_FALSE(expiry_due(world.payment()));
  world.settle(id, OutcomeClass::succeeded);
  EXPECT_EQ(authorization_end(world.payment()), end);
  EXPECT_EQ(*world.expire(), Events{"payment.expired"});
  EXPECT_EQ(world.payment().released, 10'500);
  world.check();
}

}  // namespace
}  // namespace florin::domain::increment_test
