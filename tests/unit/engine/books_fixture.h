// Books in memory with a clock that stands still, for the engine's tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "daemon/control/projectors.h"
#include "daemon/domain/codec.h"
#include "daemon/engine/context.h"
#include "daemon/engine/payment_service.h"
#include "daemon/net/runtime.h"
#include "daemon/vault/sealed_secret.h"
#include "support/manual_clock.h"
#include "support/memory_ledger/memory_ledger.h"
#include "support/test_keys.h"

namespace florin::engine {

class BooksFixture : public ::testing::Test {
 protected:
  Uuid fresh() { return new_uuid(clock_, entropy_); }
  static Money eur(std::int64_t minor) { return *Money::make(minor, *Currency::parse("EUR")); }

  static void add(ledger::Command& command, domain::Kind kind, const Uuid& id,
                  domain::Stored stored) {
    command.objects.push_back({.kind = static_cast<ledger::ObjectKind>(kind),
                               .id = id,
                               .immutable = std::move(stored.immutable),
                               .head = std::move(stored.head)});
  }
  void submit(ledger::Command command) {
    books_->submit(std::move(command), [](Result<ledger::Receipt> done) {
      ASSERT_TRUE(done.ok()) << done.error().to_log();
    });
  }
  /// A connector of the kind `sandbox`, with its sealed credential.
  domain::Connector acquirer() {
    domain::Connector connector{
        .id = {fresh()}, .name = "acquirer", .kind = "sandbox", .base_url = "https://psp.example"};
    const std::string place =
        vault::secret_place(TenantId{}.text(), "connector", connector.id.text(), "secret");
    connector.sealed_secret =
        *vault::seal_secret(*test::test_keys(), "cred", place, view_of("api-key-1234"), entropy_);
    return connector;
  }

  test::ManualClock clock_;
  test::SeededEntropy entropy_{7};
  std::shared_ptr<ledger::model::MemoryLedger> books_ =
      std::make_shared<ledger::model::MemoryLedger>(ledger::OpenOptions{.mode = ledger::Mode::test},
                                                    control::projectors(), clock_);
  ContextPtr context_ = *Context::make({{}, ledger::Mode::test, books_, test::test_keys()});
};

template <class T>
net::Task<void> keep(std::function<net::Task<T>()> begin, std::optional<T>* out) {
  T value = co_await begin();
  out->emplace(std::move(value));
}

/// Executes everything and answers in the sandbox's dialect, unless its answers get lost.
class Psp final : public net::Client {
 public:
  net::Task<net::Exchange> send(net::Url, http::Request request) override {
    ++requests;
    keys.emplace_back(request.headers.get("Idempotency-Key").value_or(""));
    if (const std::function<net::Task<void>()> first = std::exchange(meanwhile, nullptr)) {
      co_await first();
    }
    if (lose_answers) {
      co_return net::Exchange{
          .response = std::nullopt, .error = Error(Errc::timed_out), .request_may_have_left = true};
    }
    const json::object asked = json::parse(request.body)->as_object();
    const bool charge = request.target == "/v1/charges";
    const bool refund = request.target.ends_with("/refunds");
    json::object out;
    out["object"] = charge ? "charge" : refund ? "refund" : "capture";
    out["id"] = charge ? "ch_1" : "x_" + std::to_string(requests);
    if (!charge) out["charge"] = "ch_1";
    out["reference"] = asked.at("reference");
    out["amount"] = asked.at("amount");
    out["currency"] = asked.at("currency");
    const bool manual = charge && !asked.at("capture").as_bool();
    out["status"] = charge ? (manual ? "authorized" : "captured") : "succeeded";
    if (refund) refunded += asked.at("amount").as_int64();
    co_return net::Exchange{.response = http::json_response(201, json::write(out)),
                            .error = std::nullopt,
                            .request_may_have_left = true};
  }

  int requests = 0;
  std::vector<std::string> keys;
  std::int64_t refunded = 0;
  bool lose_answers = false;
  std::function<net::Task<void>()> meanwhile;  ///< happens once, before the answer comes
};

/// One merchant who asks for things, on a runtime that runs when it is told to.
class MerchantFixture : public BooksFixture {
 protected:
  explicit MerchantFixture(net::Waits* waits = nullptr) : runtime_(waits) {}

  void run() {
    while (runtime_.context().poll_one() > 0) {
    }
  }
  template <class T>
  void begin(std::function<net::Task<T>()> body, std::optional<T>& out) {
    runtime_.spawn("test", [body = std::move(body), &out] { return keep<T>(body, &out); });
  }
  template <class T>
  T wait(std::function<net::Task<T>()> body) {
    std::optional<T> out;
    begin<T>(std::move(body), out);
    run();
    EXPECT_TRUE(out.has_value());
    return std::move(*out);
  }

  Caller caller() {
    Caller out{.merchant = merchant_, .credential = {}};
    const std::string name = std::to_string(++callers_);
    out.idempotency_key = context_->idempotency_key(merchant_, name);
    out.fingerprint = context_->fingerprint("POST", name, "", "");
    return again(std::move(out));
  }
  /// The same request, sent once more.
  Caller again(Caller of) {
    of.nonce_key = context_->nonce_key("credential", std::to_string(++nonces_));
    return of;
  }
  std::ptrdiff_t count(std::string_view type) const {
    const auto page = books_->outbox(0, 0, 1'000);
    return std::count_if(page->begin(), page->end(),
                         [type](const auto& event) { return event.event.type == type; });
  }

  MerchantId merchant_{fresh()};
  net::Runtime runtime_;

 private:
  int callers_ = 0;
  int nonces_ = 0;
};

}  // namespace florin::engine
