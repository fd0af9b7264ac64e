// What accounts take: flags, limits, suspense, parents, locked periods.
#include "ledger_fixture.h"

namespace florin::ledger::rules_accounts_test {
namespace {

class AccountsTest : public LedgerTest {
 protected:
  void SetUp() override { open(); }
  static AccountKey payable() { return {AccountCode::merchant_payable, 978, id_of(1, 0xAA)}; }
  static AccountKey suspense() { return {AccountCode::suspense, 978, {}}; }
  Command flags(std::uint64_t entry, std::uint32_t value, const AccountKey& key = payable()) {
    Command command = command_of(entry, EntryType::account);
    command.account_changes = {{key, value}};
    return command;
  }
  static Command payout(std::uint64_t entry, std::uint64_t amount) {
    Command command = command_of(entry, EntryType::capture);
    command.postings = {posting(AccountCode::merchant_payable, Side::debit, amount),
                        posting(AccountCode::payout_in_transit, Side::credit, amount)};
    return command;
  }
  static Command as_fact(Command command) {
    command.origin = Origin::fact;
    return command;
  }
  AccountBalance balance(const AccountKey& key) { return **ledger_->account(key); }
  verify::Leaf leaf(std::uint64_t seq) {
    return *verify::decode_leaf(ledger_->entries(seq, 1)->front().leaf);
  }
};

TEST_F(AccountsTest, FrozenAndClosedAccountsRefuseCommandsAndSendFactsToSuspense) {
  for (const std::uint32_t flag : {std::uint32_t{kAccountFrozen}, std::uint32_t{kAccountClosed}}) {
    const std::uint64_t base = flag * 100;
    ASSERT_EQ(refused(transfer(base + 1, 50)), Errc{});
    ASSERT_EQ(refused(flags(base + 2, flag)), Errc{});
    EXPECT_EQ(refused(transfer(base + 3, 10)), Errc::ledger_account_unusable);
    Command by_system = transfer(base + 4, 10);
    by_system.origin = Origin::system;
    EXPECT_EQ(refused(by_system), Errc::ledger_account_unusable);
    const auto fact = one(as_fact(transfer(base + 5, 10)));
    ASSERT_TRUE(fact.ok());
    settle();
    const verify::Leaf written = leaf(fact->seq);
    ASSERT_EQ(written.redirections.size(), 1U);
    EXPECT_EQ(written.redirections[0].posting, 1);
    EXPECT_EQ(written.redirections[0].account, balance(payable()).account.number);
    EXPECT_EQ(written.redirections[0].reason, flag == kAccountFrozen
                                                  ? verify::RedirectionReason::frozen
                                                  : verify::RedirectionReason::closed);
    EXPECT_TRUE(balance(suspense()).credits_posted == (flag == kAccountFrozen ? 10 : 20));
    if (flag == kAccountFrozen) {
      ASSERT_EQ(refused(flags(base + 6, 0)), Errc{});
    }
  }
  EXPECT_EQ(refused(flags(9000, 0)), Errc::state_conflict);  // closed for ever
  EXPECT_TRUE(balance(payable()).credits_posted == 100);
}

TEST_F(AccountsTest, ALimitedBalanceCountsWhatIsHeld) {
  ASSERT_EQ(refused(transfer(1, 100)), Errc{});
  ASSERT_EQ(refused(flags(2, kDebitsMustNotExceedCredits)), Errc{});
  EXPECT_EQ(refused(payout(3, 101)), Errc::ledger_balance_limit);
  Command held = hold_command(4, HoldOperation::open, 60);
  held.postings = {
      posting(AccountCode::merchant_payable, Side::debit, 60, 978, 1, Layer::pending),
      posting(AccountCode::payout_in_transit, Side::credit, 60, 978, 1, Layer::pending)};
  EXPECT_EQ(refused(held), Errc{});
  EXPECT_EQ(refused(payout(5, 41)), Errc::ledger_balance_limit);
  EXPECT_EQ(refused(payout(6, 40)), Errc{});
  const auto fact = one(as_fact(payout(7, 5)));
  ASSERT_TRUE(fact.ok());
  settle();
  ASSERT_EQ(leaf(fact->seq).redirections.size(), 1U);
  EXPECT_EQ(leaf(fact->seq).redirections[0].reason, verify::RedirectionReason::balance_limit);
  EXPECT_TRUE(balance(suspense()).debits_posted == 5);
  EXPECT_TRUE(balance(payable()).debits_posted == 40);
  EXPECT_EQ(refused(transfer(8, 1)), Errc{});  // the other side is not limited
  ASSERT_EQ(refused(flags(9, 0)), Errc{});
  EXPECT_EQ(refused(payout(10, 1000)), Errc{});
}

TEST_F(AccountsTest, AnEntryThatEndsWithinTheLimitIsTaken) {
  ASSERT_EQ(refused(flags(1, kDebitsMustNotExceedCredits)), Errc{});
  Command both = command_of(2, EntryType::capture);
  both.postings = {posting(AccountCode::merchant_payable, Side::debit, 10),
                   posting(AccountCode::payout_in_transit, Side::credit, 10),
                   posting(AccountCode::psp_receivable, Side::debit, 10),
                   posting(AccountCode::merchant_payable, Side::credit, 10)};
  EXPECT_EQ(refused(both), Errc{});
}

TEST_F(AccountsTest, MemoAccountsAndSuspenseTakeEverything) {
  EXPECT_EQ(refused(flags(1, kAccountFrozen, suspense())), Errc::validation_failed);
  EXPECT_EQ(
      refused(flags(2, kAccountFrozen, {AccountCode::authorization_memo, 978, id_of(1, 0xAA)})),
      Errc::validation_failed);
  EXPECT_EQ(refused(flags(3, 16)), Errc::validation_failed);
  EXPECT_EQ(refused(flags(4, 0, {AccountCode{7}, 978, {}})), Errc::ledger_account_unusable);
  EXPECT_EQ(refused(command_of(5, EntryType::account)), Errc::validation_failed);
  Command stray = transfer(6, 1);
  stray.account_changes = {{payable(), 0}};
  EXPECT_EQ(refused(stray), Errc::validation_failed);
}

TEST_F(AccountsTest, SubMerchantsRollUpIntoTheirParent) {
  const auto sale = [](std::uint64_t entry, std::uint64_t parent) {
    Command command = command_of(entry, EntryType::capture);
    command.postings = {posting(AccountCode::psp_receivable, Side::debit, 10),
                        posting(AccountCode::submerchant_payable, Side::credit, 10, 978, 7)};
    if (parent != 0) command.postings[1].parent_owner = id_of(parent, 0xAA);
    return command;
  };
  EXPECT_EQ(refused(sale(1, 0)), Errc::ledger_account_unusable);
  EXPECT_EQ(refused(sale(2, 1)), Errc{});
  EXPECT_EQ(refused(sale(3, 2)), Errc::ledger_account_unusable);  // has another parent
  EXPECT_EQ(refused(as_fact(sale(4, 2))), Errc{});  // posted to the account all the same
  Command with_parent = transfer(5, 1);
  with_parent.postings[0].parent_owner = id_of(1, 0xAA);
  EXPECT_EQ(refused(with_parent), Errc::validation_failed);
  settle();
  const AccountBalance child = balance({AccountCode::submerchant_payable, 978, id_of(7, 0xAA)});
  EXPECT_EQ(child.account.parent, balance(payable()).account.number);
  EXPECT_TRUE(child.credits_posted == 20);
  EXPECT_TRUE(balance(payable()).credits_posted == 0);
}

class PeriodTest : public AccountsTest {
 protected:
  Command lock(std::uint64_t entry, std::int32_t day) {
    Command command = command_of(entry, EntryType::period);
    command.lock_through = day;
    return command;
  }
  Command dated(std::uint64_t entry, std::int32_t day, EntryType type = EntryType::capture) {
    Command command = transfer(entry, 10);
    command.type = type;
    command.effective_day = day;
    return command;
  }
};

TEST_F(PeriodTest, LockedDaysTakeAdjustmentsAlone) {
  const std::int32_t today = day_of(clock_.now());
  EXPECT_EQ(refused(lock(1, today)), Errc::validation_failed);
  EXPECT_EQ(refused(lock(2, today - 5)), Errc{});
  EXPECT_EQ(refused(lock(3, today - 5)), Errc::state_conflict);
  EXPECT_EQ(refused(lock(4, today - 6)), Errc::state_conflict);
  EXPECT_EQ(refused(dated(5, today - 5)), Errc::ledger_period_locked);
  EXPECT_EQ(refused(dated(6, today - 4)), Errc{});
  const auto fact = one(as_fact(dated(7, today - 9)));
  ASSERT_TRUE(fact.ok());
  settle();
  EXPECT_EQ(leaf(fact->seq).effective_day, today);
  EXPECT_EQ(leaf(fact->seq).meant_day, today - 9);
  EXPECT_TRUE(
      leaf(fact->seq).redirections.empty());  // the accounts can take it, in the open period
  Command adjustment = dated(8, today - 9, EntryType::adjustment);
  EXPECT_EQ(refused(adjustment), Errc::permission_denied);
  adjustment.approvals = {{id_of(1, 0xCC), {}}, {id_of(2, 0xCC), {}}};
  EXPECT_EQ(refused(adjustment), Errc{});
  Command audit = command_of(9);
  audit.effective_day = today - 9;
  EXPECT_EQ(refused(audit), Errc{});  // nothing is posted
  EXPECT_EQ(ledger_->books_state()->locked_through, today - 5);
  reopen();
  EXPECT_EQ(ledger_->books_state()->locked_through, today - 5);
  EXPECT_EQ(refused(dated(10, today - 5)), Errc::ledger_period_locked);
}

}  // namespace
}  // namespace florin::ledger::rules_accounts_test
