// What happened at a PSP is booked in any case, and what does not fit stands on suspense.
#include "contract_fixture.h"

namespace florin::ledger::contract::facts_test {
namespace {

using enum AccountCode;

const AccountKey kPayable = account_of(merchant_payable);
const AccountKey kSuspense{suspense, kEuro, Uuid{}};

FLORIN_LEDGER_CONTRACT(Facts);

TEST_P(Facts, PassTheLimitOfAHoldWithAFlag) {
  book(hold_change(1, HoldOperation::open, 100));
  Command system = hold_change(2, HoldOperation::capture, 150);
  system.origin = Origin::system;
  EXPECT_EQ(code_of(system), Errc::ledger_hold_exceeded);
  const std::uint64_t over = book(as_fact(hold_change(3, HoldOperation::capture, 150)));
  EXPECT_EQ(leaf_of(over).flags, verify::kFlagLimitPassed);
  EXPECT_EQ(sums_text(hold_of()), "100 150 0 0");
  EXPECT_TRUE(hold_of().limit_passed);
  const std::uint64_t within = book(as_fact(hold_change(4, HoldOperation::refund, 150)));
  EXPECT_EQ(leaf_of(within).flags, 0U);
  EXPECT_EQ(leaf_of(book(as_fact(hold_change(5, HoldOperation::refund, 1)))).flags,
            verify::kFlagLimitPassed);
  EXPECT_EQ(code_of(hold_change(6, HoldOperation::refund, 1)), Errc::ledger_hold_exceeded);
}

TEST_P(Facts, OpenWhatWasNeverOpenedOrOpenTwice) {
  const std::uint64_t unknown = book(as_fact(hold_change(1, HoldOperation::capture, 5)));
  EXPECT_EQ(leaf_of(unknown).flags, verify::kFlagLimitPassed);
  EXPECT_EQ(sums_text(hold_of(1)), "0 5 0 0");
  EXPECT_TRUE(hold_of(1).limit_passed);
  EXPECT_EQ(leaf_of(book(as_fact(hold_change(2, HoldOperation::open, 10, 2)))).flags, 0U);
  EXPECT_EQ(leaf_of(book(as_fact(hold_change(3, HoldOperation::open, 10, 2)))).flags,
            verify::kFlagLimitPassed);
  reopen();
  EXPECT_EQ(sums_text(hold_of(2)), "20 0 0 0");
  EXPECT_TRUE(hold_of(2).limit_passed);
}

TEST_P(Facts, LegsMayDifferOnceALimitWasPassed) {
  book(authorize(1, 100));
  Command over = as_fact(capture(2, 120));
  book(over);
  EXPECT_TRUE(hold_of().limit_passed);
  EXPECT_EQ(hold_of().legs.size(), 2U);
  EXPECT_TRUE(hold_of().legs[0].net == -20);
}

TEST_P(Facts, StandOnSuspenseWhenTheirAccountIsFrozen) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kAccountFrozen));
  const verify::Leaf leaf = leaf_of(book(as_fact(withdrawal(3, 30))));
  ASSERT_EQ(leaf.redirections.size(), 1U);
  EXPECT_EQ(leaf.redirections[0].posting, 0);
  EXPECT_EQ(leaf.redirections[0].reason, verify::RedirectionReason::frozen);
  EXPECT_EQ(leaf.redirections[0].account, balance_of(kPayable).account.number);
  EXPECT_EQ(leaf.postings[0].account, balance_of(kSuspense).account.number);
  EXPECT_EQ(leaf.postings[0].party, owner_id(1));
  EXPECT_EQ(leaf.flags, 0U);
  reopen();
  EXPECT_EQ(totals_text(balance_of(kSuspense)), "30 0");
  EXPECT_EQ(totals_text(balance_of(kPayable)), "0 100");
}

TEST_P(Facts, StandOnSuspenseWhenTheirAccountIsClosed) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kAccountClosed));
  const verify::Leaf leaf = leaf_of(book(as_fact(transfer(3, 30))));
  ASSERT_EQ(leaf.redirections.size(), 1U);
  EXPECT_EQ(leaf.redirections[0].posting, 1);
  EXPECT_EQ(leaf.redirections[0].reason, verify::RedirectionReason::closed);
  EXPECT_EQ(totals_text(balance_of(kSuspense)), "0 30");
}

TEST_P(Facts, StandOnSuspenseWhenTheyWouldPassABalanceLimit) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kDebitsMustNotExceedCredits));
  EXPECT_TRUE(leaf_of(book(as_fact(withdrawal(3, 60)))).redirections.empty());
  const verify::Leaf leaf = leaf_of(book(as_fact(withdrawal(4, 41))));
  ASSERT_EQ(leaf.redirections.size(), 1U);
  EXPECT_EQ(leaf.redirections[0].reason, verify::RedirectionReason::balance_limit);
  EXPECT_EQ(totals_text(balance_of(kPayable)), "60 100");
  EXPECT_EQ(totals_text(balance_of(kSuspense)), "41 0");
  EXPECT_TRUE(leaf_of(book(as_fact(withdrawal(5, 40)))).redirections.empty());
}

TEST_P(Facts, OnlyTheLimitedSideGoesToSuspense) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kDebitsMustNotExceedCredits));
  Command both = withdrawal(3, 120);
  both.postings.push_back(credit(kPayable, 10));
  both.postings.push_back(debit(account_of(AccountCode::psp_receivable, 1), 10));
  const verify::Leaf leaf = leaf_of(book(as_fact(both)));
  ASSERT_EQ(leaf.redirections.size(), 1U);
  EXPECT_EQ(leaf.redirections[0].posting, 0);
  EXPECT_EQ(totals_text(balance_of(kPayable)), "0 110");
  EXPECT_EQ(totals_text(balance_of(kSuspense)), "120 0");
  // Both limits: what adds to one side is held to that side's limit alone.
  book(set_flags(4, kPayable, kDebitsMustNotExceedCredits | kCreditsMustNotExceedDebits));
  EXPECT_TRUE(leaf_of(book(as_fact(withdrawal(5, 10)))).redirections.empty());
}

TEST_P(Facts, FallIntoTheOpenPeriod) {
  book(lock_entry(1, today() - 1));
  Command late = transfer(2, 10);
  late.effective_day = today() - 1;
  EXPECT_EQ(code_of(late), Errc::ledger_period_locked);
  const verify::Leaf leaf = leaf_of(book(as_fact(late)));
  EXPECT_EQ(leaf.effective_day, today());
  EXPECT_EQ(leaf.meant_day, today() - 1);
  Command open = transfer(3, 10);
  open.effective_day = today();
  EXPECT_EQ(leaf_of(book(as_fact(open))).meant_day, std::nullopt);
}

TEST_P(Facts, AreNotAdjustments) {
  Command command = approved(transfer(1, 10));
  command.type = EntryType::adjustment;
  EXPECT_EQ(code_of(as_fact(command)), Errc::validation_failed);
}

}  // namespace
}  // namespace florin::ledger::contract::facts_test
