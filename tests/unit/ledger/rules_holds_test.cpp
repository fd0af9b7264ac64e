// Holds with legs, growth, expiry, and what happens to them in reversals.
#include "ledger_fixture.h"

namespace florin::ledger::rules_holds_test {
namespace {

class HoldsTest : public LedgerTest {
 protected:
  void SetUp() override { open(); }

  // The memo postings of an authorization, or, with `back`, of what ends it.
  static std::vector<Posting> memo(std::uint64_t amount, bool back = false) {
    using enum AccountCode;
    return {posting(authorization_memo, back ? Side::credit : Side::debit, amount, 978, 1,
                    Layer::pending),
            posting(authorization_contra, back ? Side::debit : Side::credit, amount, 978, 1,
                    Layer::pending)};
  }
  Command authorize(std::uint64_t entry, std::uint64_t amount, UnixNanos expires_at = 0) {
    Command command = hold_command(entry, HoldOperation::open, amount);
    command.holds[0].expires_at = expires_at;
    command.postings = memo(amount);
    return command;
  }
  Command capture(std::uint64_t entry, std::uint64_t amount, std::uint64_t also_released = 0) {
    Command command = hold_command(entry, HoldOperation::capture, amount);
    command.type = EntryType::capture;
    command.postings = memo(amount + also_released, true);
    command.postings.push_back(posting(AccountCode::psp_receivable, Side::debit, amount));
    command.postings.push_back(posting(AccountCode::merchant_payable, Side::credit, amount));
    if (also_released > 0) {
      command.holds.push_back({id_of(1, 0xB0), HoldOperation::release, 978, also_released});
    }
    return command;
  }
  Command clock_record(std::uint64_t entry, UnixNanos time) {
    Command command = command_of(entry, EntryType::clock);
    command.origin = Origin::system;
    command.clock = time;
    return command;
  }
  Command expiry(std::uint64_t entry) {
    Command command = hold_command(entry, HoldOperation::expire, 0, Origin::system);
    command.type = EntryType::expiry;
    return command;
  }
  Command reversal_of(std::uint64_t entry, std::uint64_t original) {
    Command command = command_of(entry, EntryType::reversal);
    command.reverses = id_of(original, 0xE0);
    command.approvals = {{id_of(1, 0xCC), {}}, {id_of(2, 0xCC), {}}};
    return command;
  }
  HoldState hold() { return **ledger_->hold(id_of(1, 0xB0)); }
  Int128 pending_of(AccountCode code) {
    const auto found = ledger_->account({code, 978, id_of(1, 0xAA)});
    return static_cast<Int128>((*found)->debits_pending) -
           static_cast<Int128>((*found)->credits_pending);
  }
};

TEST_F(HoldsTest, LegsFollowPartialMultipleAndFinalCapture) {
  EXPECT_EQ(refused(authorize(1, 100)), Errc{});
  EXPECT_EQ(refused(capture(2, 30)), Errc{});
  settle();
  EXPECT_EQ(hold().legs.size(), 2U);
  EXPECT_TRUE(pending_of(AccountCode::authorization_memo) == 70);
  EXPECT_EQ(refused(capture(3, 20)), Errc{});
  EXPECT_EQ(refused(capture(4, 10, 40)), Errc{});  // final: what is left is released
  settle();
  EXPECT_EQ(hold().captured, 60U);
  EXPECT_EQ(hold().released, 40U);
  EXPECT_TRUE(hold().legs.empty());
  EXPECT_TRUE(pending_of(AccountCode::authorization_memo) == 0);
  EXPECT_EQ(refused(capture(5, 1)), Errc::ledger_hold_exceeded);
}

TEST_F(HoldsTest, PendingPostingsAreThoseOfTheHold) {
  Command without = command_of(1, EntryType::authorization);
  without.postings = memo(10);
  EXPECT_EQ(refused(without), Errc::validation_failed);
  without.origin = Origin::fact;
  EXPECT_EQ(refused(without), Errc::validation_failed);
  Command of_two = authorize(2, 10);
  of_two.holds.push_back({id_of(2, 0xB0), HoldOperation::open, 978, 10});
  EXPECT_EQ(refused(of_two), Errc::validation_failed);
  Command less = authorize(3, 10);
  less.postings = memo(9);
  EXPECT_EQ(refused(less), Errc::ledger_hold_exceeded);
  less.origin = Origin::fact;  // a fact says it all the same, and the entry says that it does
  const auto taken = one(less);
  ASSERT_TRUE(taken.ok());
  settle();
  EXPECT_TRUE(hold().limit_passed);
  EXPECT_EQ(verify::decode_leaf(ledger_->entries(taken->seq, 1)->front().leaf)->flags,
            verify::kFlagLimitPassed);
}

TEST_F(HoldsTest, IncreaseRaisesTheLimit) {
  EXPECT_EQ(refused(authorize(1, 100)), Errc{});
  EXPECT_EQ(refused(capture(2, 101)), Errc::ledger_hold_exceeded);
  Command more = hold_command(3, HoldOperation::increase, 50);
  more.type = EntryType::increment;
  more.postings = memo(50);
  EXPECT_EQ(refused(more), Errc{});
  EXPECT_EQ(refused(capture(4, 150)), Errc{});
  Command unknown = hold_command(5, HoldOperation::increase, 1, Origin::command, 9);
  EXPECT_EQ(refused(unknown), Errc::not_found);
}

TEST_F(HoldsTest, ExpiryByTheLedgersOwnClock) {
  const UnixNanos deadline = clock_.now() + 10 * kNanosPerSecond;
  EXPECT_EQ(refused(authorize(1, 100, deadline)), Errc{});
  EXPECT_EQ(refused(capture(2, 40)), Errc{});
  EXPECT_EQ(refused(expiry(3)), Errc::state_conflict);                     // no clock entry yet
  EXPECT_EQ(refused(clock_record(4, deadline)), Errc::validation_failed);  // not yet that late
  clock_.advance(20 * kNanosPerSecond);
  EXPECT_EQ(refused(expiry(5)), Errc::state_conflict);  // the wall clock alone lets nothing expire
  EXPECT_EQ(refused(clock_record(6, deadline - 1)), Errc{});
  EXPECT_EQ(refused(expiry(7)), Errc::state_conflict);
  EXPECT_EQ(refused(clock_record(8, deadline)), Errc{});
  EXPECT_EQ(refused(clock_record(9, deadline - 1)), Errc::state_conflict);
  settle();
  const auto due = ledger_->due_holds(deadline, 10);
  ASSERT_EQ(due->size(), 1U);
  EXPECT_EQ(due->front().hold, id_of(1, 0xB0));
  EXPECT_TRUE(ledger_->due_holds(deadline - 1, 10)->empty());
  EXPECT_EQ(refused(expiry(10)), Errc{});
  settle();
  EXPECT_EQ(hold().released, 60U);
  EXPECT_TRUE(hold().legs.empty());
  EXPECT_TRUE(pending_of(AccountCode::authorization_memo) == 0);
  EXPECT_TRUE(ledger_->due_holds(deadline, 10)->empty());
  EXPECT_EQ(refused(expiry(11)), Errc::state_conflict);  // nothing remains
  EXPECT_EQ(ledger_->books_state()->clock, deadline);
  Command late = capture(12, 60);
  EXPECT_EQ(refused(late), Errc::ledger_hold_exceeded);
  late.origin = Origin::fact;  // captured at the PSP all the same
  EXPECT_EQ(refused(late), Errc{});
}

TEST_F(HoldsTest, ExpiryHasItsForm) {
  Command two = expiry(1);
  two.holds.push_back(two.holds.front());
  EXPECT_EQ(refused(two), Errc::validation_failed);
  Command amount = expiry(2);
  amount.holds[0].amount = 1;
  EXPECT_EQ(refused(amount), Errc::amount_invalid);
  Command elsewhere = hold_command(3, HoldOperation::expire, 0);
  EXPECT_EQ(refused(elsewhere), Errc::validation_failed);
  Command postings = expiry(4);
  postings.postings = memo(1);
  EXPECT_EQ(refused(postings), Errc::validation_failed);
  Command dated = hold_command(5, HoldOperation::capture, 1);
  dated.holds[0].expires_at = 5;
  EXPECT_EQ(refused(dated), Errc::validation_failed);
  EXPECT_EQ(refused(expiry(6)), Errc::not_found);
}

TEST_F(HoldsTest, AReversedCaptureGivesTheHoldBack) {
  EXPECT_EQ(refused(authorize(1, 100)), Errc{});
  EXPECT_EQ(refused(capture(2, 100)), Errc{});
  EXPECT_EQ(refused(hold_command(3, HoldOperation::refund, 30)), Errc{});
  EXPECT_EQ(refused(reversal_of(4, 2)), Errc::ledger_hold_exceeded);  // 30 were refunded
  EXPECT_EQ(refused(reversal_of(5, 3)), Errc{});
  EXPECT_EQ(refused(reversal_of(6, 1)), Errc::ledger_hold_exceeded);  // 100 were captured
  EXPECT_EQ(refused(reversal_of(7, 2)), Errc{});
  settle();
  EXPECT_EQ(hold().captured, 0U);
  EXPECT_EQ(hold().refunded, 0U);
  EXPECT_EQ(hold().legs.size(), 2U);
  EXPECT_TRUE(pending_of(AccountCode::authorization_memo) == 100);
  const auto payable = ledger_->account({AccountCode::merchant_payable, 978, id_of(1, 0xAA)});
  EXPECT_TRUE((*payable)->debits_posted == 100 && (*payable)->credits_posted == 100);
  EXPECT_EQ(refused(capture(8, 100)), Errc{});
}

TEST_F(HoldsTest, NoMoreThanEightLegs) {
  Command wide = hold_command(1, HoldOperation::open, 9);
  for (std::uint64_t i = 0; i < 9; ++i) {
    Posting leg = posting(AccountCode::authorization_memo, Side::debit, 1, 978, 1, Layer::pending);
    leg.party = id_of(i + 1, 0xAA);
    wide.postings.push_back(leg);
  }
  wide.postings.push_back(
      posting(AccountCode::authorization_contra, Side::credit, 9, 978, 1, Layer::pending));
  EXPECT_EQ(refused(wide), Errc::ledger_limit);
}

}  // namespace
}  // namespace florin::ledger::rules_holds_test
