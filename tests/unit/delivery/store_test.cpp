#include "daemon/delivery/store.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace florin::delivery::store_test {
namespace {

Uuid numbered(std::uint8_t number) {
  return Uuid::from(Bytes(16, number));
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = Store::open(directory_.path(), 64UL << 20U).value(); }

  template <class Work>
  auto commit(Work work) {
    lmdb::WriteTransaction transaction = store_->write().value();
    auto result = work(transaction);
    EXPECT_TRUE(transaction.commit().ok());
    return result;
  }
  [[nodiscard]] Delivery row(std::uint8_t endpoint, std::uint64_t seq, UnixNanos at) const {
    Delivery delivery;
    delivery.key = {{ledger_, numbered(endpoint)}, {seq, 0}};
    delivery.next_at = at;
    delivery.event_type = "payment.captured";
    return delivery;
  }
  void expand(Position from, Position to, const std::vector<Delivery>& rows) {
    ASSERT_TRUE(commit([&](auto& transaction) {
                  return store_->expand(transaction, ledger_, from, to, rows);
                }).ok());
  }
  ClaimResult claim(ClaimRequest request) {
    request.ledgers = {ledger_};
    return commit([&](auto& transaction) { return store_->claim(transaction, request); }).value();
  }

  test::TempDir directory_;
  LedgerKey ledger_{numbered(9), ledger::Mode::live};
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, RowsAndCursorMoveTogether) {
  expand({}, {3, 0}, {row(1, 3, 10)});
  const auto again = commit([&](auto& transaction) {
    return store_->expand(transaction, ledger_, {}, {3, 0}, {row(1, 3, 10)});
  });
  EXPECT_EQ(again.error().code(), Errc::state_conflict);
  const auto transaction = store_->read().value();
  EXPECT_EQ(store_->cursor(transaction, ledger_).value(), (Position{3, 0}));
}

TEST_F(StoreTest, NoAttemptEndsThatWasNotStarted) {
  expand({}, {3, 0}, {row(1, 3, 10)});
  const auto ended = commit([&](auto& transaction) {
    return store_->finish(
        transaction, row(1, 3, 10).key,
        {.outcome = AttemptOutcome::delivered, .state = DeliveryState::delivered});
  });
  EXPECT_EQ(ended.error().code(), Errc::state_conflict);
}

TEST_F(StoreTest, ClaimsWhatIsDueAndTellsWhenTheNextIs) {
  expand({}, {5, 0}, {row(1, 3, 10), row(1, 4, 20), row(2, 5, 30)});
  const ClaimResult first = claim({.now = 10, .capacity = 10, .per_endpoint = 8});
  ASSERT_EQ(first.started.size(), 1U);
  EXPECT_EQ(first.started[0].attempts, 1U);
  EXPECT_EQ(first.next_due, 20);
  EXPECT_TRUE(claim({.now = 10, .capacity = 10, .per_endpoint = 8}).started.empty());
}

TEST_F(StoreTest, TheQueueOfOneEndpointDoesNotStarveAnother) {
  std::vector<Delivery> rows;
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) rows.push_back(row(1, seq, 1));
  rows.push_back(row(2, 1001, 5));
  expand({}, {1001, 0}, rows);
  ClaimRequest request{.now = 10, .capacity = 64, .per_endpoint = 8};
  const ClaimResult result = claim(request);
  ASSERT_EQ(result.started.size(), 9U);
  EXPECT_EQ(result.started.back().key.endpoint.endpoint, numbered(2));
  // A narrow claim goes on behind the endpoint that was served last.
  expand({1001, 0}, {1002, 0}, {row(2, 1002, 6)});
  request.capacity = 1;
  request.after = EndpointKey{ledger_, numbered(1)};
  EXPECT_EQ(claim(request).started.at(0).key.endpoint.endpoint, numbered(2));
  request.after = EndpointKey{ledger_, numbered(2)};
  EXPECT_EQ(claim(request).started.at(0).key.endpoint.endpoint, numbered(1));
}

TEST_F(StoreTest, LimitsCountWhatIsInFlight) {
  expand({}, {3, 0}, {row(1, 1, 1), row(1, 2, 1), row(1, 3, 1)});
  ClaimRequest request{.now = 10, .capacity = 64, .per_endpoint = 2};
  request.in_flight[{ledger_, numbered(1)}] = 1;
  EXPECT_EQ(claim(request).started.size(), 1U);
}

TEST_F(StoreTest, LedgersThatAreNotAttachedWait) {
  expand({}, {3, 0}, {row(1, 3, 10)});
  const ClaimResult result =
      commit([&](auto& transaction) {
        return store_->claim(transaction, {.now = 10, .capacity = 9, .per_endpoint = 9});
      }).value();
  EXPECT_TRUE(result.started.empty());
}

TEST_F(StoreTest, RecoveryEndsOpenAttemptsOnce) {
  expand({}, {3, 0}, {row(1, 3, 10)});
  ASSERT_EQ(claim({.now = 10, .capacity = 9, .per_endpoint = 9}).started.size(), 1U);
  store_.reset();
  store_ = Store::open(directory_.path(), 64UL << 20U).value();
  const auto recover = [&](auto& transaction) { return store_->recover(transaction, 77); };
  EXPECT_EQ(commit(recover).value(), 1U);
  EXPECT_EQ(commit(recover).value(), 0U);
  const auto transaction = store_->read().value();
  const Delivery delivery = store_->find(transaction, row(1, 3, 10).key)->value();
  EXPECT_EQ(delivery.state, DeliveryState::due);
  EXPECT_EQ(delivery.next_at, 77);
  const auto records = store_->attempts(transaction, delivery.key).value();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].outcome, AttemptOutcome::unknown);
}

TEST_F(StoreTest, ListsNewestFirstInPages) {
  expand({}, {3, 0}, {row(1, 1, 1), row(1, 2, 1), row(1, 3, 1), row(2, 3, 1)});
  const auto transaction = store_->read().value();
  const EndpointKey endpoint{ledger_, numbered(1)};
  const auto page = store_->list(transaction, endpoint, {}, 2).value();
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].key.event.seq, 3U);
  const auto rest = store_->list(transaction, endpoint, page[1].key.event, 2).value();
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].key.event.seq, 1U);
}

}  // namespace
}  // namespace florin::delivery::store_test
