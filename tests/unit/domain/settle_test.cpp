#include "unit/domain/world.h"

namespace florin::domain {
namespace {

using Events = std::vector<std::string>;

bool ends_well(OutcomeClass outcome) {
  return outcome == OutcomeClass::succeeded;
}
bool is_failure(OutcomeClass outcome) {
  return outcome != OutcomeClass::succeeded && outcome != OutcomeClass::unknown;
}

TEST(SettleAuthorization, EveryOutcome) {
  for (const OutcomeClass outcome : kAllOutcomes) {
    SCOPED_TRACE(outcome_class_name(outcome));
    World world;
    const OperationId id = world.payment().live->id;
    const auto events = world.settle(id, outcome);
    ASSERT_TRUE(events.has_value());
    world.check();
    if (ends_well(outcome)) {
      EXPECT_EQ(*events, Events{"payment.authorized"});
      EXPECT_EQ(world.status(), PaymentStatus::requires_capture);
      EXPECT_EQ(world.payment().authorized, 10'000);
      EXPECT_EQ(world.attempt().psp_reference, "psp_" + id.text());
    } else if (is_failure(outcome)) {
      EXPECT_EQ(*events, Events{"payment.failed"});
      EXPECT_EQ(world.status(), PaymentStatus::failed);
      EXPECT_EQ(world.payment().last_decline.has_value(), outcome != OutcomeClass::unsent);
      EXPECT_TRUE(world.movements().empty());
    } else {
      EXPECT_EQ(*events, Events{"payment.in_doubt"});
      EXPECT_EQ(world.status(), PaymentStatus::in_doubt);
      EXPECT_TRUE(world.movements().empty());
    }
  }
}

TEST(SettleSale, EveryOutcome) {
  for (const OutcomeClass outcome : kAllOutcomes) {
    SCOPED_TRACE(outcome_class_name(outcome));
    World world(10'000, CaptureMethod::automatic);
    const OperationId id = world.payment().live->id;
    const auto events = world.settle(id, outcome);
    ASSERT_TRUE(events.has_value());
    world.check();
    if (ends_well(outcome)) {
      EXPECT_EQ(*events, (Events{"payment.authorized", "capture.succeeded", "payment.succeeded"}));
      EXPECT_EQ(world.status(), PaymentStatus::succeeded);
      ASSERT_EQ(world.captures().size(), 1U);
      EXPECT_EQ(world.captures().begin()->first.value, world.operation(id).target);
      EXPECT_EQ(world.payment().released, 0);
    } else {
      EXPECT_TRUE(world.captures().empty());
      EXPECT_EQ(*events,
                is_failure(outcome) ? Events{"payment.failed"} : Events{"payment.in_doubt"});
    }
  }
}

TEST(SettleCapture, EveryOutcomeInBothForms) {
  for (const bool final_capture : {false, true}) {
    for (const OutcomeClass outcome : kAllOutcomes) {
      SCOPED_TRACE(outcome_class_name(outcome));
      World world;
      world.succeed();
      const auto id = world.capture(eur(4'000), final_capture);
      ASSERT_TRUE(id.ok());
      const auto events = world.settle(*id, outcome);
      ASSERT_TRUE(events.has_value());
      world.check();
      const Capture& capture = world.captures().begin()->second;
      if (ends_well(outcome)) {
        EXPECT_EQ(*events, final_capture ? (Events{"capture.succeeded", "payment.succeeded"})
                                         : Events{"capture.succeeded"});
        EXPECT_EQ(world.payment().released, final_capture ? 6'000 : 0);
        EXPECT_EQ(world.status(),
                  final_capture ? PaymentStatus::succeeded : PaymentStatus::partially_captured);
        EXPECT_EQ(capture.status, CaptureStatus::succeeded);
      } else if (is_failure(outcome)) {
        EXPECT_EQ(*events, Events{"capture.failed"});
        EXPECT_EQ(world.status(), PaymentStatus::requires_capture);
        EXPECT_EQ(world.payment().capturable(), 10'000);
        EXPECT_EQ(capture.status, CaptureStatus::failed);
      } else {
        EXPECT_EQ(*events, Events{"payment.in_doubt"});
        EXPECT_EQ(world.payment().capture_pending, 4'000);
        EXPECT_EQ(capture.status, CaptureStatus::unknown);
      }
    }
  }
}

TEST(SettleCapture, TheLastPartEndsThePayment) {
  World world;
  world.succeed();
  ASSERT_TRUE(world.capture(eur(4'000)).ok());
  world.succeed();
  const auto last = world.capture(eur(6'000), true);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(world.settle(*last, OutcomeClass::succeeded),
            (Events{"capture.succeeded", "payment.succeeded"}));
  EXPECT_EQ(world.payment().released, 0);
}

TEST(SettleVoid, EveryOutcome) {
  for (const std::int64_t captured : {0, 4'000}) {
    for (const OutcomeClass outcome : kAllOutcomes) {
      SCOPED_TRACE(outcome_class_name(outcome));
      World world;
      world.succeed();
      if (captured > 0) {
        ASSERT_TRUE(world.capture(eur(captured)).ok());
        world.succeed();
      }
      const PaymentStatus before = world.status();
      const auto id = world.void_rest();
      ASSERT_TRUE(id.ok());
      const auto events = world.settle(*id, outcome);
      ASSERT_TRUE(events.has_value());
      world.check();
      if (ends_well(outcome)) {
        EXPECT_EQ(*events, Events{captured > 0 ? "payment.succeeded" : "payment.canceled"});
        EXPECT_EQ(world.status(),
                  captured > 0 ? PaymentStatus::succeeded : PaymentStatus::canceled);
        EXPECT_EQ(world.payment().released, 10'000 - captured);
      } else if (is_failure(outcome)) {
        EXPECT_TRUE(events->empty());
        EXPECT_EQ(world.status(), before);
        EXPECT_EQ(world.payment().released, 0);
      } else {
        EXPECT_EQ(*events, Events{"payment.in_doubt"});
      }
    }
  }
}

TEST(SettleRefund, EveryOutcomeLeavesTheStatusAlone) {
  for (const OutcomeClass outcome : kAllOutcomes) {
    SCOPED_TRACE(outcome_class_name(outcome));
    World world(10'000, CaptureMethod::automatic);
    world.succeed();
    const auto id = world.refund(eur(4'000));
    ASSERT_TRUE(id.ok());
    const auto events = world.settle(*id, outcome);
    ASSERT_TRUE(events.has_value());
    world.check();
    EXPECT_EQ(world.status(), PaymentStatus::succeeded);
    EXPECT_FALSE(world.payment().last_decline.has_value());
    const Refund& refund = world.refunds().begin()->second;
    if (ends_well(outcome)) {
      EXPECT_EQ(*events, Events{"refund.succeeded"});
      EXPECT_EQ(world.payment().refunded, 4'000);
    } else if (is_failure(outcome)) {
      EXPECT_EQ(*events, Events{"refund.failed"});
      EXPECT_EQ(world.payment().refundable(), 10'000);
      EXPECT_EQ(refund.decline.has_value(), outcome != OutcomeClass::unsent);
    } else {
      EXPECT_TRUE(events->empty());
      EXPECT_EQ(refund.status, RefundStatus::unknown);
      EXPECT_EQ(world.payment().refund_pending, 4'000);
      EXPECT_FALSE(world.payment().live.has_value());
    }
  }
}

// What an acquirer says about something else proves nothing about ours.
TEST(Settle, ASuccessAboutSomethingElseIsUnknown) {
  struct Row {
    const char* name;
    void (*change)(Outcome&);
  };
  const Row rows[] = {
      {"amount too small", [](Outcome& o) { o.amount = eur(9'999); }},
      {"amount too large", [](Outcome& o) { o.amount = eur(10'001); }},
      {"other currency",
       [](Outcome& o) { o.amount = *Money::make(10'000, *Currency::parse("USD")); }},
      {"no amount", [](Outcome& o) { o.amount.reset(); }},
      {"other reference",
       [](Outcome& o) { o.reference.back() = o.reference.back() == '0' ? '1' : '0'; }},
      {"reference cut", [](Outcome& o) { o.reference.pop_back(); }},
      {"no reference", [](Outcome& o) { o.reference.clear(); }},
  };
  for (const Row& row : rows) {
    for (const CaptureMethod method : {CaptureMethod::manual, CaptureMethod::automatic}) {
      SCOPED_TRACE(row.name);
      World world(10'000, method);
      const OperationId id = world.payment().live->id;
      Outcome outcome = success_of(world.operation(id));
      row.change(outcome);
      EXPECT_EQ(world.settle(id, outcome), Events{"payment.in_doubt"});
      EXPECT_EQ(world.operation(id).state, OperationState::unknown);
      EXPECT_TRUE(world.movements().empty());
      // Said again it still proves nothing, and the true answer resolves it.
      EXPECT_EQ(world.settle(id, outcome), std::nullopt);
      EXPECT_TRUE(world.settle(id, OutcomeClass::succeeded).has_value());
      EXPECT_EQ(world.payment().authorized, 10'000);
      world.check();
    }
  }
}

TEST(Settle, LateFactsDoNotRewriteWhatHasEnded) {
  for (const OutcomeClass first : kAllOutcomes) {
    if (first == OutcomeClass::unknown) continue;
    for (const OutcomeClass late : kAllOutcomes) {
      World world(10'000, CaptureMethod::automatic);
      const OperationId id = world.payment().live->id;
      ASSERT_TRUE(world.settle(id, first).has_value());
      const Payment before = world.payment();
      EXPECT_EQ(world.settle(id, late), std::nullopt);
      EXPECT_EQ(world.payment().version, before.version);
      EXPECT_EQ(world.payment().captured, before.captured);
    }
  }
}

TEST(Settle, AResolvedDoubtIsToldFirst) {
  struct Row {
    OutcomeClass outcome;
    Events authorize, sale, capture, void_;
  };
  const Events failed{"payment.resolved", "payment.failed"};
  const Events capture_failed{"payment.resolved", "capture.failed"};
  const Events only{"payment.resolved"};
  const Row rows[] = {
      {OutcomeClass::succeeded,
       {"payment.resolved", "payment.authorized"},
       {"payment.resolved", "payment.authorized", "capture.succeeded", "payment.succeeded"},
       {"payment.resolved", "capture.succeeded", "payment.succeeded"},
       {"payment.resolved", "payment.canceled"}},
      {OutcomeClass::declined, failed, failed, capture_failed, only},
      {OutcomeClass::refused, failed, failed, capture_failed, only},
      {OutcomeClass::not_executed, failed, failed, capture_failed, only},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(outcome_class_name(row.outcome));
    const auto resolve = [&](World& world, const OperationId& id) {
      EXPECT_EQ(world.settle(id, OutcomeClass::unknown), Events{"payment.in_doubt"});
      EXPECT_EQ(world.settle(id, OutcomeClass::unsent), std::nullopt);
      auto events = world.settle(id, row.outcome);
      world.check();
      return events;
    };
    World authorize;
    EXPECT_EQ(resolve(authorize, authorize.payment().live->id), row.authorize);
    World sale(10'000, CaptureMethod::automatic);
    EXPECT_EQ(resolve(sale, sale.payment().live->id), row.sale);
    World capture;
    capture.succeed();
    EXPECT_EQ(resolve(capture, *capture.capture(std::nullopt)), row.capture);
    World voided;
    voided.succeed();
    EXPECT_EQ(resolve(voided, *voided.void_rest()), row.void_);
  }
}

TEST(Settle, ADoubtAboutARefundDoesNotTouchThePayment) {
  World world;
  world.succeed();
  ASSERT_TRUE(world.capture(eur(4'000)).ok());
  world.succeed();
  const auto refund = world.refund(eur(1'000));
  ASSERT_TRUE(refund.ok());
  EXPECT_EQ(world.settle(*refund, OutcomeClass::unknown), Events{});
  EXPECT_EQ(world.status(), PaymentStatus::partially_captured);
  EXPECT_TRUE(world.capture(eur(1)).ok());
  world.succeed();
  EXPECT_EQ(world.settle(*refund, OutcomeClass::succeeded), Events{"refund.succeeded"});
  EXPECT_EQ(world.payment().refunded, 1'000);
  world.check();
}

}  // namespace
}  // namespace florin::domain
