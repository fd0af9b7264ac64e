// Corrections: entries that take back, adjustments by two people, locked days, recovery.
#include "contract_fixture.h"

namespace florin::ledger::contract::corrections_test {
namespace {

using enum AccountCode;

const AccountKey kPayable = account_of(merchant_payable);

FLORIN_LEDGER_CONTRACT(Reversal);

TEST_P(Reversal, MirrorsTheEntryWhole) {
  const std::uint64_t original = book(transfer(1, 100));
  const verify::Leaf leaf = leaf_of(book(approved(reversal(2, 1))));
  ASSERT_TRUE(leaf.reverses.has_value());
  EXPECT_EQ(leaf.reverses->seq, original);
  EXPECT_EQ(leaf.reverses->entry_id, entry_id(1));
  EXPECT_EQ(leaf.approvals.size(), 2U);
  ASSERT_EQ(leaf.postings.size(), 2U);
  EXPECT_EQ(leaf.postings[0].account, 1U);
  EXPECT_EQ(leaf.postings[0].side, verify::Side::credit);
  EXPECT_EQ(leaf.postings[1].side, verify::Side::debit);
  EXPECT_EQ(leaf.postings[1].party, owner_id(1));
  EXPECT_EQ(totals_text(balance_of(kPayable)), "100 100");
}

TEST_P(Reversal, HappensOnceAndIsNotTakenBack) {
  book(transfer(1, 100));
  book(approved(reversal(2, 1)));
  reopen();
  EXPECT_EQ(code_of(approved(reversal(3, 1))), Errc::state_conflict);
  EXPECT_EQ(code_of(approved(reversal(4, 2))), Errc::state_conflict);
  EXPECT_EQ(code_of(approved(reversal(5, 77))), Errc::not_found);
  EXPECT_EQ(code_of(approved(reversal(6, 6))), Errc::not_found);
}

TEST_P(Reversal, OfRecordsAboutTheBooksIsRefused) {
  const UnixNanos now = clock_.now();
  book(hold_change(1, HoldOperation::open, 10, 1, now));
  book(clock_entry(2, now));
  book(expiry(3));
  book(lock_entry(4, today() - 1));
  book(set_flags(5, kPayable, 0));
  for (const std::uint64_t entry : {2U, 3U, 4U, 5U}) {
    EXPECT_EQ(code_of(approved(reversal(100 + entry, entry))), Errc::state_conflict) << entry;
  }
  book(command_of(6));
  EXPECT_EQ(code_of(approved(reversal(106, 6))), Errc{});
}

TEST_P(Reversal, TakesNothingButTheIdOfTheEntry) {
  book(transfer(1, 100));
  Command with = approved(reversal(2, 1));
  with.postings = transfer(0, 5).postings;
  EXPECT_EQ(code_of(with), Errc::validation_failed);
}

TEST_P(Reversal, TakesBackHoldsWithinTheirLimits) {
  book(authorize(1, 100));
  book(capture(2, 60));
  book(hold_change(3, HoldOperation::refund, 10));
  EXPECT_EQ(code_of(approved(reversal(4, 1))), Errc::ledger_hold_exceeded);
  EXPECT_EQ(code_of(approved(reversal(5, 2))), Errc::ledger_hold_exceeded);
  book(approved(reversal(6, 3)));
  const verify::Leaf leaf = leaf_of(book(approved(reversal(7, 2))));
  ASSERT_EQ(leaf.holds.size(), 1U);
  EXPECT_TRUE(leaf.holds[0].takes_back);
  EXPECT_EQ(leaf.holds[0].operation, verify::HoldOperation::capture);
  EXPECT_EQ(leaf.holds[0].amount, 60U);
  EXPECT_EQ(sums_text(hold_of()), "100 0 0 0");
  EXPECT_TRUE(hold_of().legs.at(0).net == 100);
  book(approved(reversal(8, 1)));
  EXPECT_EQ(sums_text(hold_of()), "0 0 0 0");
  EXPECT_TRUE(hold_of().legs.empty());
}

TEST_P(Reversal, KeepsTheRulesOfAccounts) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kDebitsMustNotExceedCredits));
  book(withdrawal(3, 50));
  EXPECT_EQ(code_of(approved(reversal(4, 1))), Errc::ledger_balance_limit);
  book(set_flags(5, kPayable, kAccountFrozen));
  EXPECT_EQ(code_of(approved(reversal(6, 1))), Errc::ledger_account_unusable);
  Command fact = as_fact(reversal(7, 1));
  const verify::Leaf leaf = leaf_of(book(fact));
  ASSERT_EQ(leaf.redirections.size(), 1U);
  EXPECT_EQ(leaf.redirections[0].posting, 1);
  EXPECT_EQ(leaf.redirections[0].reason, verify::RedirectionReason::frozen);
  EXPECT_EQ(totals_text(balance_of({suspense, kEuro, Uuid{}})), "100 0");
}

TEST_P(Reversal, MirrorsRedirectionsWhereTheyStand) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kAccountFrozen));
  book(as_fact(transfer(3, 30)));
  book(set_flags(4, kPayable, 0));
  book(approved(reversal(5, 3)));
  EXPECT_EQ(totals_text(balance_of({suspense, kEuro, Uuid{}})), "30 30");
  EXPECT_EQ(totals_text(balance_of(kPayable)), "0 100");
}

FLORIN_LEDGER_CONTRACT(TwoPeople);

TEST_P(TwoPeople, ApproveAnAdjustment) {
  const auto adjustment = [](std::uint64_t entry) {
    Command command = transfer(entry, 10);
    command.type = EntryType::adjustment;
    return command;
  };
  const auto refused = [&](Command command) {
    const auto result = one(std::move(command));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), Errc::permission_denied);
    EXPECT_EQ(result.error().field(), "approvals");
  };
  refused(adjustment(1));
  Command command = adjustment(2);
  approve(command, {1});
  refused(command);
  command.approvals.clear();
  approve(command, {1, 1});
  refused(command);
  command.approvals.clear();
  approve(command, {1, 2});
  command.approvals[1].request = Hash32{8};
  refused(command);
  command.approvals[1].request = command.approvals[0].request;
  const verify::Leaf leaf = leaf_of(book(command));
  ASSERT_EQ(leaf.approvals.size(), 2U);
  EXPECT_EQ(leaf.approvals[0].person, person_id(1));
  EXPECT_EQ(leaf.approvals[1].request, Hash32{7});
  command = adjustment(3);
  approve(command, {1, 2, 1});
  EXPECT_EQ(code_of(command), Errc{});
}

TEST_P(TwoPeople, ApproveACommandedReversalButNoFact) {
  book(transfer(1, 100));
  EXPECT_EQ(code_of(reversal(3, 1)), Errc::permission_denied);
  EXPECT_EQ(code_of(as_fact(reversal(4, 1))), Errc{});
}

TEST_P(TwoPeople, MayApproveAnythingElseToo) {
  EXPECT_EQ(leaf_of(book(approved(transfer(1, 10)))).approvals.size(), 2U);
}

FLORIN_LEDGER_CONTRACT(Period);

TEST_P(Period, LocksDaysForGood) {
  EXPECT_FALSE(ledger_->books_state()->locked_through.has_value());
  const verify::Leaf leaf = leaf_of(book(lock_entry(1, today() - 5)));
  EXPECT_EQ(leaf.lock_through, today() - 5);
  EXPECT_EQ(ledger_->books_state()->locked_through, today() - 5);
  EXPECT_EQ(code_of(lock_entry(2, today() - 6)), Errc::state_conflict);
  EXPECT_EQ(code_of(lock_entry(3, today() - 5)), Errc::state_conflict);
  const Errc today_locked = code_of(lock_entry(4, today()));
  EXPECT_TRUE(today_locked == Errc::validation_failed || today_locked == Errc::state_conflict);
  book(lock_entry(5, today() - 1));
  reopen();
  EXPECT_EQ(ledger_->books_state()->locked_through, today() - 1);
}

TEST_P(Period, LockedDaysTakeAdjustmentsAlone) {
  book(transfer(1, 100));
  book(lock_entry(2, today() - 5));
  Command late = transfer(3, 10);
  late.effective_day = today() - 5;
  EXPECT_EQ(code_of(late), Errc::ledger_period_locked);
  late.effective_day = today() - 4;
  EXPECT_EQ(code_of(late), Errc{});
  Command back = approved(reversal(4, 1));
  back.effective_day = today() - 6;
  EXPECT_EQ(code_of(back), Errc::ledger_period_locked);
  Command prior = approved(transfer(5, 10));
  prior.type = EntryType::adjustment;
  prior.effective_day = today() - 5;
  EXPECT_EQ(leaf_of(book(prior)).effective_day, today() - 5);
  Command audit = command_of(6);
  audit.effective_day = today() - 5;
  EXPECT_EQ(leaf_of(book(audit)).effective_day, today() - 5);
}

FLORIN_LEDGER_CONTRACT(Recovery);

Command recovery(std::uint64_t entry, RecoveryStep step) {
  Command command = command_of(entry, EntryType::recovery);
  if (step == RecoveryStep::restored) command.origin = Origin::system;
  command.recovery = RecoveryRecord{step};
  if (step == RecoveryStep::restored) command.recovery->signed_size = 7;
  return command;
}

TEST_P(Recovery, AnswersNoCommandsUntilTwoPeopleReopen) {
  EXPECT_EQ(code_of(approved(recovery(1, RecoveryStep::reopened))), Errc::state_conflict);
  Command asked = recovery(2, RecoveryStep::restored);
  asked.origin = Origin::command;
  EXPECT_NE(code_of(asked), Errc{});
  const verify::Leaf leaf = leaf_of(book(recovery(3, RecoveryStep::restored)));
  ASSERT_TRUE(leaf.recovery.has_value());
  EXPECT_EQ(leaf.recovery->step, verify::RecoveryStep::restored);
  EXPECT_EQ(leaf.recovery->signed_size, 7U);
  reopen();
  EXPECT_TRUE(ledger_->books_state()->recovering);
  EXPECT_EQ(code_of(transfer(4, 10)), Errc::ledger_recovering);
  EXPECT_EQ(code_of(as_fact(transfer(5, 10))), Errc{});
  EXPECT_EQ(code_of(command_of(6)), Errc{});
  EXPECT_EQ(code_of(recovery(7, RecoveryStep::reopened)), Errc::permission_denied);
  EXPECT_EQ(code_of(approved(recovery(8, RecoveryStep::reopened))), Errc{});
  settle();
  EXPECT_FALSE(ledger_->books_state()->recovering);
  EXPECT_EQ(code_of(transfer(4, 10)), Errc{});
}

}  // namespace
}  // namespace florin::ledger::contract::corrections_test
