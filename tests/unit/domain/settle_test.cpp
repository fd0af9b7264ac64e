#include "daemon/domain/codec.h"
#include "unit/domain/world.h"

namespace florin::domain::settle_test {
namespace {

using Events = std::vector<std::string>;

bool ends_well(OutcomeClass outcome) {
  return outcome == OutcomeClass::succeeded;
}
bool is_failure(OutcomeClass outcome) {
  return outcome != OutcomeClass::succeeded && outcome != OutcomeClass::unknown &&
         outcome != OutcomeClass::pending;
}
// What is told of a payment whose operation has not ended.
Events open_events(OutcomeClass outcome) {
  return {outcome == OutcomeClass::pending ? "payment.processing" : "payment.in_doubt"};
}
PaymentStatus open_status(OutcomeClass outcome) {
  return outcome == OutcomeClass::pending ? PaymentStatus::processing : PaymentStatus::in_doubt;
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
      EXPECT_EQ(*events, open_events(outcome));
      EXPECT_EQ(world.status(), open_status(outcome));
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
      EXPECT_EQ(*events, is_failure(outcome) ? Events{"payment.failed"} : open_events(outcome));
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
        EXPECT_EQ(*events, open_events(outcome));
        EXPECT_EQ(world.payment().capture_pending, 4'000);
        EXPECT_EQ(capture.status, outcome == OutcomeClass::pending ? CaptureStatus::pending
                                                                   : CaptureStatus::unknown);
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
        EXPECT_EQ(*events, open_events(outcome));
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
      EXPECT_EQ(refund.status,
                outcome == OutcomeClass::pending ? RefundStatus::pending : RefundStatus::unknown);
      EXPECT_EQ(world.payment().refund_pending, 4'000);
      EXPECT_FALSE(world.payment().live.has_value());
    }
  }
}

struct Answer {
  const char* name;
  void (*change)(Outcome&);
};

// A success that leaves something out proves nothing, and the next answer may end the doubt.
TEST(Settle, ASuccessThatSaysTooLittleIsUnknown) {
  const Answer rows[] = {
      {"no amount", [](Outcome& o) { o.amount.reset(); }},
      {"no reference", [](Outcome& o) { o.reference.clear(); }},
      {"a name that cannot be kept", [](Outcome& o) { o.psp_reference = std::string(65, 'p'); }},
  };
  for (const Answer& row : rows) {
    for (const CaptureMethod method : {CaptureMethod::manual, CaptureMethod::automatic}) {
      SCOPED_TRACE(row.name);
      World world(10'000, method);
      const OperationId id = world.payment().live->id;
      Outcome outcome = success_of(world.operation(id));
      row.change(outcome);
      EXPECT_EQ(world.settle(id, outcome), Events{"payment.in_doubt"});
      EXPECT_EQ(world.operation(id).state, OperationState::unknown);
      EXPECT_TRUE(world.movements().empty());
      EXPECT_FALSE(world.operation(id).said.has_value());
      // Said again it still proves nothing, and the true answer resolves it.
      EXPECT_EQ(world.settle(id, outcome), std::nullopt);
      EXPECT_TRUE(world.settle(id, OutcomeClass::succeeded).has_value());
      EXPECT_EQ(world.payment().authorized, 10'000);
      world.check();
    }
  }
}

const Answer kDiffering[] = {
    {"amount too small", [](Outcome& o) { o.amount = eur(9'999); }},
    {"amount too large", [](Outcome& o) { o.amount = eur(10'001); }},
    {"other currency",
     [](Outcome& o) { o.amount = *Money::make(10'000, *Currency::parse("USD")); }},
    {"other reference",
     [](Outcome& o) { o.reference.back() = o.reference.back() == '0' ? '1' : '0'; }},
    {"reference cut", [](Outcome& o) { o.reference.pop_back(); }},
    {"endless reference", [](Outcome& o) { o.reference = std::string(5'000, 'r'); }},
};

// What an acquirer says about something else is kept, moves nothing, and only people end it.
TEST(Review, ASuccessAboutSomethingElseOpensOne) {
  for (const Answer& row : kDiffering) {
    for (const CaptureMethod method : {CaptureMethod::manual, CaptureMethod::automatic}) {
      for (const bool doubted : {false, true}) {
        SCOPED_TRACE(row.name);
        World world(10'000, method);
        const OperationId id = world.payment().live->id;
        if (doubted) world.settle(id, OutcomeClass::unknown);
        Outcome outcome = success_of(world.operation(id));
        row.change(outcome);
        EXPECT_EQ(world.settle(id, outcome), Events{"payment.review_opened"});
        EXPECT_EQ(world.status(), PaymentStatus::review);
        EXPECT_TRUE(world.movements().empty());
        const Operation& operation = world.operation(id);
        EXPECT_EQ(operation.state, OperationState::review);
        ASSERT_TRUE(operation.said.has_value());
        EXPECT_EQ(operation.said->amount, outcome.amount);
        EXPECT_EQ(operation.said->reference, outcome.reference.substr(0, 64));
        EXPECT_EQ(operation.said->psp_reference, outcome.psp_reference);
        EXPECT_TRUE(encode(operation).head.size() <= 512);
        // Neither an inquiry nor a notice ends it.
        for (const OutcomeClass later : kAllOutcomes) {
          EXPECT_EQ(world.settle(id, later), std::nullopt);
        }
        for (const auto& refused :
             {world.capture(eur(1)), world.void_rest(), world.capture(std::nullopt)}) {
          ASSERT_FALSE(refused.ok());
          EXPECT_EQ(refused.error().code(), Errc::operation_in_doubt);
          EXPECT_EQ(refused.error().detail(), allowed_commands(world.payment()));
        }
        world.check();
      }
    }
  }
}

TEST(Review, OfACaptureAVoidAndARefund) {
  World world;
  world.succeed();
  const auto differing = [&world](const OperationId& id) {
    Outcome outcome = success_of(world.operation(id));
    outcome.amount = eur(1);
    return world.settle(id, outcome);
  };
  const auto captured = world.capture(eur(4'000));
  EXPECT_EQ(differing(*captured), Events{"payment.review_opened"});
  EXPECT_EQ(world.captures().begin()->second.status, CaptureStatus::review);
  EXPECT_EQ(world.payment().capture_pending, 4'000);
  EXPECT_EQ(*world.resolve(*captured, Verdict::succeeded),
            (Events{"payment.review_closed", "capture.succeeded"}));
  EXPECT_EQ(world.payment().captured, 4'000);
  // A refund in review is a matter of the refund: the payment goes on.
  const auto refunded = world.refund(eur(1'000));
  EXPECT_EQ(differing(*refunded), Events{"payment.review_opened"});
  EXPECT_EQ(world.status(), PaymentStatus::partially_captured);
  EXPECT_EQ(world.refunds().begin()->second.status, RefundStatus::review);
  const auto voided = world.void_rest();
  ASSERT_TRUE(voided.ok());
  EXPECT_EQ(differing(*voided), Events{"payment.review_opened"});
  EXPECT_EQ(world.status(), PaymentStatus::review);
  world.check();
  EXPECT_EQ(*world.resolve(*voided, Verdict::not_executed), Events{"payment.review_closed"});
  EXPECT_EQ(*world.resolve(*refunded, Verdict::not_executed),
            (Events{"payment.review_closed", "refund.failed"}));
  EXPECT_EQ(world.payment().refundable(), 4'000);
  world.check();
}

// From every state that people may end, both ways; the amount is ours, whatever was said.
TEST(Resolve, EndsWhatEvidenceCouldNot) {
  for (const OutcomeClass open : {OutcomeClass::unknown, OutcomeClass::pending}) {
    for (const Verdict verdict : {Verdict::succeeded, Verdict::not_executed}) {
      World world(10'000, CaptureMethod::automatic);
      const OperationId id = world.payment().live->id;
      world.settle(id, open);
      const auto events = world.resolve(id, verdict, "psp_found");
      ASSERT_TRUE(events.ok());
      EXPECT_EQ(events->front() == "payment.resolved", open == OutcomeClass::unknown);
      const bool succeeded = verdict == Verdict::succeeded;
      EXPECT_EQ(world.status(), succeeded ? PaymentStatus::succeeded : PaymentStatus::failed);
      EXPECT_EQ(world.payment().captured, succeeded ? 10'000 : 0);
      EXPECT_EQ(world.attempt().psp_reference, succeeded ? "psp_found" : "");
      EXPECT_EQ(world.operation(id).decided, (Decided{verdict, Hash32{7}, "R-0042"}));
      world.check();
    }
  }
}

TEST(Resolve, TakesTheNameThatWasSaidInReview) {
  World world(10'000, CaptureMethod::automatic);
  const OperationId id = world.payment().live->id;
  Outcome outcome = success_of(world.operation(id));
  outcome.amount = eur(9'999);
  outcome.psp_reference = "psp_said";
  world.settle(id, outcome);
  ASSERT_TRUE(world.resolve(id, Verdict::succeeded).ok());
  EXPECT_EQ(world.attempt().psp_reference, "psp_said");
  EXPECT_EQ(world.payment().captured, 10'000);
}

TEST(Resolve, NeitherWhatIsOnItsWayNorWhatHasEnded) {
  World world;
  const OperationId id = world.payment().live->id;
  for (const Verdict verdict : {Verdict::succeeded, Verdict::not_executed}) {
    EXPECT_EQ(world.resolve(id, verdict).error().code(), Errc::state_conflict);
  }
  world.settle(id, OutcomeClass::unknown);
  EXPECT_EQ(world.resolve(id, Verdict::succeeded, std::string(65, 'p')).error().field(),
            "psp_reference");
  ASSERT_TRUE(world.resolve(id, Verdict::not_executed).ok());
  for (const Verdict verdict : {Verdict::succeeded, Verdict::not_executed}) {
    EXPECT_EQ(world.resolve(id, verdict).error().code(), Errc::state_conflict);
  }
  EXPECT_EQ(world.status(), PaymentStatus::failed);
}

TEST(Settle, LateFactsDoNotRewriteWhatHasEnded) {
  for (const OutcomeClass first : kAllOutcomes) {
    if (first == OutcomeClass::unknown || first == OutcomeClass::pending) continue;
    for (const OutcomeClass late : kAllOutcomes) {
      World world(10'000, CaptureMethod::automatic);
      const OperationId id = world.payment().live->id;
      ASSERT_TRUE(world.settle(id, first).has_value());
      const Payment before = world.payment();
      const OperationState state = world.operation(id).state;
      const bool news = ends_well(late) && !ends_well(first);
      EXPECT_EQ(world.settle(id, late).has_value(), news);
      EXPECT_EQ(world.facts().size(), news ? 1U : 0U);
      EXPECT_EQ(world.payment().captured, before.captured);
      EXPECT_EQ(world.payment().failed, before.failed);
      EXPECT_EQ(world.operation(id).state, state);
      world.check();
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
}  // namespace florin::domain::settle_test
