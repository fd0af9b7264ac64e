// What comes after the end: nothing is rewritten, everything is booked, once.
#include "daemon/domain/facts.h"

#include "daemon/domain/codec.h"
#include "unit/domain/world.h"

namespace florin::domain::facts_test {
namespace {

using Events = std::vector<std::string>;
using Stage = DisputeStage;
using Status = DisputeStatus;

struct Sale : World {
  Sale() : World(10'000, CaptureMethod::automatic), id(payment().live->id) {}
  OperationId id;
};

TEST(CaptureReversed, InPartsUpToAllOfIt) {
  Sale world;
  world.succeed();
  EXPECT_EQ(world.tell(world.id, reversal_of(4'000, "a")), Events{"capture.reversed"});
  EXPECT_EQ(world.captures().begin()->second.status, CaptureStatus::succeeded);
  EXPECT_EQ(world.payment().refundable(), 6'000);
  // Told again it changes nothing.
  EXPECT_EQ(world.tell(world.id, reversal_of(4'000, "a")), std::nullopt);
  EXPECT_EQ(world.tell(world.id, reversal_of(6'000, "b")), Events{"capture.reversed"});
  const Capture& capture = world.captures().begin()->second;
  EXPECT_EQ(capture.status, CaptureStatus::reversed);
  EXPECT_EQ(capture.reversed, 10'000);
  EXPECT_EQ(world.status(), PaymentStatus::succeeded);
  EXPECT_EQ(world.payment().captured, 10'000);
  EXPECT_EQ(world.payment().refundable(), 0);
  EXPECT_EQ(world.refund(eur(1)).error().code(), Errc::amount_exceeds_refundable);
  world.check();
}

TEST(CaptureReversed, WhatIsMoreGoesToSuspense) {
  Sale world;
  world.succeed();
  ASSERT_TRUE(world.tell(world.id, reversal_of(10'500)).has_value());
  EXPECT_EQ(world.payment().reversed, 10'000);
  EXPECT_EQ(world.sum(MoneyFact::unexplained_out), 500);
  world.check();
}

TEST(DisputeNames, AreReadAsTheyAreWritten) {
  for (const Stage stage :
       {Stage::inquiry, Stage::chargeback, Stage::pre_arbitration, Stage::arbitration}) {
    EXPECT_EQ(dispute_stage_named(dispute_stage_name(stage)), stage);
  }
  for (const Status status : {Status::needs_response, Status::under_review, Status::expired,
                              Status::accepted, Status::lost, Status::won, Status::withdrawn}) {
    EXPECT_EQ(dispute_status_named(dispute_status_name(status)), status);
  }
  EXPECT_EQ(dispute_stage_named(""), std::nullopt);
  EXPECT_EQ(dispute_status_named("Won"), std::nullopt);
}

TEST(CaptureReversed, AnotherCurrencyGoesToSuspenseWhole) {
  Sale world;
  world.succeed();
  Notice notice = reversal_of(1);
  notice.amount = *Money::make(700, *Currency::parse("USD"));
  ASSERT_TRUE(world.tell(world.id, notice).has_value());
  EXPECT_EQ(world.payment().reversed, 0);
  const Movement& last = world.movements().back();
  EXPECT_EQ(last.fact, MoneyFact::unexplained_out);
  EXPECT_EQ(last.amount, 700);
  EXPECT_EQ(last.currency,
            Currency::parse("USD").ok() ? std::optional(*Currency::parse("USD")) : std::nullopt);
  world.check();
}

TEST(CaptureReversed, IsEarlyUntilTheCaptureHasEnded) {
  for (const OutcomeClass open : {OutcomeClass::unknown, OutcomeClass::pending}) {
    Sale world;
    EXPECT_EQ(world.tell(world.id, reversal_of(10'000)), std::nullopt);
    world.settle(world.id, open);
    EXPECT_EQ(world.tell(world.id, reversal_of(10'000)), std::nullopt);
    world.settle(world.id, OutcomeClass::succeeded);
    EXPECT_TRUE(world.tell(world.id, reversal_of(10'000)).has_value());
    world.check();
  }
}

// A capture that we know as failed is taken back: so it had been made, and that will be told too.
TEST(CaptureReversed, OfWhatFailedMeetsTheLateSuccessInSuspense) {
  for (const bool success_first : {false, true}) {
    Sale world;
    world.settle(world.id, OutcomeClass::declined);
    const auto late = [&] {
      EXPECT_EQ(world.settle(world.id, OutcomeClass::succeeded), Events{"payment.late_success"});
    };
    if (success_first) late();
    EXPECT_TRUE(world.tell(world.id, reversal_of(10'000)).has_value());
    if (!success_first) late();
    EXPECT_EQ(world.sum(MoneyFact::unexplained_in), world.sum(MoneyFact::unexplained_out));
    EXPECT_EQ(world.status(), PaymentStatus::failed);
    EXPECT_EQ(world.payment().captured, 0);
    world.check();
  }
}

TEST(RefundReturned, MakesRoomForAnotherRefund) {
  Sale world;
  world.succeed();
  const auto refund = world.refund(eur(10'000));
  EXPECT_EQ(world.tell(*refund, return_of(10'000)), std::nullopt);  // early
  world.settle(*refund, OutcomeClass::succeeded);
  EXPECT_EQ(world.tell(*refund, return_of(10'000)), Events{"refund.returned"});
  EXPECT_EQ(world.tell(*refund, return_of(10'000)), std::nullopt);
  EXPECT_EQ(world.refunds().begin()->second.status, RefundStatus::returned);
  EXPECT_EQ(world.payment().refunded, 10'000);
  EXPECT_EQ(world.payment().refundable(), 10'000);
  const auto again = world.refund(eur(10'000));
  ASSERT_TRUE(again.ok());
  world.settle(*again, OutcomeClass::succeeded);
  EXPECT_EQ(world.payment().refundable(), 0);
  world.check();
}

TEST(LateSuccess, EveryKindOfOperationThatEndedOtherwise) {
  const OutcomeClass ends[] = {OutcomeClass::declined, OutcomeClass::refused, OutcomeClass::unsent,
                               OutcomeClass::not_executed};
  for (const OutcomeClass end : ends) {
    SCOPED_TRACE(outcome_class_name(end));
    World world;
    const auto late = [&](const OperationId& id, std::int64_t in, std::int64_t out) {
      world.settle(id, end);
      const PaymentStatus before = world.status();
      const std::int64_t had_in = world.sum(MoneyFact::unexplained_in);
      const std::int64_t had_out = world.sum(MoneyFact::unexplained_out);
      EXPECT_EQ(world.settle(id, OutcomeClass::succeeded), Events{"payment.late_success"});
      EXPECT_EQ(world.settle(id, OutcomeClass::succeeded), std::nullopt);
      EXPECT_EQ(world.sum(MoneyFact::unexplained_in) - had_in, in);
      EXPECT_EQ(world.sum(MoneyFact::unexplained_out) - had_out, out);
      EXPECT_EQ(world.status(), before);
      world.check();
    };
    World failed;
    const OperationId authorize = failed.payment().live->id;
    failed.settle(authorize, end);
    EXPECT_EQ(failed.settle(authorize, OutcomeClass::succeeded), Events{"payment.late_success"});
    EXPECT_TRUE(failed.movements().empty());
    EXPECT_EQ(failed.status(), PaymentStatus::failed);
    world.succeed();
    late(*world.capture(eur(4'000)), 4'000, 0);
    late(*world.void_rest(), 0, 0);
    ASSERT_TRUE(world.capture(eur(5'000)).ok());
    world.succeed();
    late(*world.refund(eur(1'000)), 0, 1'000);
    EXPECT_EQ(world.facts().size(), 3U);
  }
}

TEST(LateSuccess, AlsoOverAnotherAmount) {
  Sale world;
  world.settle(world.id, OutcomeClass::declined);
  Outcome outcome = success_of(world.operation(world.id));
  outcome.amount = *Money::make(9, *Currency::parse("USD"));
  EXPECT_TRUE(world.settle(world.id, outcome).has_value());
  EXPECT_EQ(world.facts().back().amount, *outcome.amount);
  EXPECT_EQ(world.movements().back().fact, MoneyFact::unexplained_in);
  EXPECT_TRUE(world.movements().back().currency.has_value());
  // A success that names nothing is not one.
  Sale silent;
  silent.settle(silent.id, OutcomeClass::declined);
  outcome.amount.reset();
  EXPECT_EQ(silent.settle(silent.id, outcome), std::nullopt);
}

TEST(Disputes, WherePartsOfItPutTheMoney) {
  struct Row {
    Stage stage;
    Status status;
    std::int64_t disputed, charged_back;
    Events events;
  };
  const Row rows[] = {
      {Stage::inquiry, Status::needs_response, 0, 0, {"dispute.opened"}},
      {Stage::inquiry, Status::lost, 0, 0, {"dispute.opened", "dispute.closed"}},
      {Stage::chargeback,
       Status::needs_response,
       3'000,
       0,
       {"dispute.opened", "dispute.funds_withdrawn"}},
      {Stage::chargeback,
       Status::under_review,
       3'000,
       0,
       {"dispute.opened", "dispute.funds_withdrawn"}},
      {Stage::chargeback,
       Status::expired,
       0,
       3'000,
       {"dispute.opened", "dispute.closed", "dispute.funds_withdrawn"}},
      {Stage::chargeback,
       Status::accepted,
       0,
       3'000,
       {"dispute.opened", "dispute.closed", "dispute.funds_withdrawn"}},
      {Stage::chargeback,
       Status::lost,
       0,
       3'000,
       {"dispute.opened", "dispute.closed", "dispute.funds_withdrawn"}},
      {Stage::chargeback, Status::won, 0, 0, {"dispute.opened", "dispute.closed"}},
      {Stage::arbitration, Status::withdrawn, 0, 0, {"dispute.opened", "dispute.closed"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(dispute_status_name(row.status));
    Sale world;
    world.succeed();
    EXPECT_EQ(world.tell(world.id, dispute_of(3'000, row.stage, row.status)), row.events);
    EXPECT_EQ(world.payment().disputed, row.disputed);
    EXPECT_EQ(world.payment().charged_back, row.charged_back);
    EXPECT_EQ(world.payment().refundable(), 10'000 - row.disputed - row.charged_back);
    EXPECT_EQ(world.status(), PaymentStatus::succeeded);
    world.check();
  }
}

TEST(Disputes, AWholeLife) {
  Sale world;
  EXPECT_EQ(world.tell(world.id, dispute_of(3'000, Stage::inquiry, Status::needs_response)),
            std::nullopt);  // nothing is known to be charged yet
  world.succeed();
  const auto tell = [&](Stage stage, Status status, UnixNanos at) {
    auto events = world.tell(world.id, dispute_of(3'000, stage, status, at));
    world.check();
    return events;
  };
  EXPECT_EQ(tell(Stage::inquiry, Status::needs_response, 1), Events{"dispute.opened"});
  EXPECT_EQ(tell(Stage::chargeback, Status::needs_response, 2),
            (Events{"dispute.updated", "dispute.funds_withdrawn"}));
  EXPECT_EQ(tell(Stage::chargeback, Status::needs_response, 2), std::nullopt);
  EXPECT_EQ(tell(Stage::chargeback, Status::under_review, 3), Events{"dispute.updated"});
  EXPECT_EQ(tell(Stage::chargeback, Status::won, 4),
            (Events{"dispute.closed", "dispute.funds_reinstated"}));
  EXPECT_EQ(world.payment().refundable(), 10'000);
  EXPECT_EQ(tell(Stage::pre_arbitration, Status::needs_response, 5),
            (Events{"dispute.updated", "dispute.funds_withdrawn"}));
  EXPECT_EQ(tell(Stage::pre_arbitration, Status::lost, 6), Events{"dispute.closed"});
  EXPECT_EQ(world.payment().charged_back, 3'000);
  EXPECT_EQ(world.refund(eur(7'001)).error().code(), Errc::amount_exceeds_refundable);
  // The acquirer corrects itself: the later word counts.
  EXPECT_EQ(tell(Stage::pre_arbitration, Status::won, 7),
            (Events{"dispute.closed", "dispute.funds_reinstated"}));
  EXPECT_EQ(world.payment().charged_back, 0);
  EXPECT_EQ(world.disputes().size(), 1U);
  EXPECT_EQ(world.disputes().begin()->second.facts, 7);
}

TEST(Disputes, SeveralOfOnePayment) {
  Sale world;
  world.succeed();
  for (const char* name : {"du_1", "du_2"}) {
    EXPECT_TRUE(
        world.tell(world.id, dispute_of(2'000, Stage::chargeback, Status::needs_response, 1, name))
            .has_value());
  }
  EXPECT_EQ(world.payment().disputed, 4'000);
  EXPECT_EQ(world.payment().refundable(), 6'000);
  world.check();
}

TEST(Disputes, TableOfOneStage) {
  for (std::uint8_t from = 1; from <= 7; ++from) {
    const auto status = static_cast<Status>(from);
    EXPECT_EQ(is_closed(status), from > 2);
    for (std::uint8_t to = 1; to <= 7; ++to) {
      const bool open = from == 1 ? to != 1 : from == 2 && to != 2 && to != 3;
      EXPECT_EQ(may_become(status, static_cast<Status>(to)), open) << int{from} << " " << int{to};
    }
  }
}

TEST(Facts, OutsizedTextsCanBeStored) {
  Sale world;
  world.succeed();
  Notice notice =
      dispute_of(3'000, Stage::chargeback, Status::needs_response, 1, std::string(5'000, 'd'));
  notice.psp_key = std::string(5'000, 'k');
  notice.dispute->reason = std::string(5'000, 'r');
  ASSERT_TRUE(world.tell(world.id, notice).has_value());
  const Stored fact = encode(world.facts().back());
  EXPECT_TRUE(decode_fact(test_uuid(1), 1, fact.immutable, fact.head).ok());
  const Stored dispute = encode(world.disputes().begin()->second);
  EXPECT_LE(dispute.head.size(), 512U);
  EXPECT_TRUE(decode_dispute(test_uuid(1), 1, dispute.immutable, dispute.head).ok());
}

TEST(Facts, KeysTellThemApart) {
  Fact fact{.amount = eur(1)};
  std::set<std::string> keys;
  for (const FactKind kind : {FactKind::late_success, FactKind::capture_reversed,
                              FactKind::refund_returned, FactKind::dispute}) {
    fact.kind = kind;
    fact.psp_key = "x";
    EXPECT_TRUE(keys.insert(fact_key(fact)).second);
  }
  for (std::uint8_t stage = 1; stage <= 4; ++stage) {
    for (std::uint8_t status = 1; status <= 7; ++status) {
      fact.dispute = DisputeNotice{"du", static_cast<Stage>(stage), static_cast<Status>(status)};
      EXPECT_TRUE(keys.insert(fact_key(fact)).second);
    }
  }
}

}  // namespace
}  // namespace florin::domain::facts_test
