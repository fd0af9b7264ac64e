// Reversals, adjustments, approvals, recovery.
#include "ledger_fixture.h"

namespace florin::ledger::rules_types_test {
namespace {

class TypesTest : public LedgerTest {
 protected:
  void SetUp() override { open(); }
  static std::vector<Approval> approvals(std::initializer_list<std::uint64_t> people,
                                         std::uint8_t request = 1) {
    std::vector<Approval> all;
    for (const std::uint64_t person : people) {
      all.push_back({id_of(person, 0xCC), {}});
      all.back().request.fill(request);
    }
    return all;
  }
  static Command adjustment(std::uint64_t entry, std::vector<Approval> approved) {
    Command command = transfer(entry, 10);
    command.type = EntryType::adjustment;
    command.approvals = std::move(approved);
    return command;
  }
  static Command reversal(std::uint64_t entry, std::uint64_t original,
                          Origin origin = Origin::fact) {
    Command command = command_of(entry, EntryType::reversal);
    command.origin = origin;
    command.reverses = id_of(original, 0xE0);
    return command;
  }
};

TEST_F(TypesTest, AnAdjustmentNeedsTwoDifferentPeople) {
  EXPECT_EQ(refused(adjustment(1, {})), Errc::permission_denied);
  EXPECT_EQ(refused(adjustment(2, approvals({1}))), Errc::permission_denied);
  EXPECT_EQ(refused(adjustment(3, approvals({1, 1}))), Errc::permission_denied);
  std::vector<Approval> mixed = approvals({1, 2});
  mixed[1].request.fill(9);
  EXPECT_EQ(refused(adjustment(5, mixed)), Errc::permission_denied);
  EXPECT_EQ(refused(adjustment(6, approvals({1, 2, 3, 4, 5, 6, 7, 8, 9}))), Errc::ledger_limit);
  Command by_fact = adjustment(7, approvals({1, 2}));
  by_fact.origin = Origin::fact;
  EXPECT_EQ(refused(by_fact), Errc::validation_failed);
  EXPECT_EQ(ledger_->head().next_seq, 1U);
  const auto taken = one(adjustment(8, approvals({1, 2})));
  ASSERT_TRUE(taken.ok());
  settle();
  const auto leaf = *verify::decode_leaf(ledger_->entries(taken->seq, 1)->front().leaf);
  ASSERT_EQ(leaf.approvals.size(), 2U);
  EXPECT_EQ(leaf.approvals[1].person, id_of(2, 0xCC));
}

TEST_F(TypesTest, AReversalTakesAnEntryBackOnce) {
  ASSERT_TRUE(one(transfer(1, 70)).ok());
  EXPECT_EQ(refused(reversal(2, 1, Origin::command)), Errc::permission_denied);
  EXPECT_EQ(refused(reversal(3, 99)), Errc::not_found);
  // In the same group as what it reverses, and twice in it.
  const auto results =
      ledger_->append({transfer(4, 30), reversal(5, 4), reversal(6, 4), reversal(7, 1)});
  EXPECT_TRUE(results[0].ok() && results[1].ok() && results[3].ok());
  EXPECT_EQ(results[2].error().code(), Errc::state_conflict);
  EXPECT_EQ(refused(reversal(8, 5)), Errc::state_conflict);  // of a reversal
  settle();
  const auto balances = ledger_->balances();
  for (const AccountBalance& row : *balances) {
    EXPECT_TRUE(row.debits_posted == 100 && row.credits_posted == 100);
  }
  const auto leaf = *verify::decode_leaf(ledger_->entries(results[1]->seq, 1)->front().leaf);
  ASSERT_TRUE(leaf.reverses.has_value());
  EXPECT_EQ(leaf.reverses->seq, results[0]->seq);
  EXPECT_EQ(leaf.postings[0].side, verify::Side::credit);
  reopen();
  EXPECT_EQ(refused(reversal(9, 1)), Errc::state_conflict);
}

TEST_F(TypesTest, AReversalHasItsForm) {
  ASSERT_TRUE(one(transfer(1, 70)).ok());
  Command with_postings = reversal(2, 1);
  with_postings.postings = transfer(2, 70).postings;
  EXPECT_EQ(refused(with_postings), Errc::validation_failed);
  Command with_holds = reversal(3, 1);
  with_holds.holds = hold_command(3, HoldOperation::open, 1).holds;
  EXPECT_EQ(refused(with_holds), Errc::validation_failed);
  EXPECT_EQ(refused(command_of(4, EntryType::reversal)), Errc::validation_failed);
  Command elsewhere = transfer(5, 1);
  elsewhere.reverses = id_of(1, 0xE0);
  EXPECT_EQ(refused(elsewhere), Errc::validation_failed);
  Command period = command_of(6, EntryType::period);
  period.lock_through = 1;
  ASSERT_TRUE(one(period).ok());
  EXPECT_EQ(refused(reversal(7, 6)), Errc::state_conflict);
}

TEST_F(TypesTest, ARestoredLedgerTakesNoCommandsUntilItIsReopened) {
  Command restored = command_of(1, EntryType::recovery);
  restored.recovery = RecoveryRecord{RecoveryStep::restored, 500, {}};
  EXPECT_EQ(refused(restored), Errc::validation_failed);  // nobody may say so but the ledger
  restored.origin = Origin::system;
  EXPECT_EQ(refused(restored), Errc{});
  EXPECT_EQ(refused(transfer(2, 1)), Errc::ledger_recovering);
  EXPECT_EQ(refused(adjustment(3, approvals({1, 2}))), Errc::ledger_recovering);
  Command fact = transfer(4, 1);
  fact.origin = Origin::fact;
  EXPECT_EQ(refused(fact), Errc{});
  EXPECT_EQ(refused(command_of(5)), Errc{});
  reopen();
  EXPECT_TRUE(ledger_->books_state()->recovering);
  EXPECT_EQ(refused(transfer(6, 1)), Errc::ledger_recovering);
  Command reopened = command_of(7, EntryType::recovery);
  reopened.recovery = RecoveryRecord{RecoveryStep::reopened, 0, {}};
  reopened.approvals = approvals({1});
  EXPECT_EQ(refused(reopened), Errc::permission_denied);
  reopened.approvals = approvals({1, 2});
  EXPECT_EQ(refused(reopened), Errc{});
  EXPECT_EQ(refused(transfer(8, 1)), Errc{});
  reopened.entry_id = id_of(9, 0xE0);
  EXPECT_EQ(refused(reopened), Errc::state_conflict);
  settle();
  EXPECT_FALSE(ledger_->books_state()->recovering);
}

}  // namespace
}  // namespace florin::ledger::rules_types_test
