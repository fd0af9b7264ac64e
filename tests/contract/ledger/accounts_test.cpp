// Accounts: how they are opened, what they hold now and held then, and how their flags bind.
#include "contract_fixture.h"

namespace florin::ledger::contract::accounts_test {
namespace {

using enum AccountCode;

const AccountKey kPayable = account_of(merchant_payable);
const AccountKey kReceivable = account_of(psp_receivable);

FLORIN_LEDGER_CONTRACT(Accounts);

TEST_P(Accounts, AreOpenedAtFirstUseAndKeepTheirNumbers) {
  EXPECT_FALSE(ledger_->account(kPayable)->has_value());
  book(transfer(1, 100));
  book(transfer(2, 50, 2));
  Command yen = transfer(3, 7);
  for (Posting& posting : yen.postings) posting.account.asset = kYen;
  book(yen);
  reopen();
  const auto rows = ledger_->balances();
  ASSERT_EQ(rows->size(), 6U);
  for (std::size_t i = 0; i < rows->size(); ++i) EXPECT_EQ((*rows)[i].account.number, i + 1);
  EXPECT_EQ((*rows)[4].account.exponent, 0);
  EXPECT_EQ((*rows)[2].account.opened_seq, 2U);
  const AccountBalance payable = balance_of(kPayable);
  EXPECT_EQ(payable.account.number, 2U);
  EXPECT_EQ(payable.account.key, kPayable);
  EXPECT_EQ(totals_text(payable), "0 100");
  EXPECT_EQ(payable.last_seq, 1U);
}

TEST_P(Accounts, SubMerchantsRollUpIntoTheirParent) {
  const AccountKey child = account_of(submerchant_payable, 10);
  const auto pay = [&](std::uint64_t entry, std::uint64_t parent) {
    Command command = command_of(entry, EntryType::capture);
    command.postings = {debit(kReceivable, 10), credit(child, 10)};
    command.postings[1].parent_owner = owner_id(parent);
    return command;
  };
  book(pay(1, 1));
  const AccountBalance row = balance_of(child);
  ASSERT_NE(row.account.parent, 0U);
  EXPECT_EQ(balance_of(kPayable).account.number, row.account.parent);
  EXPECT_EQ(totals_text(balance_of(kPayable)), "0 0");
  EXPECT_EQ(code_of(pay(2, 1)), Errc{});
  const Errc disagrees = code_of(pay(3, 2));
  EXPECT_TRUE(disagrees == Errc::validation_failed || disagrees == Errc::ledger_account_unusable);
  Command none = transfer(4, 10);
  none.postings[0].parent_owner = owner_id(1);
  EXPECT_EQ(code_of(none), Errc::validation_failed);
}

TEST_P(Accounts, BalancesOfAnEarlierTime) {
  const UnixNanos begin = clock_.now();
  book(transfer(1, 100));
  clock_.advance(10 * kNanosPerSecond);
  book(transfer(2, 50, 2));
  clock_.advance(10 * kNanosPerSecond);
  book(withdrawal(3, 30));
  reopen();
  EXPECT_TRUE(ledger_->balances_at(1)->empty());
  EXPECT_EQ(*ledger_->size_at(begin - 1), 0U);
  EXPECT_EQ(*ledger_->size_at(begin + 5 * kNanosPerSecond), 2U);
  EXPECT_EQ(*ledger_->size_at(begin + 10 * kNanosPerSecond), 3U);
  EXPECT_EQ(*ledger_->size_at(clock_.now() + kNanosPerSecond), 4U);
  const auto then = ledger_->balances_at(3);
  ASSERT_EQ(then->size(), 4U);
  EXPECT_EQ(totals_text((*then)[1]), "0 100");
  EXPECT_EQ((*then)[1].last_seq, 1U);
  EXPECT_EQ(ledger_->balances_at(2)->size(), 2U);
  EXPECT_EQ(totals_text(ledger_->balances_at(4)->at(1)), "30 100");
}

FLORIN_LEDGER_CONTRACT(Flags);

TEST_P(Flags, AreSetAsAWholeAndShown) {
  const std::uint64_t seq = book(set_flags(1, kPayable, kDebitsMustNotExceedCredits));
  const verify::Leaf leaf = leaf_of(seq);
  ASSERT_EQ(leaf.openings.size(), 1U);
  ASSERT_EQ(leaf.account_flags.size(), 1U);
  EXPECT_EQ(leaf.account_flags[0].account, 1U);
  EXPECT_EQ(leaf.account_flags[0].flags, verify::kDebitsMustNotExceedCredits);
  EXPECT_EQ(balance_of(kPayable).flags, kDebitsMustNotExceedCredits);
  book(set_flags(2, kPayable, kAccountFrozen));
  reopen();
  EXPECT_EQ(balance_of(kPayable).flags, kAccountFrozen);
  EXPECT_EQ(code_of(set_flags(3, kPayable, 16)), Errc::validation_failed);
  EXPECT_EQ(code_of(set_flags(4, account_of(AccountCode{1}), 1)), Errc::ledger_account_unusable);
  EXPECT_EQ(code_of(set_flags(5, account_of(merchant_payable, 1, 1), 1)), Errc::currency_unknown);
  for (const AccountCode code : {suspense, authorization_memo, authorization_contra}) {
    EXPECT_NE(code_of(set_flags(6, account_of(code), kAccountFrozen)), Errc{});
  }
}

TEST_P(Flags, AFrozenAccountTakesNoPostingsForNow) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kAccountFrozen));
  EXPECT_EQ(code_of(transfer(3, 1)), Errc::ledger_account_unusable);
  EXPECT_EQ(code_of(withdrawal(4, 1)), Errc::ledger_account_unusable);
  EXPECT_EQ(code_of(transfer(5, 1, 2)), Errc{});
  book(set_flags(6, kPayable, 0));
  EXPECT_EQ(code_of(transfer(7, 1)), Errc{});
}

TEST_P(Flags, AClosedAccountStaysClosed) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kAccountClosed));
  EXPECT_EQ(code_of(transfer(3, 1)), Errc::ledger_account_unusable);
  EXPECT_EQ(code_of(set_flags(4, kPayable, 0)), Errc::state_conflict);
  EXPECT_EQ(code_of(set_flags(5, kPayable, kAccountFrozen)), Errc::state_conflict);
  EXPECT_EQ(code_of(set_flags(6, kPayable, kAccountFrozen | kAccountClosed)), Errc{});
}

TEST_P(Flags, DebitsMustNotExceedCredits) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kDebitsMustNotExceedCredits));
  EXPECT_EQ(code_of(withdrawal(3, 101)), Errc::ledger_balance_limit);
  EXPECT_EQ(code_of(withdrawal(4, 60)), Errc{});
  EXPECT_EQ(code_of(withdrawal(5, 41)), Errc::ledger_balance_limit);
  EXPECT_EQ(code_of(withdrawal(6, 40)), Errc{});
  EXPECT_EQ(code_of(transfer(7, 1)), Errc{});
  settle();
  EXPECT_EQ(totals_text(balance_of(kPayable)), "100 101");
}

TEST_P(Flags, CreditsMustNotExceedDebits) {
  book(set_flags(1, kReceivable, kCreditsMustNotExceedDebits));
  EXPECT_EQ(code_of(withdrawal(2, 1)), Errc::ledger_balance_limit);
  EXPECT_EQ(code_of(transfer(3, 5)), Errc{});
  EXPECT_EQ(code_of(withdrawal(4, 5)), Errc{});
  EXPECT_EQ(code_of(withdrawal(5, 1)), Errc::ledger_balance_limit);
}

TEST_P(Flags, PendingDebitsCountAgainstTheLimit) {
  book(transfer(1, 100));
  book(set_flags(2, kPayable, kDebitsMustNotExceedCredits));
  const auto reserve = [&](std::uint64_t entry, std::uint64_t amount, std::uint64_t hold) {
    Command command = hold_change(entry, HoldOperation::open, amount, hold);
    command.postings = {debit(kPayable, amount, Layer::pending),
                        credit(account_of(payout_in_transit), amount, Layer::pending)};
    return command;
  };
  EXPECT_EQ(code_of(reserve(3, 101, 1)), Errc::ledger_balance_limit);
  EXPECT_EQ(code_of(reserve(4, 70, 1)), Errc{});
  EXPECT_EQ(code_of(reserve(5, 31, 2)), Errc::ledger_balance_limit);
  EXPECT_EQ(code_of(withdrawal(6, 31)), Errc::ledger_balance_limit);
  EXPECT_EQ(code_of(withdrawal(7, 30)), Errc{});
  Command free = hold_change(8, HoldOperation::release, 70, 1);
  free.postings = {credit(kPayable, 70, Layer::pending),
                   debit(account_of(payout_in_transit), 70, Layer::pending)};
  EXPECT_EQ(code_of(free), Errc{});
  EXPECT_EQ(code_of(withdrawal(9, 70)), Errc{});
  settle();
  EXPECT_EQ(totals_text(balance_of(kPayable)), "100 100 | 70 70");
}

TEST_P(Flags, ALimitBindsWhatComesAfterIt) {
  book(withdrawal(1, 10));
  EXPECT_EQ(code_of(set_flags(2, kPayable, kDebitsMustNotExceedCredits)), Errc{});
  EXPECT_EQ(code_of(transfer(3, 5)), Errc{});  // lessens the excess, may do so
  EXPECT_EQ(code_of(withdrawal(4, 1)), Errc::ledger_balance_limit);
}

}  // namespace
}  // namespace florin::ledger::contract::accounts_test
