// Payments that are made first and confirmed later, over the ledger in memory.
#include <gtest/gtest.h>

#include "base/json.h"
#include "books_fixture.h"
#include "daemon/engine/payment_service.h"

namespace florin::engine::confirm_test {
namespace {

class Confirm : public MerchantFixture {
 protected:
  Confirm() {
    ledger::Command command{.entry_id = fresh(), .type = ledger::EntryType::audit};
    const domain::Connector connector = acquirer();
    add(command, domain::Kind::connector, connector.id.value, encode(connector));
    add(command, domain::Kind::merchant, merchant_.value,
        encode(domain::Merchant{.id = merchant_, .name = "shop", .unique_references = true}));
    submit(std::move(command));
  }

  Result<Reply> create(const Caller& who, std::string reference) {
    const domain::PaymentTerms terms{.merchant = merchant_,
                                     .amount = eur(1'000),
                                     .merchant_reference = std::move(reference),
                                     .payment_token = "tok",
                                     .metadata = "{}"};
    return wait<Result<Reply>>([&] { return payments_.create(context_, who, terms, false); });
  }
  PaymentId unconfirmed() {
    const auto made = create(caller(), "order-" + std::to_string(++orders_));
    EXPECT_TRUE(made.ok());
    return {made->payment};
  }
  Result<Reply> confirm(PaymentId id) { return confirm(id, caller()); }
  Result<Reply> confirm(PaymentId id, const Caller& who) {
    return wait<Result<Reply>>([&] { return payments_.confirm(context_, who, id); });
  }
  Result<Reply> cancel(PaymentId id) {
    const Caller who = caller();
    return wait<Result<Reply>>([&] { return payments_.cancel(context_, who, id); });
  }
  static std::string status_in(const Result<Reply>& reply) {
    return std::string(json::parse(reply->body)->at("status").as_string());
  }

  Psp psp_;
  Acquirer acquirer_{psp_, clock_};
  PaymentService payments_{clock_, entropy_, acquirer_};
  int orders_ = 0;
};

TEST_F(Confirm, NothingGoesOutBefore) {
  const Caller who = caller();
  const auto made = create(who, "order");
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->status, 201);
  const json::object body = json::parse(made->body)->as_object();
  EXPECT_EQ(body.at("status").as_string(), "requires_confirmation");
  EXPECT_EQ(body.at("confirm_before").as_string(),
            to_rfc3339(clock_.now() + 1'800 * kNanosPerSecond));
  EXPECT_EQ(psp_.requests, 0);
  EXPECT_EQ(count("payment.created"), 1);
  const std::uint64_t entries = books_->head().next_seq;
  const auto again = create(this->again(who), "order");
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->body, made->body);
  EXPECT_EQ(books_->head().next_seq, entries);
}

TEST_F(Confirm, AsksOnceUnderTheConfirmationsKey) {
  const PaymentId id = unconfirmed();
  const Caller who = caller();
  const auto done = confirm(id, who);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->status, 201);
  EXPECT_EQ(status_in(done), "succeeded");
  const auto again = confirm(id, this->again(who));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->body, done->body);
  const auto other = confirm(id);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code(), Errc::state_conflict);
  EXPECT_EQ(psp_.keys,
            (std::vector<std::string>{context_->psp_key(who.idempotency_key, 1, "confirm")}));
  EXPECT_EQ(count("payment.succeeded"), 1);
}

// Another confirmation while the first is at the acquirer.
TEST_F(Confirm, TwoAtOnceAreOne) {
  const PaymentId id = unconfirmed();
  std::optional<Errc> refused;
  psp_.meanwhile = [&]() -> net::Task<void> {
    const auto second = co_await payments_.confirm(context_, caller(), id);
    if (!second.ok()) refused = second.error().code();
  };
  ASSERT_TRUE(confirm(id).ok());
  EXPECT_EQ(refused, Errc::state_conflict);
  EXPECT_EQ(psp_.requests, 1);
}

TEST_F(Confirm, ItsDoubtIsADoubtLikeEveryOther) {
  const PaymentId id = unconfirmed();
  psp_.lose_answers = true;
  const auto done = confirm(id);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->status, 202);
  EXPECT_EQ(status_in(done), "in_doubt");
  EXPECT_EQ(unresolved_operations(*context_)->size(), 1U);
  EXPECT_FALSE(confirm(id).ok());
  EXPECT_EQ(psp_.requests, 1);
}

TEST_F(Confirm, ACancellationNeedsNoAcquirer) {
  const PaymentId id = unconfirmed();
  const auto done = cancel(id);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->status, 201);
  EXPECT_EQ(status_in(done), "canceled");
  EXPECT_EQ(count("payment.canceled"), 1);
  for (const auto& refused : {confirm(id), cancel(id)}) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), Errc::state_conflict);
  }
  EXPECT_EQ(psp_.requests, 0);
}

TEST_F(Confirm, ItsReferenceIsTaken) {
  ASSERT_TRUE(create(caller(), "one").ok());
  const auto second = create(caller(), "one");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Errc::duplicate_reference);
}

}  // namespace
}  // namespace florin::engine::confirm_test
