// The payment service over the ledger in memory and an acquirer that does what it is told.
#include <gtest/gtest.h>

#include <utility>

#include "base/json.h"
#include "books_fixture.h"
#include "daemon/engine/payment_service.h"

namespace florin::engine::payments_test {
namespace {

using domain::DisputeStage;
using domain::DisputeStatus;
using domain::FactKind;

class Payments : public MerchantFixture {
 protected:
  Payments() {
    ledger::Command command{.entry_id = fresh(), .type = ledger::EntryType::audit};
    const domain::Connector connector = acquirer();
    add(command, domain::Kind::connector, connector.id.value, encode(connector));
    add(command, domain::Kind::merchant, merchant_.value,
        encode(domain::Merchant{.id = merchant_, .name = "shop"}));
    add(command, domain::Kind::merchant, careful_.value,
        encode(domain::Merchant{.id = careful_, .name = "careful", .unique_references = true}));
    submit(std::move(command));
    payments_.on_cancel_due([this](const ContextPtr&, PaymentId id) { due_.push_back(id); });
  }

  PaymentId sale(std::int64_t minor) {
    const domain::PaymentTerms terms{.merchant = merchant_,
                                     .amount = eur(minor),
                                     .merchant_reference = "order",
                                     .payment_token = "tok",
                                     .metadata = "{}"};
    const Caller who = caller();
    const auto made = wait<Result<Reply>>([&] { return payments_.create(context_, who, terms); });
    EXPECT_TRUE(made.ok());
    return {made->payment};
  }
  PaymentView view(PaymentId id) const { return *load_view(*context_, id); }
  OperationId operation_of(PaymentId id) const {
    const PaymentView shown = view(id);
    return shown.captures.empty() ? shown.payment.live->id : shown.captures.front().operation;
  }
  Result<FactVerdict> tell(OperationId about, const domain::Notice& notice) {
    return wait<Result<FactVerdict>>(
        [&] { return payments_.book_fact(context_, about, notice, {}); });
  }
  // The answer that was lost is found.
  void resolve(OperationId id) {
    const domain::Life life = *load_life(*context_, id);
    domain::Outcome outcome{.outcome = domain::OutcomeClass::succeeded,
                            .psp_reference = "ch_1",
                            .reference = id.text(),
                            .amount = life.operation.amount};
    const auto done = wait<Result<PaymentView>>(
        [&] { return payments_.book_outcome(context_, life, outcome, {}); });
    EXPECT_TRUE(done.ok());
  }
  // What a notice does that comes before the answer; then the payment goes on.
  net::Task<void> overtake(Caller other) {
    const auto open = unresolved_operations(*context_);
    domain::Life life = *load_life(*context_, open->front());
    const PaymentId id = life.payment.id;
    const domain::Outcome outcome{.outcome = domain::OutcomeClass::succeeded,
                                  .psp_reference = "ch_1",
                                  .reference = life.operation.id.text(),
                                  .amount = life.operation.amount};
    const auto told = co_await payments_.book_outcome(context_, std::move(life), outcome, {});
    EXPECT_TRUE(told.ok());
    const auto refunded = co_await payments_.refund(context_, other, id, eur(300), "");
    EXPECT_TRUE(refunded.ok());
  }
  std::int64_t balance(ledger::AccountCode code) const {
    std::int64_t out = 0;
    const auto rows = books_->balances();
    for (const ledger::AccountBalance& row : *rows) {
      if (row.account.key.code != code) continue;
      out += static_cast<std::int64_t>(row.debits_posted);
      out -= static_cast<std::int64_t>(row.credits_posted);
    }
    return out;
  }
  std::vector<std::string> events() const {
    std::vector<std::string> out;
    const auto page = books_->outbox(0, 0, 1'000);
    for (const ledger::OutboxEvent& event : *page) {
      out.push_back(event.event.type);
    }
    return out;
  }

  static domain::Notice reversal(std::int64_t minor, std::string key) {
    return {.kind = FactKind::capture_reversed, .psp_key = std::move(key), .amount = eur(minor)};
  }
  static domain::Notice dispute(DisputeStatus status, UnixNanos at) {
    return {.kind = FactKind::dispute,
            .psp_key = {},
            .amount = eur(300),
            .told_at = at,
            .dispute = domain::DisputeNotice{"du_1", DisputeStage::chargeback, status}};
  }

  MerchantId careful_{fresh()};  ///< whose references are unique
  Psp psp_;
  Acquirer acquirer_{psp_, clock_};
  PaymentService payments_{clock_, entropy_, acquirer_};
  std::vector<PaymentId> due_;
};

TEST_F(Payments, ALateFactIsBookedOnce) {
  const PaymentId id = sale(1'000);
  const OperationId about = operation_of(id);
  EXPECT_EQ(*tell(about, reversal(400, "rev_1")), FactVerdict::booked);
  EXPECT_EQ(*tell(about, reversal(400, "rev_1")), FactVerdict::duplicate);
  EXPECT_EQ(*tell(about, reversal(401, "rev_1")), FactVerdict::differs);
  EXPECT_EQ(*tell(about, reversal(700, "rev_2")), FactVerdict::booked);
  EXPECT_EQ(view(id).payment.reversed, 1'000);
  EXPECT_EQ(view(id).captures.front().status, domain::CaptureStatus::reversed);
  // All that was captured is gone, and 100 more, which nobody can explain.
  EXPECT_EQ(balance(ledger::AccountCode::merchant_payable), 0);
  EXPECT_EQ(balance(ledger::AccountCode::psp_receivable), -100);
  EXPECT_EQ(balance(ledger::AccountCode::suspense), 100);
  EXPECT_EQ(count("capture.reversed"), 2);
}

TEST_F(Payments, AFactIsEarlyUntilItsOperationHasEnded) {
  psp_.lose_answers = true;
  const PaymentId id = sale(1'000);
  const OperationId about = operation_of(id);
  EXPECT_EQ(domain::status_of(view(id).payment), domain::PaymentStatus::in_doubt);
  EXPECT_EQ(*tell(about, reversal(1'000, "rev_1")), FactVerdict::early);
  EXPECT_EQ(*tell(about, dispute(DisputeStatus::lost, 1)), FactVerdict::early);
  resolve(about);
  EXPECT_EQ(*tell(about, reversal(1'000, "rev_1")), FactVerdict::booked);
  EXPECT_EQ(view(id).payment.reversed, 1'000);
}

TEST_F(Payments, ADisputeIsOneObjectHoweverOftenItIsToldOf) {
  const PaymentId id = sale(1'000);
  const OperationId about = operation_of(id);
  EXPECT_EQ(*tell(about, dispute(DisputeStatus::lost, 2)), FactVerdict::booked);
  EXPECT_EQ(*tell(about, dispute(DisputeStatus::needs_response, 1)), FactVerdict::booked);
  EXPECT_EQ(*tell(about, dispute(DisputeStatus::lost, 2)), FactVerdict::duplicate);
  const auto page = list_disputes(*context_, merchant_, std::nullopt, 10);
  ASSERT_EQ(page->disputes.size(), 1U);
  const domain::Dispute& found = page->disputes.front();
  EXPECT_EQ(found.status, DisputeStatus::lost);
  EXPECT_EQ(found.facts, 2);
  EXPECT_EQ(load_dispute(*context_, found.id)->lost, 300);
  EXPECT_EQ(view(id).payment.charged_back, 300);
  EXPECT_EQ(balance(ledger::AccountCode::dispute_holding), 0);
  EXPECT_EQ(balance(ledger::AccountCode::merchant_payable), -700);
  EXPECT_EQ(count("dispute.opened"), 1);
  EXPECT_TRUE(list_disputes(*context_, {fresh()}, std::nullopt, 10)->disputes.empty());
}

TEST_F(Payments, AFactAboutAnotherKindOfOperationIsRefused) {
  const PaymentId id = sale(1'000);
  domain::Notice returned = reversal(1, "x");
  returned.kind = FactKind::refund_returned;
  EXPECT_EQ(tell(operation_of(id), returned).error().code(), Errc::malformed_value);
  returned.kind = FactKind::dispute;  // without saying which
  EXPECT_EQ(tell(operation_of(id), returned).error().code(), Errc::malformed_value);
  EXPECT_EQ(tell({fresh()}, reversal(1, "x")).error().code(), Errc::not_found);
}

TEST_F(Payments, AHundredRefundsAtOnceNeverExceedWhatWasCaptured) {
  const PaymentId id = sale(5'000);
  std::vector<std::optional<Result<Reply>>> replies(100);
  for (auto& reply : replies) {
    const Caller who = caller();
    begin<Result<Reply>>(
        [this, who, id] { return payments_.refund(context_, who, id, eur(700), "r"); }, reply);
  }
  run();
  int made = 0;
  for (const auto& reply : replies) {
    ASSERT_TRUE(reply.has_value());
    if (reply->ok()) {
      ++made;
      continue;
    }
    const Errc code = reply->error().code();
    EXPECT_TRUE(code == Errc::amount_exceeds_refundable || code == Errc::version_conflict)
        << reply->error().to_log();
  }
  EXPECT_GT(made, 0);
  EXPECT_LE(made, 7);
  EXPECT_EQ(view(id).payment.refunded, 700 * made);
  EXPECT_EQ(psp_.refunded, 700 * made);
}

TEST_F(Payments, AWishToCancelIsCarriedOutOnceWhenTheOutcomeIsKnown) {
  psp_.lose_answers = true;
  const PaymentId id = sale(1'000);
  const Caller who = caller();
  const auto wish = wait<Result<Reply>>([&] { return payments_.cancel(context_, who, id); });
  ASSERT_TRUE(wish.ok());
  EXPECT_EQ(wish->status, 202);
  EXPECT_TRUE(json::parse(wish->body)->at("cancel_requested").as_bool());
  EXPECT_TRUE(due_.empty());
  psp_.lose_answers = false;
  resolve(operation_of(id));
  EXPECT_EQ(due_, std::vector<PaymentId>{id});
  EXPECT_EQ(*due_cancellations(*context_), std::vector<PaymentId>{id});
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(wait<Result<void>>([&] { return payments_.carry_out_cancel(context_, id); }).ok());
  }
  EXPECT_EQ(view(id).payment.refunded, 1'000);
  EXPECT_EQ(view(id).refunds.size(), 1U);
  EXPECT_EQ(psp_.refunded, 1'000);
  EXPECT_TRUE(due_cancellations(*context_)->empty());
  const Caller repeated = again(who);
  const auto replay = wait<Result<Reply>>([&] { return payments_.cancel(context_, repeated, id); });
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->replayed);
  EXPECT_EQ(replay->status, 202);
  EXPECT_EQ(count("payment.cancel_requested"), 1);
}

// The doubt ends as not executed, and the acquirer says later that it was.
TEST_F(Payments, ALateSuccessGoesToSuspense) {
  psp_.lose_answers = true;
  const PaymentId id = sale(1'000);
  const OperationId about = operation_of(id);
  const domain::Life life = *load_life(*context_, about);
  domain::Outcome declined{.outcome = domain::OutcomeClass::declined};
  ASSERT_TRUE(wait<Result<PaymentView>>([&] {
                return payments_.book_outcome(context_, life, declined, {});
              }).ok());
  resolve(about);
  resolve(about);
  EXPECT_EQ(domain::status_of(view(id).payment), domain::PaymentStatus::failed);
  EXPECT_EQ(balance(ledger::AccountCode::psp_receivable), 1'000);
  EXPECT_EQ(balance(ledger::AccountCode::suspense), -1'000);
  EXPECT_EQ(count("payment.late_success"), 1);
}

// Who asks again with a fresh key asks for a second payment; the reference tells that it is the
// first.
TEST_F(Payments, AReferenceThatIsUniqueNamesOnePayment) {
  domain::PaymentTerms terms{.merchant = careful_,
                             .amount = eur(1'000),
                             .merchant_reference = "order",
                             .payment_token = "tok",
                             .metadata = "{}"};
  const auto create = [&](const Caller& who) {
    return wait<Result<Reply>>([&] { return payments_.create(context_, who, terms); });
  };
  const auto of = [this](MerchantId merchant) {
    Caller who = caller();
    who.merchant = merchant;
    return who;
  };
  const Caller first = of(careful_);
  const auto made = create(first);
  ASSERT_TRUE(made.ok()) << made.error().to_log();
  const auto second = create(of(careful_));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Errc::duplicate_reference);
  EXPECT_EQ(second.error().field(), "/merchant_reference");
  EXPECT_EQ(second.error().detail(), PaymentId{made->payment}.text());
  EXPECT_EQ(psp_.requests, 1);
  // The same request is no second one.
  const auto repeated = create(again(first));
  ASSERT_TRUE(repeated.ok()) << repeated.error().to_log();
  EXPECT_TRUE(repeated->replayed);
  EXPECT_EQ(repeated->body, made->body);
  // Of another merchant the reference is another.
  EXPECT_TRUE(create(of(merchant_)).ok());
  EXPECT_TRUE(create(of(merchant_)).ok());
  terms.merchant_reference = "another order";
  EXPECT_TRUE(create(of(careful_)).ok());
}

// Two requests at once: one of them charges.
TEST_F(Payments, AReferenceThatIsUniqueWinsARace) {
  const domain::PaymentTerms terms{.merchant = careful_,
                                   .amount = eur(1'000),
                                   .merchant_reference = "order",
                                   .payment_token = "tok",
                                   .metadata = "{}"};
  Caller one = caller();
  Caller two = caller();
  one.merchant = two.merchant = careful_;
  std::optional<Result<Reply>> first;
  std::optional<Result<Reply>> second;
  begin<Result<Reply>>([&] { return payments_.create(context_, one, terms); }, first);
  begin<Result<Reply>>([&] { return payments_.create(context_, two, terms); }, second);
  run();
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_NE(first->ok(), second->ok());
  const Result<Reply>& refused = first->ok() ? *second : *first;
  EXPECT_EQ(refused.error().code(), Errc::duplicate_reference);
  EXPECT_EQ(psp_.requests, 1);
}

// Each request has one answer, whoever brought the outcome and whatever happened since.
TEST_F(Payments, AnAnswerThatWasOvertakenIsTheOneThatWasWritten) {
  const domain::PaymentTerms terms{.merchant = merchant_,
                                   .amount = eur(1'000),
                                   .merchant_reference = "order",
                                   .payment_token = "tok",
                                   .metadata = "{}"};
  const Caller who = caller();
  psp_.meanwhile = [this, other = caller()] { return overtake(other); };
  const auto made = wait<Result<Reply>>([&] { return payments_.create(context_, who, terms); });
  ASSERT_TRUE(made.ok()) << made.error().to_log();
  EXPECT_FALSE(made->replayed);
  EXPECT_EQ(view({made->payment}).payment.refunded, 300);
  EXPECT_NE(made->body.find(R"("amount_refunded":{"value":0,)"), std::string::npos) << made->body;
  const Caller same = again(who);
  const auto repeated =
      wait<Result<Reply>>([&] { return payments_.create(context_, same, terms); });
  ASSERT_TRUE(repeated.ok()) << repeated.error().to_log();
  EXPECT_TRUE(repeated->replayed);
  EXPECT_EQ(repeated->status, made->status);
  EXPECT_EQ(repeated->body, made->body);
}

}  // namespace
}  // namespace florin::engine::payments_test
