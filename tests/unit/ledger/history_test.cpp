// Balances and statements of an earlier time.
#include <random>

#include "ledger_fixture.h"

namespace florin::ledger::history_test {
namespace {

class HistoryTest : public LedgerTest {};

bool equal(const AccountBalance& left, const AccountBalance& right) {
  return left.account.number == right.account.number && left.last_seq == right.last_seq &&
         left.debits_posted == right.debits_posted && left.credits_posted == right.credits_posted &&
         left.debits_pending == right.debits_pending &&
         left.credits_pending == right.credits_pending;
}

// More entries on one account than lie between two marks, so that marks are used and passed.
TEST_F(HistoryTest, EveryEarlierBalanceIsThatOfItsTime) {
  open();
  std::mt19937_64 random(7);
  std::vector<std::vector<AccountBalance>> known = {{}, {}};  // by number of entries
  std::vector<UnixNanos> booked = {0};
  for (std::uint64_t entry = 1; entry <= 700; ++entry) {
    clock_.advance(static_cast<std::int64_t>(random() % 3) * kNanosPerSecond);
    const auto done = one(transfer(entry, 1 + random() % 100, random() % 20 == 0 ? 2 : 1));
    ASSERT_TRUE(done.ok());
    booked.push_back(done->booked_at);
    settle();
    known.push_back(*ledger_->balances());
  }
  reopen();
  // All around the marks, some of the rest: each question walks back over up to 256 entries.
  for (std::uint64_t size = 1; size < known.size(); ++size) {
    if (size % 256 > 16 && size % 13 != 0) continue;
    const auto then = ledger_->balances_at(size);
    ASSERT_TRUE(then.ok()) << then.error().to_log();
    ASSERT_EQ(then->size(), known[size].size()) << size;
    for (std::size_t i = 0; i < then->size(); ++i) {
      ASSERT_TRUE(equal((*then)[i], known[size][i])) << size << " account " << i;
    }
    ASSERT_EQ(*ledger_->size_at(booked[size - 1]), size == 1 ? 0U : size) << size;
  }
  EXPECT_EQ(ledger_->balances_at(UINT64_MAX)->size(), known.back().size());
  EXPECT_TRUE(ledger_->balances_at(0)->empty());
}

TEST_F(HistoryTest, StatementsTurnPages) {
  open();
  for (std::uint64_t entry = 1; entry <= 300; ++entry) {
    ASSERT_TRUE(one(transfer(entry, entry)).ok());
  }
  settle();
  StatementRequest request;
  request.account = 2;
  request.limit = 70;
  std::uint64_t expected = 300;
  for (bool more = true; more;) {
    const auto page = ledger_->statement(request);
    ASSERT_TRUE(page.ok());
    for (const StatementLine& line : page->lines) {
      ASSERT_EQ(line.amount, expected);
      ASSERT_EQ(line.seq, expected);
      ASSERT_EQ(line.side, Side::credit);
      ASSERT_TRUE(line.total == expected * (expected + 1) / 2);
      --expected;
    }
    EXPECT_TRUE(page->opening.credits_posted == expected * (expected + 1) / 2);
    request.before_seq = page->lines.back().seq;
    more = page->more;
  }
  EXPECT_EQ(expected, 0U);
  StatementRequest part;
  part.account = 2;
  part.from_seq = 10;
  part.before_seq = 20;
  const auto page = ledger_->statement(part);
  EXPECT_EQ(page->lines.size(), 10U);
  EXPECT_FALSE(page->more);
  EXPECT_TRUE(page->closing.credits_posted == 19 * 20 / 2);
  EXPECT_TRUE(page->opening.credits_posted == 9 * 10 / 2);
  part.account = 99;
  EXPECT_EQ(ledger_->statement(part).error().code(), Errc::not_found);
  EXPECT_EQ(**ledger_->entry_seq(id_of(7, 0xE0)), 7U);
  EXPECT_FALSE(ledger_->entry_seq(id_of(999, 0xE0))->has_value());
}

}  // namespace
}  // namespace florin::ledger::history_test
