#include "daemon/engine/translate.h"

#include <gtest/gtest.h>

#include <map>

#include "base/json.h"
#include "daemon/domain/decide.h"
#include "daemon/domain/expiry.h"
#include "daemon/domain/facts.h"
#include "daemon/engine/translate_money.h"
#include "ledger/limits.h"
#include "support/test_keys.h"

namespace florin::engine::translate_test {
namespace {

using domain::OutcomeClass;

Uuid uuid_of(std::uint8_t n) {
  return Uuid::v7(1'790'000'000'000, {n});
}

class Translate : public ::testing::Test {
 protected:
  Translate() {
    ids_.entry = uuid_of(90);
    for (std::uint8_t i = 0; i < 6; ++i)
      ids_.events.push_back(uuid_of(static_cast<std::uint8_t>(91 + i)));
  }

  static domain::Plan created(domain::CaptureMethod method) {
    return domain::create({.payment = {uuid_of(1)},
                           .attempt = {uuid_of(2)},
                           .connector = {uuid_of(3)},
                           .terms = {.merchant = {uuid_of(4)},
                                     .amount = *Money::make(1'000, *Currency::parse("EUR")),
                                     .capture_method = method,
                                     .merchant_reference = "order-1",
                                     .metadata = "{}"},
                           .operation = {.id = {uuid_of(5)}, .target = uuid_of(6), .psp_key = "k"}},
                          7);
  }
  static domain::Plan settled(const domain::Plan& plan, OutcomeClass outcome, bool intent = true) {
    const domain::Life life = stored_life(plan, intent);
    domain::Outcome fact;
    fact.outcome = outcome;
    fact.psp_reference = "ch_1";
    fact.reference = life.operation.id.text();
    fact.amount = life.operation.amount;
    return *domain::settle(life, fact, 8);
  }
  ledger::Command translated(const domain::Plan& plan, ledger::Origin origin,
                             const std::optional<StoredAnswer>& answer = {}) {
    shown_ = view_after(plan, {.payment = plan.life.payment});
    return translate(*context_, plan, shown_, origin, actor_, ids_, answer);
  }

  static void expect_balanced(const ledger::Command& command) {
    std::map<std::pair<ledger::Layer, std::uint16_t>, std::int64_t> sums;
    for (const ledger::Posting& posting : command.postings) {
      EXPECT_GT(posting.amount, 0U);
      EXPECT_EQ(posting.account.owner.is_nil(),
                posting.account.code == ledger::AccountCode::suspense);
      EXPECT_EQ(posting.party, uuid_of(4));
      const auto amount = static_cast<std::int64_t>(posting.amount);
      sums[{posting.layer, posting.account.asset}] +=
          posting.side == ledger::Side::debit ? amount : -amount;
    }
    for (const auto& [layer, sum] : sums) EXPECT_EQ(sum, 0);
  }
  // What a ledger would check and take: versions follow each other, parts are within limits.
  void store(const ledger::Command& command) {
    for (const ledger::ObjectWrite& write : command.objects) {
      const auto key = std::make_pair(write.kind, write.id);
      EXPECT_EQ(write.expected_version, versions_[key]);
      EXPECT_EQ(write.immutable.has_value(), versions_[key] == 0);
      EXPECT_LE(write.head.size(), ledger::kMaxHeadBytes);
      ++versions_[key];
    }
  }

  ContextPtr context_ = *Context::make({{}, ledger::Mode::test, nullptr, test::test_keys()});
  ledger::Actor actor_{ledger::ActorKind::credential, uuid_of(8)};
  EntryIds ids_;
  PaymentView shown_{.payment = {.terms = {.amount = *Money::make(1, *Currency::parse("EUR"))}}};
  std::map<std::pair<ledger::ObjectKind, Uuid>, std::uint64_t> versions_;
};

TEST_F(Translate, AnIntentMovesNothingAndReservesTheKey) {
  const StoredAnswer reservation{.key = {1}, .fingerprint = {2}, .resource = uuid_of(1)};
  const ledger::Command command =
      translated(created(domain::CaptureMethod::automatic), ledger::Origin::command, reservation);
  EXPECT_EQ(command.entry_id, uuid_of(90));
  EXPECT_EQ(command.type, ledger::EntryType::payment_state);
  EXPECT_EQ(command.origin, ledger::Origin::command);
  EXPECT_EQ(command.subject, uuid_of(1));
  EXPECT_EQ(command.actor.id, uuid_of(8));
  EXPECT_TRUE(command.postings.empty());
  EXPECT_TRUE(command.holds.empty());
  EXPECT_EQ(command.objects.size(), 3U);  // payment, attempt, operation; its capture comes later
  store(command);
  ASSERT_EQ(command.events.size(), 1U);
  EXPECT_EQ(command.events[0].type, "payment.created");
  EXPECT_EQ(command.events[0].object_version, 1U);
  ASSERT_TRUE(command.idempotency.has_value());
  EXPECT_FALSE(command.idempotency->answered);
  EXPECT_TRUE(command.idempotency->body.empty());
}

TEST_F(Translate, ASaleThatSucceeds) {
  const domain::Plan intent = created(domain::CaptureMethod::automatic);
  store(translated(intent, ledger::Origin::command));
  const domain::Plan plan = settled(intent, OutcomeClass::succeeded);
  shown_ = view_after(plan, {.payment = plan.life.payment});
  const StoredAnswer answer{.key = {1},
                            .fingerprint = {2},
                            .resource = uuid_of(1),
                            .http_status = 201,
                            .body = render(*context_, shown_),
                            .expires_at = 99};
  const ledger::Command command = translated(plan, ledger::Origin::fact, answer);
  expect_balanced(command);
  store(command);
  EXPECT_EQ(command.origin, ledger::Origin::fact);
  EXPECT_EQ(command.type, ledger::EntryType::capture);
  EXPECT_EQ(command.postings.size(), 6U);
  ASSERT_EQ(command.holds.size(), 2U);
  EXPECT_EQ(command.holds[0].operation, ledger::HoldOperation::open);
  EXPECT_EQ(command.holds[1].operation, ledger::HoldOperation::capture);
  for (const ledger::HoldChange& change : command.holds) {
    EXPECT_EQ(change.hold, uuid_of(1));
    EXPECT_EQ(change.amount, 1'000U);
    EXPECT_EQ(change.asset, 978);
  }
  EXPECT_EQ((versions_[{ledger::ObjectKind{static_cast<std::uint8_t>(domain::Kind::capture)},
                        uuid_of(6)}]),
            1U);
  std::vector<std::string> types;
  for (std::size_t i = 0; i < command.events.size(); ++i) {
    const ledger::Event& event = command.events[i];
    types.push_back(event.type);
    EXPECT_EQ(event.id, ids_.events[i]);
    EXPECT_EQ(event.merchant, uuid_of(4));
    EXPECT_EQ(event.object_id, uuid_of(1));
    EXPECT_EQ(event.object_version, 2U);
    EXPECT_EQ(text_of(event.data), answer.body);
  }
  EXPECT_EQ(types, (std::vector<std::string>{"payment.authorized", "capture.succeeded",
                                             "payment.succeeded"}));
  ASSERT_TRUE(command.idempotency.has_value());
  EXPECT_TRUE(command.idempotency->answered);
  EXPECT_EQ(command.idempotency->http_status, 201);
  EXPECT_EQ(command.idempotency->expires_at, 99);
  const auto body = json::parse(text_of(command.idempotency->body));
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->at("version"), 2);
  EXPECT_EQ(body->at("captures").as_array().size(), 1U);
}

// Where personal fields could stand: objects, events and the stored answer. They are in none.
TEST_F(Translate, NothingOfACustomerIsStoredInClear) {
  domain::Plan intent = created(domain::CaptureMethod::automatic);
  domain::PaymentTerms& terms = intent.life.payment.terms;
  terms.payment_token = "tok_planted";
  terms.description = "planted words";
  terms.metadata = R"({"name":"planted name"})";
  terms.customer_reference = "planted customer";
  terms.subject = {uuid_of(70)};
  terms.sealed_personal = Bytes(40, 7);
  const domain::Plan plan = settled(intent, OutcomeClass::succeeded);
  shown_ = view_after(plan, {.payment = plan.life.payment});
  const StoredAnswer answer{.key = {1},
                            .fingerprint = {2},
                            .resource = uuid_of(1),
                            .http_status = 201,
                            .body = render_stored(*context_, shown_)};
  for (const ledger::Command& command : {translated(intent, ledger::Origin::command),
                                         translated(plan, ledger::Origin::fact, answer)}) {
    for (const ledger::ObjectWrite& write : command.objects) {
      EXPECT_EQ(text_of(write.head).find("planted"), std::string::npos);
      if (!write.immutable) continue;
      EXPECT_EQ(text_of(*write.immutable).find("planted"), std::string::npos);
    }
    for (const ledger::Event& event : command.events) {
      EXPECT_EQ(text_of(event.data).find("planted"), std::string::npos);
      EXPECT_NE(text_of(event.data).find(R"("personal_data":"sealed")"), std::string::npos);
    }
    if (!command.idempotency) continue;
    EXPECT_EQ(text_of(command.idempotency->body).find("planted"), std::string::npos);
  }
  // What the merchant is told at once has them.
  EXPECT_NE(render(*context_, shown_).find("planted words"), std::string::npos);
}

TEST_F(Translate, FailuresAndDoubtsMoveNothing) {
  for (const OutcomeClass outcome : {OutcomeClass::declined, OutcomeClass::unknown}) {
    const ledger::Command command =
        translated(settled(created(domain::CaptureMethod::manual), outcome), ledger::Origin::fact);
    EXPECT_EQ(command.type, ledger::EntryType::payment_state);
    EXPECT_TRUE(command.postings.empty());
    EXPECT_TRUE(command.holds.empty());
    EXPECT_EQ(command.objects.size(), 2U);  // payment and operation
    EXPECT_FALSE(command.idempotency.has_value());
    EXPECT_EQ(command.events.size(), 1U);
  }
}

TEST_F(Translate, AWholeLifeHasVersionsWithoutGaps) {
  const auto step = [&](const domain::Plan& plan, ledger::Origin origin, ledger::EntryType type) {
    const ledger::Command command = translated(plan, origin);
    expect_balanced(command);
    store(command);
    EXPECT_EQ(command.type, type);
    EXPECT_EQ(command.postings.empty(), plan.movements.empty());
  };
  domain::Plan plan = created(domain::CaptureMethod::manual);
  step(plan, ledger::Origin::command, ledger::EntryType::payment_state);
  plan = settled(plan, OutcomeClass::succeeded);
  step(plan, ledger::Origin::fact, ledger::EntryType::authorization);

  domain::Life life = stored_life(plan, false);
  plan = *domain::capture(life.payment, life.attempt,
                          {*Money::make(400, *Currency::parse("EUR")),
                           true,
                           {.id = {uuid_of(10)}, .target = uuid_of(11), .psp_key = "k2"}},
                          9);
  step(plan, ledger::Origin::command, ledger::EntryType::payment_state);
  plan = settled(plan, OutcomeClass::unknown);
  step(plan, ledger::Origin::fact, ledger::EntryType::payment_state);
  plan = settled(plan, OutcomeClass::succeeded, false);
  step(plan, ledger::Origin::fact, ledger::EntryType::capture);
  EXPECT_EQ(plan.life.payment.released, 600);

  life = stored_life(plan, false);
  plan = *domain::refund(life.payment, life.attempt,
                         {*Money::make(400, *Currency::parse("EUR")),
                          "returned",
                          {.id = {uuid_of(12)}, .target = uuid_of(13), .psp_key = "k3"}},
                         10);
  step(plan, ledger::Origin::command, ledger::EntryType::payment_state);
  plan = settled(plan, OutcomeClass::succeeded);
  step(plan, ledger::Origin::fact, ledger::EntryType::refund);
  EXPECT_EQ((versions_[{ledger::ObjectKind{static_cast<std::uint8_t>(domain::Kind::payment)},
                        uuid_of(1)}]),
            7U);
}

// The room for an outcome is held until there is one: a doubt, a review or an answer that is still
// to come is none.
TEST_F(Translate, RoomIsHeldUntilTheOutcomeIsKnown) {
  using Counts = std::pair<std::uint32_t, std::uint32_t>;
  const auto counts = [this](const domain::Plan& plan, ledger::Origin origin) {
    const ledger::Command command = translated(plan, origin);
    return Counts{command.reserves, command.frees};
  };
  const domain::Plan intent = created(domain::CaptureMethod::automatic);
  EXPECT_EQ(counts(intent, ledger::Origin::command), (Counts{1, 0}));
  for (const OutcomeClass known : {OutcomeClass::succeeded, OutcomeClass::declined,
                                   OutcomeClass::refused, OutcomeClass::unsent}) {
    EXPECT_EQ(counts(settled(intent, known), ledger::Origin::fact), (Counts{0, 1}));
  }
  for (const OutcomeClass open : {OutcomeClass::unknown, OutcomeClass::pending}) {
    const domain::Plan doubt = settled(intent, open);
    EXPECT_EQ(counts(doubt, ledger::Origin::fact), (Counts{0, 0}));
    EXPECT_EQ(counts(settled(doubt, OutcomeClass::succeeded, false), ledger::Origin::fact),
              (Counts{0, 1}));
  }
  // A success after the end is another entry, and nothing was held for it.
  const domain::Plan declined = settled(intent, OutcomeClass::declined);
  const domain::Plan late = settled(declined, OutcomeClass::succeeded, false);
  ASSERT_TRUE(late.life.fact.has_value());
  EXPECT_EQ(counts(late, ledger::Origin::fact), (Counts{0, 0}));
}

TEST_F(Translate, AVoidIsARelease) {
  domain::Plan plan = settled(created(domain::CaptureMethod::manual), OutcomeClass::succeeded);
  const domain::Life life = stored_life(plan, false);
  plan = *domain::void_rest(life.payment, life.attempt,
                            {.id = {uuid_of(10)}, .target = uuid_of(11), .psp_key = "k"}, 9);
  const ledger::Command command =
      translated(settled(plan, OutcomeClass::succeeded), ledger::Origin::fact);
  expect_balanced(command);
  EXPECT_EQ(command.type, ledger::EntryType::release);
  ASSERT_EQ(command.holds.size(), 1U);
  EXPECT_EQ(command.holds[0].operation, ledger::HoldOperation::release);
}

TEST_F(Translate, AnIncrementGrowsTheHold) {
  domain::Plan plan = settled(created(domain::CaptureMethod::manual), OutcomeClass::succeeded);
  domain::Life life = stored_life(plan, false);
  life.payment.can_increment = true;
  plan = *domain::increment(life.payment, life.attempt,
                            {*Money::make(250, *Currency::parse("EUR")),
                             {.id = {uuid_of(10)}, .target = uuid_of(11), .psp_key = "k"}},
                            9);
  const ledger::Command intent = translated(plan, ledger::Origin::command);
  EXPECT_EQ(intent.type, ledger::EntryType::payment_state);
  EXPECT_EQ(intent.reserves, 1U);
  const ledger::Command command =
      translated(settled(plan, OutcomeClass::succeeded), ledger::Origin::fact);
  expect_balanced(command);
  EXPECT_EQ(command.type, ledger::EntryType::increment);
  ASSERT_EQ(command.holds.size(), 1U);
  EXPECT_EQ(command.holds[0].operation, ledger::HoldOperation::increase);
  EXPECT_EQ(command.holds[0].amount, 250U);
  EXPECT_EQ(command.holds[0].expires_at, 0);
  ASSERT_EQ(command.postings.size(), 2U);
  for (const ledger::Posting& posting : command.postings) {
    EXPECT_EQ(posting.layer, ledger::Layer::pending);
  }
  ASSERT_EQ(command.events.size(), 1U);
  EXPECT_EQ(command.events[0].type, "authorization.updated");
}

// The hold gets its end when it is opened; at the end the ledger itself makes the postings.
TEST_F(Translate, TheEndOfAnAuthorizationIsTheHoldsOwn) {
  domain::Plan plan = created(domain::CaptureMethod::manual);
  plan.life.payment.authorization = {100, 10};
  plan = settled(plan, OutcomeClass::succeeded);
  const ledger::Command opened = translated(plan, ledger::Origin::fact);
  ASSERT_EQ(opened.holds.size(), 1U);
  EXPECT_EQ(opened.holds[0].expires_at, 7 + 100 * kNanosPerSecond);
  const domain::Life life = stored_life(plan, false);
  const auto ended = domain::expire(life.payment, life.attempt, 200 * kNanosPerSecond);
  ASSERT_TRUE(ended.ok());
  const ledger::Command command = translated(*ended, ledger::Origin::command);
  EXPECT_EQ(command.type, ledger::EntryType::expiry);
  EXPECT_TRUE(command.postings.empty());
  ASSERT_EQ(command.holds.size(), 1U);
  EXPECT_EQ(command.holds[0].operation, ledger::HoldOperation::expire);
  EXPECT_EQ(command.holds[0].amount, 0U);
  EXPECT_EQ(command.reserves, 0U);
  ASSERT_EQ(command.events.size(), 1U);
  EXPECT_EQ(command.events[0].type, "payment.expired");
}

TEST_F(Translate, AReversalTakesBackWithoutTouchingTheHold) {
  domain::Plan plan = settled(created(domain::CaptureMethod::automatic), OutcomeClass::succeeded);
  const domain::Life life = stored_life(plan, false);
  plan = *domain::apply_fact(life,
                             {.kind = domain::FactKind::capture_reversed,
                              .id = uuid_of(20),
                              .psp_key = "rev_1",
                              .amount = *Money::make(1'200, *Currency::parse("EUR"))},
                             9);
  const ledger::Command command = translated(plan, ledger::Origin::fact);
  expect_balanced(command);
  EXPECT_EQ(command.type, ledger::EntryType::capture);
  EXPECT_TRUE(command.holds.empty());
  ASSERT_EQ(command.postings.size(), 4U);
  EXPECT_EQ(command.postings[0].account.code, ledger::AccountCode::merchant_payable);
  EXPECT_EQ(command.postings[0].amount, 1'000U);
  EXPECT_EQ(command.postings[2].account.code, ledger::AccountCode::suspense);
  EXPECT_EQ(command.postings[2].amount, 200U);
  // Payment, capture and the fact; the operation has ended and stays as it is.
  EXPECT_EQ(command.objects.size(), 3U);
  EXPECT_EQ(command.reserves + command.frees, 0U);
  ASSERT_EQ(command.uniques.size(), 1U);
  EXPECT_EQ(command.uniques[0].table, static_cast<ledger::UniqueTable>(domain::Unique::psp_fact));
  ASSERT_EQ(command.events.size(), 1U);
  EXPECT_EQ(command.events[0].type, "capture.reversed");
}

// Every posting of a payment that names a branch is the branch's: of its authorization, its
// capture, what is given back, what comes back and what is disputed.
TEST_F(Translate, TheWholeLifeOfABranchsPaymentIsAttributedToTheBranch) {
  const Uuid merchant = uuid_of(4);
  const Uuid branch = uuid_of(44);
  domain::Plan plan = created(domain::CaptureMethod::automatic);
  plan.life.payment.terms.branch = {branch};
  for (std::uint8_t kind = 0; kind <= static_cast<std::uint8_t>(domain::kLastMoneyFact); ++kind) {
    const auto fact = static_cast<domain::MoneyFact>(kind);
    SCOPED_TRACE(domain::money_fact_name(fact));
    plan.movements = {{fact, 7}};
    for (const ledger::Posting& posting : postings(plan)) {
      EXPECT_EQ(posting.party, branch);
      const bool payable = posting.account.code == ledger::AccountCode::submerchant_payable;
      EXPECT_EQ(posting.parent_owner, payable ? merchant : Uuid{});
      EXPECT_NE(posting.account.code, ledger::AccountCode::merchant_payable);
      EXPECT_NE(posting.account.owner, merchant);
    }
  }
  plan = settled(plan, OutcomeClass::succeeded);
  EXPECT_EQ(plan.life.payment.terms.branch.value, branch);
  plan = *domain::apply_fact(
      stored_life(plan, false),
      {.kind = domain::FactKind::dispute,
       .id = uuid_of(20),
       .psp_key = {},
       .amount = *Money::make(300, *Currency::parse("EUR")),
       .told_at = 1,
       .dispute = domain::DisputeNotice{"du_1", domain::DisputeStage::chargeback,
                                        domain::DisputeStatus::needs_response}},
      9);
  EXPECT_EQ(plan.life.dispute->branch.value, branch);
  const ledger::Command command = translated(plan, ledger::Origin::fact);
  ASSERT_FALSE(command.events.empty());
  for (const ledger::Event& event : command.events) {
    const json::value told = *json::parse(text_of(event.data));
    EXPECT_EQ(told.at("branch"), json::value(MerchantId{branch}.text()));
    EXPECT_EQ(event.merchant, merchant);
  }
}

TEST_F(Translate, ADisputeIsAnObjectWithEventsOfItsOwn) {
  domain::Plan plan = settled(created(domain::CaptureMethod::automatic), OutcomeClass::succeeded);
  domain::Life life = stored_life(plan, false);
  domain::Notice notice{.kind = domain::FactKind::dispute,
                        .id = uuid_of(20),
                        .psp_key = {},
                        .amount = *Money::make(300, *Currency::parse("USD")),
                        .told_at = 1,
                        .dispute = domain::DisputeNotice{"du_1", domain::DisputeStage::chargeback,
                                                         domain::DisputeStatus::needs_response}};
  plan = *domain::apply_fact(life, notice, 9);
  ledger::Command command = translated(plan, ledger::Origin::fact);
  expect_balanced(command);
  // In the currency that was told, whatever the payment's is.
  for (const ledger::Posting& posting : command.postings) EXPECT_EQ(posting.account.asset, 840);
  EXPECT_EQ(command.postings[0].account.code, ledger::AccountCode::dispute_holding);
  EXPECT_EQ(command.uniques.size(), 2U);
  ASSERT_EQ(command.events.size(), 2U);
  for (const ledger::Event& event : command.events) {
    EXPECT_EQ(event.object_kind, static_cast<ledger::ObjectKind>(domain::Kind::dispute));
    EXPECT_EQ(event.object_id, uuid_of(20));
    EXPECT_EQ(event.object_version, 1U);
    EXPECT_EQ(json::parse(text_of(event.data))->at("object"), "dispute");
  }
  // The second notice finds the dispute and takes no second name for it.
  life.dispute = plan.life.dispute;
  life.dispute->version = 1;
  notice.id = uuid_of(21);
  notice.dispute->status = domain::DisputeStatus::won;
  command = translated(*domain::apply_fact(life, notice, 10), ledger::Origin::fact);
  EXPECT_EQ(command.uniques.size(), 1U);
  EXPECT_EQ(command.events.back().object_version, 2U);
}

// What is refunded anew after it came back would be more than the hold ever captured.
TEST_F(Translate, ARefundAfterAReturnLeavesTheHoldWithinItsLimits) {
  domain::Plan plan = settled(created(domain::CaptureMethod::automatic), OutcomeClass::succeeded);
  domain::Life life = stored_life(plan, false);
  life.payment.refunded = life.payment.returned = 1'000;
  plan = *domain::refund(life.payment, life.attempt,
                         {*Money::make(400, *Currency::parse("EUR")),
                          "again",
                          {.id = {uuid_of(12)}, .target = uuid_of(13), .psp_key = "k3"}},
                         10);
  const ledger::Command command =
      translated(settled(plan, OutcomeClass::succeeded), ledger::Origin::fact);
  EXPECT_TRUE(command.holds.empty());
  EXPECT_EQ(command.postings.size(), 2U);
  EXPECT_EQ(command.type, ledger::EntryType::refund);
}

TEST_F(Translate, TheViewAfterAPlanHasItsObjectsOnce) {
  domain::Plan plan = settled(created(domain::CaptureMethod::automatic), OutcomeClass::succeeded);
  PaymentView view = view_after(plan, {.payment = plan.life.payment});
  EXPECT_EQ(view.captures.size(), 1U);
  view = view_after(plan, std::move(view));
  EXPECT_EQ(view.captures.size(), 1U);
  EXPECT_EQ(view.payment.version, plan.life.payment.version + 1);
}

}  // namespace
}  // namespace florin::engine::translate_test
