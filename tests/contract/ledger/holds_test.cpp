// Holds: opened, increased, captured in parts, released, refunded, expired; limits and legs.
#include "contract_fixture.h"

namespace florin::ledger::contract::holds_test {
namespace {

using enum AccountCode;

const AccountKey kMemo = account_of(authorization_memo);

FLORIN_LEDGER_CONTRACT(Holds);

TEST_P(Holds, LimitsOfEveryOperation) {
  using enum HoldOperation;
  struct Step {
    HoldOperation operation;
    std::uint64_t amount;
    Errc expected;
  };
  const Step steps[] = {
      {HoldOperation::capture, 1, Errc::not_found},
      {increase, 1, Errc::not_found},
      {HoldOperation::release, 1, Errc::not_found},
      {refund, 1, Errc::not_found},
      {HoldOperation::open, 80, Errc{}},
      {HoldOperation::open, 80, Errc::state_conflict},
      {increase, 20, Errc{}},
      {HoldOperation::capture, 101, Errc::ledger_hold_exceeded},
      {HoldOperation::capture, 40, Errc{}},
      {HoldOperation::capture, 20, Errc{}},
      {refund, 61, Errc::ledger_hold_exceeded},
      {refund, 50, Errc{}},
      {refund, 10, Errc{}},
      {refund, 1, Errc::ledger_hold_exceeded},
      {HoldOperation::release, 41, Errc::ledger_hold_exceeded},
      {HoldOperation::release, 40, Errc{}},
      {HoldOperation::capture, 1, Errc::ledger_hold_exceeded},
      {HoldOperation::capture, UINT64_MAX, Errc::ledger_overflow},
      {increase, UINT64_MAX, Errc::ledger_overflow},
  };
  std::uint64_t entry = 1;
  for (const Step& step : steps) {
    EXPECT_EQ(code_of(hold_change(entry, step.operation, step.amount)), step.expected) << entry;
    ++entry;
  }
  settle();
  reopen();
  EXPECT_EQ(sums_text(hold_of()), "100 60 40 60");
  EXPECT_FALSE(hold_of().limit_passed);
  EXPECT_FALSE(ledger_->hold(hold_id(2))->has_value());
  Command other = hold_change(99, increase, 1);
  other.holds[0].asset = kDollar;
  EXPECT_EQ(code_of(other), Errc::currency_mismatch);
}

TEST_P(Holds, LegsFollowThePendingPostings) {
  book(authorize(1, 100));
  const HoldState opened = hold_of();
  ASSERT_EQ(opened.legs.size(), 2U);
  EXPECT_EQ(opened.legs[0].account, balance_of(kMemo).account.number);
  EXPECT_EQ(opened.legs[0].party, owner_id(1));
  EXPECT_TRUE(opened.legs[0].net == 100 && opened.legs[1].net == -100);
  book(capture(2, 60));
  EXPECT_TRUE(hold_of().legs[0].net == 40);
  EXPECT_EQ(totals_text(balance_of(kMemo)), "0 0 | 100 60");
  book(release(3, 40));
  EXPECT_TRUE(hold_of().legs.empty());
  EXPECT_EQ(sums_text(hold_of()), "100 60 40 0");
}

TEST_P(Holds, AFinalCaptureReleasesTheRest) {
  book(authorize(1, 100));
  Command last = transfer(2, 70);
  last.holds = {{hold_id(1), HoldOperation::capture, kEuro, 70},
                {hold_id(1), HoldOperation::release, kEuro, 30}};
  add_memo(last, 100, false);
  book(last);
  EXPECT_EQ(sums_text(hold_of()), "100 70 30 0");
  EXPECT_TRUE(hold_of().legs.empty());
}

TEST_P(Holds, PendingPostingsChangeExactlyOneHold) {
  Command none = command_of(1, EntryType::authorization);
  add_memo(none, 10, true);
  EXPECT_EQ(code_of(none), Errc::validation_failed);
  Command two = authorize(2, 10);
  two.holds.push_back({hold_id(2), HoldOperation::open, kEuro, 10});
  EXPECT_EQ(code_of(two), Errc::validation_failed);
  Command without = hold_change(3, HoldOperation::open, 10, 3);
  without.holds.push_back({hold_id(4), HoldOperation::open, kEuro, 10});
  EXPECT_EQ(code_of(without), Errc{});
}

TEST_P(Holds, LegsMustBeWhatRemains) {
  Command less = hold_change(1, HoldOperation::open, 100);
  add_memo(less, 99, true);
  EXPECT_NE(code_of(less), Errc{});
  book(authorize(2, 100));
  Command wrong = capture(3, 60);
  for (Posting& posting : wrong.postings) {
    if (posting.layer == Layer::pending) posting.amount = 50;
  }
  EXPECT_NE(code_of(wrong), Errc{});
  Command elsewhere = release(4, 100);
  for (Posting& posting : elsewhere.postings) posting.party = owner_id(9);
  EXPECT_NE(code_of(elsewhere), Errc{});
  EXPECT_EQ(code_of(release(5, 100)), Errc{});
}

TEST_P(Holds, AHoldWithManyLegsIsOneObject) {
  Command command = hold_change(1, HoldOperation::open, 100);
  command.postings = {debit(account_of(authorization_memo, 1), 60, Layer::pending),
                      debit(account_of(authorization_memo, 2), 40, Layer::pending),
                      credit(account_of(authorization_contra, 3), 100, Layer::pending)};
  book(command);
  EXPECT_EQ(hold_of().legs.size(), 3U);
}

FLORIN_LEDGER_CONTRACT(Expiry);

TEST_P(Expiry, NeedsTheClockOfTheLedger) {
  const UnixNanos time = clock_.now() + 60 * kNanosPerSecond;
  book(authorize(1, 100, 1, time));
  EXPECT_EQ(hold_of().expires_at, time);
  clock_.advance(120 * kNanosPerSecond);
  EXPECT_EQ(code_of(expiry(2)), Errc::state_conflict);  // no clock entry says so yet
  book(clock_entry(3, time - 1));
  EXPECT_EQ(code_of(expiry(4)), Errc::state_conflict);
  book(capture(5, 30));
  book(clock_entry(6, time));
  EXPECT_EQ(ledger_->books_state()->clock, time);
  const verify::Leaf leaf = leaf_of(book(expiry(7)));
  ASSERT_EQ(leaf.holds.size(), 1U);
  EXPECT_EQ(leaf.holds[0].operation, verify::HoldOperation::expire);
  EXPECT_EQ(leaf.holds[0].amount, 70U);
  ASSERT_EQ(leaf.postings.size(), 2U);
  EXPECT_EQ(leaf.postings[0].side, verify::Side::credit);
  EXPECT_EQ(leaf.postings[0].layer, verify::Layer::pending);
  EXPECT_EQ(leaf.postings[0].amount, 70U);
  reopen();
  EXPECT_EQ(sums_text(hold_of()), "100 30 70 0");
  EXPECT_TRUE(hold_of().legs.empty());
  EXPECT_EQ(totals_text(balance_of(kMemo)), "0 0 | 100 100");
  EXPECT_EQ(code_of(expiry(8)), Errc::state_conflict);  // nothing remains
  EXPECT_EQ(code_of(expiry(9, 2)), Errc::not_found);
}

TEST_P(Expiry, AHoldWithoutATimeNeverExpires) {
  book(authorize(1, 100));
  book(clock_entry(2, clock_.now()));
  EXPECT_EQ(code_of(expiry(3)), Errc::state_conflict);
}

TEST_P(Expiry, AnIncreaseMayMoveTheTime) {
  const UnixNanos time = clock_.now() + kNanosPerSecond;
  book(hold_change(1, HoldOperation::open, 10, 1, time));
  book(hold_change(2, HoldOperation::increase, 10));
  EXPECT_EQ(hold_of().expires_at, time);
  book(hold_change(3, HoldOperation::increase, 10, 1, time + 50));
  EXPECT_EQ(hold_of().expires_at, time + 50);
  EXPECT_EQ(sums_text(hold_of()), "30 0 0 0");
}

TEST_P(Expiry, DueHoldsAreListedOldestFirst) {
  const UnixNanos now = clock_.now();
  book(hold_change(1, HoldOperation::open, 10, 1, now + 30));
  book(hold_change(2, HoldOperation::open, 10, 2, now + 10));
  book(hold_change(3, HoldOperation::open, 10, 3, now + 20));
  book(hold_change(4, HoldOperation::open, 10, 4));
  book(hold_change(5, HoldOperation::release, 10, 3));
  reopen();
  EXPECT_TRUE(ledger_->due_holds(now + 9, 10)->empty());
  const auto due = ledger_->due_holds(now + 30, 10);
  ASSERT_EQ(due->size(), 2U);
  EXPECT_EQ((*due)[0].hold, hold_id(2));
  EXPECT_EQ((*due)[0].expires_at, now + 10);
  EXPECT_EQ((*due)[1].hold, hold_id(1));
  EXPECT_EQ(ledger_->due_holds(now + 30, 1)->size(), 1U);
  book(hold_change(6, HoldOperation::increase, 1, 2, now + 100));
  EXPECT_EQ(ledger_->due_holds(now + 30, 10)->size(), 1U);
  EXPECT_EQ(ledger_->due_holds(now + 100, 10)->size(), 2U);
}

TEST_P(Expiry, TheClockOfTheLedgerGoesForwardAndNeverAhead) {
  const UnixNanos now = clock_.now();
  EXPECT_EQ(ledger_->books_state()->clock, 0);
  book(clock_entry(1, now - 5));
  EXPECT_EQ(code_of(clock_entry(2, now - 6)), Errc::state_conflict);
  EXPECT_EQ(code_of(clock_entry(3, now - 5)), Errc{});
  const Errc ahead = code_of(clock_entry(4, now + kNanosPerSecond));
  EXPECT_TRUE(ahead == Errc::validation_failed || ahead == Errc::state_conflict);
  settle();
  reopen();
  EXPECT_EQ(ledger_->books_state()->clock, now - 5);
}

}  // namespace
}  // namespace florin::ledger::contract::holds_test
