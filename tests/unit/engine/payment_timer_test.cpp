// Authorizations and payments that end, over the ledger in memory, with time that moves when told.
#include "daemon/engine/payment_timer.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "base/json.h"
#include "books_fixture.h"
#include "daemon/domain/expiry.h"

namespace florin::engine::payment_timer_test {
namespace {

using domain::PaymentStatus;

constexpr domain::AuthorizationTime kHour{3'600, 800};

class Sleepers final : public net::Waits {
 public:
  void after(std::chrono::milliseconds, std::function<void()> done) override {
    waiting_.push_back(std::move(done));
  }
  void wake() {
    for (const std::function<void()>& done : std::exchange(waiting_, {})) done();
  }
  void forget() { waiting_.clear(); }

 private:
  std::vector<std::function<void()>> waiting_;
};

// Answers charges, captures and voids in the sandbox's dialect.
class Psp final : public net::Client {
 public:
  enum class Mood : std::uint8_t { well, away, silent, declining };

  net::Task<net::Exchange> send(net::Url, http::Request request) override {
    const bool release = request.target.ends_with("/voids");
    if (release) {
      ++voids;
      keys.insert(std::string(*request.headers.get("Idempotency-Key")));
    }
    if (release && (mood == Mood::away || mood == Mood::silent)) {
      co_return net::Exchange{.response = std::nullopt,
                              .error = Error(Errc::timed_out),
                              .request_may_have_left = mood == Mood::silent};
    }
    const json::object asked = json::parse(request.body)->as_object();
    const bool charge = request.target == "/v1/charges";
    json::object out;
    out["object"] = charge ? "charge" : release ? "void" : "capture";
    const std::string name = charge ? "ch_" + std::to_string(++charges) : "x_1";
    out["id"] = name;
    if (!charge) out["charge"] = request.target.substr(12, request.target.find('/', 12) - 12);
    out["reference"] = asked.at("reference");
    out["amount"] = release ? json::value(1'000) : asked.at("amount");
    out["currency"] = "EUR";
    out["status"] = charge ? "authorized" : "succeeded";
    if (release && mood == Mood::declining) {
      out["status"] = "declined";
      out["decline"] = json::object{{"code", "do_not_honor"}, {"network_code", "05"}};
    }
    co_return net::Exchange{.response = http::json_response(201, json::write(out)),
                            .error = std::nullopt,
                            .request_may_have_left = true};
  }

  Mood mood = Mood::well;
  int charges = 0;
  int voids = 0;
  std::set<std::string> keys;
};

// Outlive the runtime that waits with them.
struct HasSleepers {
  Sleepers sleepers_;
};

class Timers : protected HasSleepers, public MerchantFixture {
 protected:
  Timers() : MerchantFixture(&sleepers_) {
    ledger::Command command{.entry_id = fresh(), .type = ledger::EntryType::audit};
    domain::Connector connector = acquirer();
    connector.authorization = kHour;
    add(command, domain::Kind::connector, connector.id.value, encode(connector));
    add(command, domain::Kind::merchant, merchant_.value,
        encode(domain::Merchant{.id = merchant_, .name = "shop"}));
    submit(std::move(command));
    contexts_.put(context_);
    timer_.hold_while([this] { return held_; });
    timer_.begin();
    run();
  }
  ~Timers() override {
    timer_.let_go();
    sleepers_.forget();
  }

  void tick() {
    sleepers_.wake();
    run();
  }
  void pass(std::int64_t seconds) {
    clock_.advance(seconds * kNanosPerSecond);
    tick();
  }
  PaymentId authorize() {
    const domain::PaymentTerms terms{.merchant = merchant_,
                                     .amount = eur(1'000),
                                     .capture_method = domain::CaptureMethod::manual,
                                     .merchant_reference = "order",
                                     .payment_token = "tok",
                                     .metadata = "{}"};
    const Caller who = caller();
    const auto made = wait<Result<Reply>>([&] { return payments_.create(context_, who, terms); });
    EXPECT_TRUE(made.ok());
    return {made->payment};
  }
  domain::Payment payment(PaymentId id) const { return load_view(*context_, id)->payment; }
  PaymentStatus status(PaymentId id) const { return domain::status_of(payment(id)); }
  // Nothing is held any more.
  void expect_no_memo() const {
    const auto rows = books_->balances();
    for (const ledger::AccountBalance& row : *rows) {
      EXPECT_EQ(row.debits_pending, row.credits_pending);
    }
  }

  ContextRegistry contexts_;
  Psp psp_;
  Acquirer acquirer_{psp_, clock_};
  PaymentService payments_{clock_, entropy_, acquirer_};
  PaymentTimer timer_{runtime_, clock_, contexts_, payments_};
  bool held_ = false;
};

TEST_F(Timers, TheRestIsGivenBackOnceBeforeTheEnd) {
  const PaymentId id = authorize();
  EXPECT_EQ(books_->hold(id.value)->value().expires_at, *domain::authorization_end(payment(id)));
  pass(2'799);
  EXPECT_EQ(psp_.voids, 0);
  EXPECT_EQ(status(id), PaymentStatus::requires_capture);
  pass(1);
  EXPECT_EQ(psp_.voids, 1);
  EXPECT_EQ(status(id), PaymentStatus::expired);
  EXPECT_EQ(payment(id).released, 1'000);
  for (int i = 0; i < 3; ++i) pass(10'000);
  EXPECT_EQ(psp_.voids, 1);
  EXPECT_EQ(count("payment.expired"), 1);
  EXPECT_EQ(timer_.in_hand(), 0U);
  expect_no_memo();
}

// Nobody is asked: nothing had gone out.
TEST_F(Timers, WhatNobodyConfirmsEndsByRecordedTime) {
  const Caller who = caller();
  const domain::PaymentTerms terms{.merchant = merchant_,
                                   .amount = eur(1'000),
                                   .merchant_reference = "order",
                                   .payment_token = "tok",
                                   .metadata = "{}"};
  const auto made =
      wait<Result<Reply>>([&] { return payments_.create(context_, who, terms, false); });
  ASSERT_TRUE(made.ok());
  const PaymentId id{made->payment};
  const UnixNanos end = payment(id).confirm_before;
  pass(1'799);
  EXPECT_EQ(status(id), PaymentStatus::requires_confirmation);
  EXPECT_EQ(books_->books_state()->clock, 0);
  pass(1);
  EXPECT_EQ(status(id), PaymentStatus::expired);
  EXPECT_GE(books_->books_state()->clock, end);
  EXPECT_EQ(count("payment.expired"), 1);
  for (int i = 0; i < 3; ++i) pass(10'000);
  EXPECT_EQ(count("payment.expired"), 1);
  EXPECT_EQ(psp_.charges + psp_.voids, 0);
  const Caller late = caller();
  const auto confirmed = wait<Result<Reply>>([&] { return payments_.confirm(context_, late, id); });
  ASSERT_FALSE(confirmed.ok());
  EXPECT_EQ(confirmed.error().code(), Errc::state_conflict);
  EXPECT_EQ(timer_.in_hand(), 0U);
  expect_no_memo();
}

// The ledger's own clock ends what the acquirer would not give back.
TEST_F(Timers, TimeEndsWhatWasNotGivenBack) {
  psp_.mood = Psp::Mood::declining;
  const PaymentId one = authorize();
  const PaymentId two = authorize();
  pass(2'800);
  EXPECT_EQ(psp_.voids, 2);
  pass(799);
  EXPECT_EQ(status(one), PaymentStatus::requires_capture);
  EXPECT_EQ(books_->books_state()->clock, 0);
  pass(1);
  for (const PaymentId& id : {one, two}) {
    EXPECT_EQ(status(id), PaymentStatus::expired);
    EXPECT_GE(books_->books_state()->clock, *domain::authorization_end(payment(id)));
    EXPECT_EQ(books_->hold(id.value)->value().released, 1'000U);
  }
  EXPECT_EQ(psp_.voids, 2);
  EXPECT_EQ(count("payment.expired"), 2);
  expect_no_memo();
}

TEST_F(Timers, WhatIsCapturedInPartEndsAsSucceeded) {
  const PaymentId id = authorize();
  const Caller who = caller();
  ASSERT_TRUE(wait<Result<Reply>>([&] {
                return payments_.capture(context_, who, id, eur(400), false);
              }).ok());
  psp_.mood = Psp::Mood::away;
  pass(3'600);
  EXPECT_EQ(status(id), PaymentStatus::succeeded);
  EXPECT_EQ(payment(id).released, 600);
  EXPECT_EQ(psp_.voids, 0);  // too late to ask
  EXPECT_EQ(count("payment.expired"), 0);
  expect_no_memo();
}

TEST_F(Timers, WhileItIsHeldNothingHappens) {
  const PaymentId id = authorize();
  held_ = true;
  pass(3'000);
  pass(10'000);
  EXPECT_EQ(psp_.voids, 0);
  EXPECT_EQ(status(id), PaymentStatus::requires_capture);
  held_ = false;
  tick();
  EXPECT_EQ(status(id), PaymentStatus::expired);
}

TEST_F(Timers, ADoubtIsWaitedFor) {
  psp_.mood = Psp::Mood::silent;
  const PaymentId id = authorize();
  pass(2'800);
  EXPECT_EQ(status(id), PaymentStatus::in_doubt);
  const OperationId operation = payment(id).live->id;
  pass(10'000);
  pass(10'000);
  EXPECT_EQ(psp_.voids, 1);
  EXPECT_EQ(status(id), PaymentStatus::in_doubt);
  const domain::Life life = *load_life(*context_, operation);
  domain::Outcome found{.outcome = domain::OutcomeClass::succeeded,
                        .psp_reference = "x_1",
                        .reference = operation.text(),
                        .amount = life.operation.amount};
  ASSERT_TRUE(wait<Result<PaymentView>>([&] {
                return payments_.book_outcome(context_, life, found, {});
              }).ok());
  EXPECT_EQ(status(id), PaymentStatus::expired);
  pass(1);
  EXPECT_EQ(count("payment.expired"), 1);
  expect_no_memo();
}

// Each try under a key of its own, spread over the margin.
TEST_F(Timers, WhatNeverLeftIsTriedAgainUntilTheEnd) {
  psp_.mood = Psp::Mood::away;
  const PaymentId id = authorize();
  pass(2'799);
  for (int tries = 1; tries <= domain::kMaxExpiryVoids; ++tries) {
    pass(1);
    EXPECT_EQ(psp_.voids, tries);
    pass(99);
    EXPECT_EQ(psp_.voids, tries);
  }
  EXPECT_EQ(psp_.keys.size(), std::size_t{domain::kMaxExpiryVoids});
  EXPECT_EQ(status(id), PaymentStatus::requires_capture);
  pass(1);
  EXPECT_EQ(status(id), PaymentStatus::expired);
}

// Whoever starts anew finds it in the books.
TEST_F(Timers, ARestartForgetsNothing) {
  const PaymentId id = authorize();
  timer_.let_go();
  sleepers_.forget();
  pass(3'000);
  EXPECT_EQ(psp_.voids, 0);
  PaymentService payments(clock_, entropy_, acquirer_);
  PaymentTimer timer(runtime_, clock_, contexts_, payments);
  timer.begin();
  timer.begin();
  run();
  EXPECT_EQ(psp_.voids, 1);
  EXPECT_EQ(status(id), PaymentStatus::expired);
  timer.let_go();
}

TEST_F(Timers, ATickTakesSoManyAndTheNextOneTheRest) {
  std::vector<PaymentId> all;
  for (std::size_t i = 0; i < 2 * PaymentTimer::kAtOnce + 3; ++i) all.push_back(authorize());
  pass(3'000);
  EXPECT_EQ(psp_.voids, int{PaymentTimer::kAtOnce});
  tick();
  tick();
  EXPECT_EQ(static_cast<std::size_t>(psp_.voids), all.size());
  for (const PaymentId& id : all) EXPECT_EQ(status(id), PaymentStatus::expired);
  expect_no_memo();
}

TEST_F(Timers, ACaptureAtTheSameTimeIsBeforeOrIsRefused) {
  const PaymentId id = authorize();
  clock_.advance(2'800 * kNanosPerSecond);
  const Caller who = caller();
  std::optional<Result<Reply>> reply;
  runtime_.spawn("capture", [&] {
    return keep<Result<Reply>>(
        [&] { return payments_.capture(context_, who, id, std::nullopt, false); }, &reply);
  });
  tick();
  ASSERT_TRUE(reply.has_value());
  const domain::Payment after = payment(id);
  EXPECT_EQ(after.captured + after.released, 1'000);
  EXPECT_EQ(after.captured == 0, !reply->ok() && psp_.voids == 1);
  EXPECT_EQ(status(id), after.captured == 0 ? PaymentStatus::expired : PaymentStatus::succeeded);
  expect_no_memo();
}

}  // namespace
}  // namespace florin::engine::payment_timer_test
