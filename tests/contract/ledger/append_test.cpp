// Commands become entries whole, or not at all; the same command twice is one entry.
#include "contract_fixture.h"

namespace florin::ledger::contract::append_test {
namespace {

using enum AccountCode;

FLORIN_LEDGER_CONTRACT(Append);

TEST_P(Append, BeginsWithTheGenesisEntry) {
  settle();
  const verify::Leaf genesis = leaf_of(0);
  EXPECT_EQ(genesis.type, verify::kGenesisType);
  EXPECT_EQ(genesis.origin, verify::Origin::system);
  EXPECT_EQ(genesis.tenant, numbered_id(42, 0x11));
  EXPECT_EQ(genesis.mode, verify::Mode::test);
  EXPECT_EQ(genesis.booked_at, clock_.now());
  EXPECT_EQ(genesis.flags, 0U);
  EXPECT_EQ(code_of(command_of(1, EntryType::genesis)), Errc::validation_failed);
}

TEST_P(Append, NumbersAndTimesRunOnWithoutGaps) {
  const auto first = one(command_of(1));
  const auto second = one(command_of(2));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->seq, 1U);
  EXPECT_EQ(second->seq, 2U);
  EXPECT_LT(first->booked_at, second->booked_at);  // the clock stands still, the book does not
  clock_.advance(kNanosPerSecond);
  EXPECT_EQ(one(command_of(3))->booked_at, clock_.now());
  clock_.step(-60 * kNanosPerSecond);
  EXPECT_EQ(one(command_of(4))->booked_at, clock_.now() + 60 * kNanosPerSecond + 1);
}

TEST_P(Append, AnEntrySaysWhatTheCommandSaid) {
  Command command = transfer(1, 100);
  command.subject = numbered_id(3, 9);
  command.actor = {ActorKind::person, person_id(5)};
  command.note = "first";
  command.effective_day = today() - 3;
  const verify::Leaf leaf = leaf_of(book(command));
  EXPECT_EQ(leaf.type, static_cast<std::uint8_t>(EntryType::capture));
  EXPECT_EQ(leaf.entry_id, command.entry_id);
  EXPECT_EQ(leaf.subject, command.subject);
  EXPECT_EQ(leaf.note, "first");
  EXPECT_EQ(leaf.effective_day, today() - 3);
  ASSERT_TRUE(leaf.actor.has_value());
  EXPECT_EQ(leaf.actor->id, person_id(5));
  ASSERT_EQ(leaf.openings.size(), 2U);
  EXPECT_EQ(leaf.openings[0].number, 1U);
  EXPECT_EQ(leaf.openings[0].code, 1100);
  EXPECT_EQ(leaf.openings[0].exponent, 2);
  EXPECT_EQ(leaf.openings[1].number, 2U);
  ASSERT_EQ(leaf.postings.size(), 2U);
  EXPECT_EQ(leaf.postings[1].account, 2U);
  EXPECT_EQ(leaf.postings[1].side, verify::Side::credit);
  EXPECT_EQ(leaf.postings[1].party, owner_id(1));
  EXPECT_EQ(leaf.postings[1].previous, 0U);
  const verify::Leaf next = leaf_of(book(transfer(2, 50)));
  EXPECT_TRUE(next.openings.empty());
  EXPECT_EQ(next.postings[1].previous, leaf.seq + 1);
  EXPECT_TRUE(next.postings[1].total == 150);
  EXPECT_EQ(next.effective_day, today());
}

TEST_P(Append, FormIsRefusedByItsOwnCodes) {
  const AccountKey euro = account_of(settlement_bank);
  const auto refused = [&](Errc expected, const char* what, auto change) {
    static std::uint64_t entry = 100;
    Command command = transfer(entry++, 10);
    change(command);
    EXPECT_EQ(code_of(command), expected) << what;
  };
  refused(Errc::amount_invalid, "zero", [&](Command& c) { c.postings[0].amount = 0; });
  refused(Errc::currency_unknown, "asset", [&](Command& c) { c.postings[0].account.asset = 1; });
  refused(Errc::ledger_account_unusable, "code",
          [&](Command& c) { c.postings[0].account.code = AccountCode{1}; });
  refused(Errc::ledger_limit, "postings",
          [&](Command& c) { c.postings = std::vector<Posting>(21, debit(euro, 1)); });
  refused(Errc::ledger_limit, "note", [&](Command& c) { c.note = std::string(201, 'a'); });
  refused(Errc::validation_failed, "note", [&](Command& c) { c.note = "line\nfeed"; });
  refused(Errc::ledger_limit, "approvals",
          [&](Command& c) { approve(c, {1, 2, 3, 4, 5, 6, 7, 8, 9}); });
  refused(Errc::validation_failed, "clock", [&](Command& c) { c.clock = 1; });
  refused(Errc::validation_failed, "reverses", [&](Command& c) { c.reverses = entry_id(1); });
  refused(Errc::validation_failed, "lock", [&](Command& c) { c.lock_through = 1; });
  refused(Errc::validation_failed, "account", [&](Command& c) { c.account_changes = {{euro, 4}}; });
  refused(Errc::validation_failed, "expire",
          [&](Command& c) { c.holds = {{hold_id(1), HoldOperation::expire, kEuro, 0}}; });
  refused(Errc::amount_invalid, "hold",
          [&](Command& c) { c.holds = {{hold_id(1), HoldOperation::open, kEuro, 0}}; });
  refused(Errc::validation_failed, "expires at",
          [&](Command& c) { c.holds = {{hold_id(1), HoldOperation::capture, kEuro, 1, 5}}; });
  for (const EntryType type : {EntryType::reversal, EntryType::expiry, EntryType::clock,
                               EntryType::period, EntryType::account, EntryType::recovery}) {
    EXPECT_EQ(code_of(command_of(200, type)), Errc::validation_failed) << entry_type_name(type);
  }
  EXPECT_EQ(ledger_->head().next_seq, 1U);
}

TEST_P(Append, PostingsBalancePerAssetAndLayer) {
  const AccountKey euro = account_of(settlement_bank);
  const AccountKey other = account_of(merchant_payable);
  const AccountKey dollar = account_of(merchant_payable, 1, kDollar);
  struct Case {
    const char* name;
    std::vector<Posting> postings;
    Errc expected;
  };
  const Case cases[] = {
      {"balanced", {debit(euro, 5), credit(other, 5)}, Errc{}},
      {"several", {debit(euro, 5), credit(other, 2), credit(other, 3)}, Errc{}},
      {"one side", {debit(euro, 5)}, Errc::ledger_unbalanced},
      {"off by one", {debit(euro, 5), credit(other, 4)}, Errc::ledger_unbalanced},
      {"two assets", {debit(euro, 5), credit(dollar, 5)}, Errc::ledger_unbalanced},
      {"no wrap",
       {debit(euro, UINT64_MAX), debit(euro, UINT64_MAX), credit(other, UINT64_MAX - 1),
        credit(other, UINT64_MAX)},
       Errc::ledger_unbalanced},
      {"largest", {debit(euro, UINT64_MAX), credit(other, UINT64_MAX)}, Errc{}},
      {"largest again", {debit(euro, UINT64_MAX), credit(other, UINT64_MAX)}, Errc{}},
  };
  std::uint64_t entry = 1;
  for (const Case& row : cases) {
    Command command = command_of(entry++, EntryType::capture);
    command.postings = row.postings;
    EXPECT_EQ(code_of(command), row.expected) << row.name;
    command.entry_id = entry_id(entry++);
    EXPECT_EQ(code_of(as_fact(command)), row.expected) << row.name << " as a fact";
  }
}

TEST_P(Append, TheSameCommandTwiceIsOneEntry) {
  const auto first = one(transfer(1, 100));
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(first->duplicate);
  clock_.advance(kNanosPerSecond);
  const auto again = one(transfer(1, 100));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->seq, first->seq);
  EXPECT_EQ(again->booked_at, first->booked_at);
  EXPECT_EQ(code_of(transfer(1, 101)), Errc::duplicate_entry);
  Command other = transfer(1, 100);
  other.note = "other";
  EXPECT_EQ(code_of(other), Errc::duplicate_entry);
  EXPECT_EQ(code_of(as_fact(transfer(1, 100))), Errc::duplicate_entry);
  EXPECT_EQ(code_of(approved(transfer(1, 100))), Errc::duplicate_entry);
  reopen();
  EXPECT_TRUE(one(transfer(1, 100))->duplicate);
  EXPECT_EQ(ledger_->head().next_seq, 2U);
}

TEST_P(Append, ARefusedCommandLeavesNothingAndItsIdIsFree) {
  Command command = transfer(1, 10);
  command.postings[1].amount = 9;
  command.objects = {{ObjectKind{1}, numbered_id(1), 0, Bytes{1}, Bytes{1}}};
  command.uniques = {{UniqueTable{1}, numbered_key(1), {}}};
  EXPECT_EQ(code_of(command), Errc::ledger_unbalanced);
  settle();
  EXPECT_TRUE(ledger_->balances()->empty());
  EXPECT_FALSE(ledger_->object(ObjectKind{1}, numbered_id(1))->has_value());
  EXPECT_FALSE(ledger_->unique(UniqueTable{1}, numbered_key(1))->has_value());
  EXPECT_FALSE(ledger_->entry_seq(entry_id(1))->has_value());
  command.postings[1].amount = 10;
  EXPECT_EQ(code_of(command), Errc{});
}

TEST_P(Append, ABatchSeesItsOwnEffects) {
  Command create = command_of(1);
  create.objects = {{ObjectKind{1}, numbered_id(1), 0, Bytes{1}, Bytes{1}}};
  Command change = command_of(2);
  change.objects = {{ObjectKind{1}, numbered_id(1), 1, {}, Bytes{2}}};
  Command stale = change;
  stale.entry_id = entry_id(3);
  const auto results = ledger_->append(
      {create, change, stale, change, authorize(4, 10), capture(5, 10), capture(6, 1)});
  EXPECT_TRUE(results[0].ok() && results[1].ok());
  EXPECT_EQ(results[2].error().code(), Errc::version_conflict);
  EXPECT_TRUE(results[3].ok() && results[3]->duplicate);
  EXPECT_TRUE(results[4].ok() && results[5].ok());
  EXPECT_EQ(results[6].error().code(), Errc::ledger_hold_exceeded);
  EXPECT_EQ(results[5]->seq, 4U);
}

TEST_P(Append, EntriesAreFoundByIdAndSubject) {
  std::vector<std::uint64_t> about;
  for (std::uint64_t i = 1; i <= 6; ++i) {
    Command command = command_of(i);
    command.subject = numbered_id(i % 2, 9);
    const std::uint64_t seq = book(command);
    if (i % 2 == 1) about.push_back(seq);
  }
  reopen();
  EXPECT_EQ(*ledger_->entries_about(numbered_id(1, 9), {}, 10), about);
  EXPECT_EQ(*ledger_->entries_about(numbered_id(1, 9), about[0], 1), std::vector{about[1]});
  EXPECT_TRUE(ledger_->entries_about(numbered_id(1, 9), about[2], 10)->empty());
  EXPECT_TRUE(ledger_->entries_about(numbered_id(7, 9), {}, 10)->empty());
  EXPECT_EQ(**ledger_->entry_seq(entry_id(3)), about[1]);
  EXPECT_FALSE(ledger_->entry_seq(entry_id(77))->has_value());
  EXPECT_EQ(ledger_->entries(2, 3)->size(), 3U);
  EXPECT_EQ(ledger_->entries(2, 3)->front().seq, 2U);
  EXPECT_TRUE(ledger_->entries(99, 3)->empty());
}

}  // namespace
}  // namespace florin::ledger::contract::append_test
