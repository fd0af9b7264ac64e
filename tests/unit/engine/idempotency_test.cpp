#include "daemon/engine/idempotency.h"

#include <gtest/gtest.h>

#include "daemon/domain/kinds.h"
#include "support/empty_ledger.h"
#include "support/test_keys.h"

namespace florin::engine::idempotency_test {
namespace {

constexpr UnixNanos kNow = 1'790'000'000 * kNanosPerSecond;

class Books final : public test::EmptyLedger {
 public:
  [[nodiscard]] Result<std::optional<ledger::IdempotencyRow>> idempotency(
      const Key16& key) const override {
    if (broken) return Error(Errc::ledger_stopped);
    return key == row_key ? row : std::nullopt;
  }
  [[nodiscard]] Result<std::optional<ledger::UniqueRow>> unique(ledger::UniqueTable table,
                                                                const Key16& key) const override {
    EXPECT_EQ(static_cast<domain::Unique>(table), domain::Unique::nonce);
    if (key == spent_nonce) return std::optional(ledger::UniqueRow{});
    return std::optional<ledger::UniqueRow>();
  }
  Key16 row_key{1};
  Key16 spent_nonce{0xFF};
  std::optional<ledger::IdempotencyRow> row;
  bool broken = false;
};

class EarlierAnswer : public ::testing::Test {
 protected:
  EarlierAnswer() {
    books_->row = ledger::IdempotencyRow{.fingerprint = {2},
                                         .answered = true,
                                         .resource = Uuid::v7(5, {6}),
                                         .http_status = 201,
                                         .expires_at = kNow + 1,
                                         .body = to_bytes(view_of(R"({"id":1})"))};
    caller_.idempotency_key = {1};
    caller_.fingerprint = {2};
    caller_.nonce_key = {3};
  }
  [[nodiscard]] Result<std::optional<Reply>> ask() const {
    return earlier_answer(*context_, caller_, kNow);
  }
  void expect_refused(Errc code) const {
    const auto answer = ask();
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code(), code) << answer.error().to_log();
  }

  std::shared_ptr<Books> books_ = std::make_shared<Books>();
  ContextPtr context_ = *Context::make({{}, ledger::Mode::test, books_, test::test_keys()});
  Caller caller_;
};

TEST_F(EarlierAnswer, ANewKeyHasNone) {
  caller_.idempotency_key = {9};
  const auto answer = ask();
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->has_value());
}

TEST_F(EarlierAnswer, TheSameRequestSignedAnewGetsTheStoredAnswer) {
  const auto answer = ask();
  ASSERT_TRUE(answer.ok() && answer->has_value());
  EXPECT_EQ((*answer)->status, 201);
  EXPECT_EQ((*answer)->body, R"({"id":1})");
  EXPECT_EQ((*answer)->payment, books_->row->resource);
  EXPECT_TRUE((*answer)->replayed);
}

TEST_F(EarlierAnswer, AnotherRequestUnderTheKeyIsRefused) {
  caller_.fingerprint = {7};
  expect_refused(Errc::idempotency_key_reused);
  // Whatever became of the first: another request never learns it.
  books_->row->answered = false;
  expect_refused(Errc::idempotency_key_reused);
  books_->row->expires_at = kNow - 1;
  expect_refused(Errc::idempotency_key_reused);
}

TEST_F(EarlierAnswer, WhileTheFirstStillRuns) {
  books_->row->answered = false;
  books_->row->expires_at = 0;
  expect_refused(Errc::idempotency_in_progress);
}

TEST_F(EarlierAnswer, AfterItsLifetimeTheKeyIsATombstone) {
  books_->row->expires_at = kNow;
  expect_refused(Errc::idempotency_key_expired);
  EXPECT_EQ(kAnswerLifetime_ns, std::int64_t{604'800} * kNanosPerSecond);
}

TEST_F(EarlierAnswer, RepeatedBytesAreRefusedBeforeAnythingElse) {
  caller_.nonce_key = books_->spent_nonce;
  expect_refused(Errc::nonce_reused);
  caller_.fingerprint = {7};
  expect_refused(Errc::nonce_reused);
}

TEST_F(EarlierAnswer, BooksThatCannotBeReadAreNotANewKey) {
  books_->broken = true;
  expect_refused(Errc::ledger_stopped);
}

}  // namespace
}  // namespace florin::engine::idempotency_test
