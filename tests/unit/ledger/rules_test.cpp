// The rules of the books, through the ledger.
#include "ledger/chart.h"
#include "ledger_fixture.h"

namespace florin::ledger::rules_test {
namespace {

class RulesTest : public LedgerTest {
 protected:
  void SetUp() override { open(); }
};

TEST_F(RulesTest, PostingsMustBalancePerAssetAndLayer) {
  using enum Side;
  using enum AccountCode;
  const auto make = [](std::vector<Posting> postings) {
    static std::uint64_t entry = 100;
    Command command = command_of(entry++, EntryType::capture);
    command.postings = std::move(postings);
    return command;
  };
  struct Case {
    const char* name;
    std::vector<Posting> postings;
    Errc expected;
  };
  const Case cases[] = {
      {"balanced", {posting(suspense, debit, 5), posting(suspense, credit, 5)}, Errc{}},
      {"one-sided", {posting(suspense, debit, 5)}, Errc::ledger_unbalanced},
      {"off by one",
       {posting(suspense, debit, 5), posting(merchant_payable, credit, 4)},
       Errc::ledger_unbalanced},
      {"across assets",
       {posting(suspense, debit, 5, 978), posting(suspense, credit, 5, 840)},
       Errc::ledger_unbalanced},
      {"across layers",
       {posting(suspense, debit, 5), posting(suspense, credit, 5, 978, 1, Layer::pending)},
       Errc::ledger_unbalanced},
      {"zero", {posting(suspense, debit, 0), posting(suspense, credit, 0)}, Errc::amount_invalid},
      {"unknown account",
       {posting(AccountCode{1}, debit, 1), posting(suspense, credit, 1)},
       Errc::ledger_account_unusable},
      {"unknown asset",
       {posting(suspense, debit, 1, 1), posting(suspense, credit, 1, 1)},
       Errc::currency_unknown},
      {"21 postings", std::vector<Posting>(21, posting(suspense, debit, 1)), Errc::ledger_limit},
      {"largest amounts do not wrap",
       {posting(suspense, debit, UINT64_MAX), posting(suspense, debit, UINT64_MAX),
        posting(suspense, credit, UINT64_MAX - 1), posting(suspense, credit, UINT64_MAX)},
       Errc::ledger_unbalanced},
      {"largest amounts",
       {posting(suspense, debit, UINT64_MAX), posting(suspense, credit, UINT64_MAX)},
       Errc{}},
  };
  for (const Case& row : cases) EXPECT_EQ(refused(make(row.postings)), row.expected) << row.name;
}

TEST_F(RulesTest, TotalsAndPreviousEntriesAreInThePostings) {
  ASSERT_TRUE(one(transfer(1, 100)).ok());
  ASSERT_TRUE(one(transfer(2, 50)).ok());
  settle();
  const auto views = ledger_->entries(0, 10);
  ASSERT_EQ(views->size(), 3U);
  const auto first = verify::decode_leaf((*views)[1].leaf);
  const auto second = verify::decode_leaf((*views)[2].leaf);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->openings.size(), 2U);
  EXPECT_EQ(first->postings[0].previous, 0U);
  EXPECT_EQ(second->openings.size(), 0U);
  EXPECT_EQ(second->postings[0].previous, 2U);
  EXPECT_TRUE(second->postings[0].total == 150);
  const auto balances = ledger_->balances();
  ASSERT_EQ(balances->size(), 2U);
  EXPECT_TRUE((*balances)[0].debits_posted == 150 && (*balances)[1].credits_posted == 150);
  EXPECT_EQ((*balances)[0].account.number, 1U);
  EXPECT_EQ((*balances)[0].account.exponent, 2);
  EXPECT_EQ((*balances)[0].last_seq, 2U);
}

TEST_F(RulesTest, HoldTable) {
  using enum HoldOperation;
  struct Step {
    HoldOperation operation;
    std::uint64_t amount;
    Errc expected;
  };
  const Step steps[] = {
      {capture, 1, Errc::not_found},
      {open, 100, Errc{}},
      {open, 100, Errc::state_conflict},
      {capture, 101, Errc::ledger_hold_exceeded},
      {capture, 60, Errc{}},
      {refund, 61, Errc::ledger_hold_exceeded},
      {refund, 60, Errc{}},
      {refund, 1, Errc::ledger_hold_exceeded},
      {release, 41, Errc::ledger_hold_exceeded},
      {release, 40, Errc{}},
      {capture, 1, Errc::ledger_hold_exceeded},
      {capture, 0, Errc::amount_invalid},
      {capture, UINT64_MAX, Errc::ledger_overflow},
  };
  std::uint64_t entry = 1;
  for (const Step& step : steps) {
    EXPECT_EQ(refused(hold_command(entry, step.operation, step.amount)), step.expected) << entry;
    ++entry;
  }
  settle();
  const auto hold = ledger_->hold(id_of(1, 0xB0));
  ASSERT_TRUE(hold->has_value());
  EXPECT_EQ((*hold)->authorized, 100U);
  EXPECT_EQ((*hold)->captured, 60U);
  EXPECT_EQ((*hold)->released, 40U);
  EXPECT_EQ((*hold)->refunded, 60U);
  Command other = hold_command(99, refund, 1);
  other.holds[0].asset = 840;
  EXPECT_EQ(refused(other), Errc::currency_mismatch);
}

TEST_F(RulesTest, FactOverHoldIsAcceptedAndFlagged) {
  ASSERT_TRUE(one(hold_command(1, HoldOperation::open, 100)).ok());
  EXPECT_EQ(refused(hold_command(2, HoldOperation::capture, 150)), Errc::ledger_hold_exceeded);
  EXPECT_EQ(refused(hold_command(3, HoldOperation::capture, 150, Origin::system)),
            Errc::ledger_hold_exceeded);
  const auto fact = one(hold_command(4, HoldOperation::capture, 150, Origin::fact));
  ASSERT_TRUE(fact.ok());
  ASSERT_TRUE(one(hold_command(5, HoldOperation::capture, 5, Origin::fact, 2)).ok());
  const auto within = one(hold_command(6, HoldOperation::refund, 150, Origin::fact));
  ASSERT_TRUE(within.ok());
  settle();
  const auto leaf_of = [&](std::uint64_t seq) {
    return *verify::decode_leaf(ledger_->entries(seq, 1)->front().leaf);
  };
  EXPECT_EQ(leaf_of(fact->seq).flags, verify::kFlagLimitPassed);
  EXPECT_EQ(leaf_of(fact->seq + 1).flags, verify::kFlagLimitPassed);
  EXPECT_EQ(leaf_of(within->seq).flags, 0U);
  EXPECT_EQ((**ledger_->hold(id_of(1, 0xB0))).captured, 150U);
}

TEST_F(RulesTest, EntryIdDecidesBetweenRepetitionAndConflict) {
  const auto first = one(transfer(1, 100));
  ASSERT_TRUE(first.ok());
  clock_.advance(kNanosPerSecond);
  const auto again = one(transfer(1, 100));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->seq, first->seq);
  EXPECT_EQ(again->booked_at, first->booked_at);
  EXPECT_EQ(refused(transfer(1, 101)), Errc::duplicate_entry);
  EXPECT_EQ(ledger_->head().next_seq, 2U);
}

TEST_F(RulesTest, VersionsUniquesAndSizes) {
  const auto write = [](std::uint64_t entry, std::uint64_t expected, std::size_t head = 1,
                        std::optional<std::size_t> immutable = {}) {
    Command command = command_of(entry);
    command.objects = {{ObjectKind{1}, id_of(1), expected, {}, Bytes(head, 5)}};
    if (immutable.has_value()) command.objects[0].immutable = Bytes(*immutable, 6);
    return command;
  };
  EXPECT_EQ(refused(write(1, 1)), Errc::version_conflict);
  EXPECT_EQ(refused(write(2, 0, 513)), Errc::ledger_limit);
  EXPECT_EQ(refused(write(3, 0, 1, 24 * 1024 + 1)), Errc::ledger_limit);
  EXPECT_EQ(refused(write(4, 0, 512, 24 * 1024)), Errc{});
  EXPECT_EQ(refused(write(5, 0)), Errc::version_conflict);
  EXPECT_EQ(refused(write(6, 1, 1, 5)), Errc::validation_failed);
  EXPECT_EQ(refused(write(7, 1)), Errc{});
  Command unique = command_of(8);
  unique.uniques = {{UniqueTable{1}, key_of(1), Bytes{1}}};
  EXPECT_EQ(refused(unique), Errc{});
  unique.entry_id = id_of(9, 0xE0);
  unique.origin = Origin::fact;
  EXPECT_EQ(refused(unique), Errc::unique_violation);
  unique.uniques[0].table = UniqueTable{2};
  EXPECT_EQ(refused(unique), Errc{});
  Command note = command_of(10);
  note.note = "line\nfeed";
  EXPECT_EQ(refused(note), Errc::validation_failed);
  note.note = std::string(201, 'a');
  EXPECT_EQ(refused(note), Errc::ledger_limit);
  Command genesis = command_of(11, EntryType::genesis);
  EXPECT_EQ(refused(genesis), Errc::validation_failed);
  Command large = command_of(12);
  for (std::uint64_t i = 0; i < 3; ++i) {
    large.objects.push_back({ObjectKind{1}, id_of(100 + i), 0, Bytes(24 * 1024), {}});
  }
  EXPECT_EQ(refused(large), Errc::ledger_limit);
  Command wide = command_of(13);
  for (std::uint64_t i = 0; i < 20; ++i) {
    wide.postings.push_back(
        posting(AccountCode::suspense, i % 2 == 0 ? Side::debit : Side::credit, 1, 978, 500 + i));
  }
  EXPECT_EQ(refused(wide), Errc::ledger_limit);
  settle();
  const auto row = ledger_->object(ObjectKind{1}, id_of(1));
  EXPECT_EQ((*row)->version, 2U);
  EXPECT_EQ((*row)->immutable.size(), std::size_t{24} * 1024);
  EXPECT_EQ((*row)->head.size(), 1U);
}

TEST_F(RulesTest, IdempotencyKeys) {
  const auto write = [](std::uint64_t entry, std::uint64_t fingerprint, bool answered) {
    Command command = command_of(entry);
    command.idempotency =
        IdempotencyWrite{key_of(1), key_of(fingerprint), answered, id_of(5), 201, 99, {}};
    if (answered) command.idempotency->body = Bytes(100, 'x');
    return command;
  };
  EXPECT_EQ(refused(write(1, 10, false)), Errc{});
  EXPECT_EQ(refused(write(2, 10, false)), Errc::idempotency_in_progress);
  EXPECT_EQ(refused(write(3, 11, false)), Errc::idempotency_key_reused);
  settle();
  EXPECT_FALSE((**ledger_->idempotency(key_of(1))).answered);
  EXPECT_EQ(refused(write(4, 11, true)), Errc::idempotency_key_reused);
  EXPECT_EQ(refused(write(5, 10, true)), Errc{});
  EXPECT_EQ(refused(write(6, 10, true)), Errc::state_conflict);
  EXPECT_EQ(refused(write(7, 10, false)), Errc::idempotency_in_progress);
  settle();
  const auto row = ledger_->idempotency(key_of(1));
  EXPECT_TRUE((*row)->answered);
  EXPECT_EQ((*row)->body, Bytes(100, 'x'));
  EXPECT_EQ((*row)->http_status, 201);
  EXPECT_EQ((*row)->seq, 2U);
}

TEST_F(RulesTest, BatchSeesItsOwnEffects) {
  Command create = command_of(1);
  create.objects = {{ObjectKind{1}, id_of(1), 0, Bytes{1}, Bytes{1}}};
  Command change = command_of(2);
  change.objects = {{ObjectKind{1}, id_of(1), 1, {}, Bytes{2}}};
  Command stale = command_of(3);
  stale.objects = {{ObjectKind{1}, id_of(1), 1, {}, Bytes{3}}};
  const auto results = ledger_->append({create, change, stale, change, transfer(4, 10),
                                        transfer(5, 10), hold_command(6, HoldOperation::open, 10),
                                        hold_command(7, HoldOperation::capture, 10),
                                        hold_command(8, HoldOperation::capture, 1)});
  EXPECT_TRUE(results[0].ok() && results[1].ok());
  EXPECT_EQ(results[2].error().code(), Errc::version_conflict);
  EXPECT_TRUE(results[3].ok() && results[3]->duplicate);
  EXPECT_TRUE(results[4].ok() && results[5].ok() && results[6].ok() && results[7].ok());
  EXPECT_EQ(results[8].error().code(), Errc::ledger_hold_exceeded);
  EXPECT_LT(results[0]->booked_at, results[1]->booked_at);  // the clock stands still, the book not
}

TEST_F(RulesTest, IndexAndOutboxFollowTheObjects) {
  for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(one(rich(i)).ok());
  Command moved = command_of(50);
  moved.objects = {{ObjectKind{1}, id_of(2, 1), 1, {}, Bytes{9}}};
  ASSERT_TRUE(one(moved).ok());
  settle();
  const auto all = ledger_->index(IndexNumber{7}, {}, {}, 10, false);
  ASSERT_EQ(all->rows.size(), 5U);
  EXPECT_EQ(all->rows.back().id, id_of(2, 1));
  const auto gone = ledger_->index(IndexNumber{7}, Bytes{2}, {}, 10, false);
  EXPECT_TRUE(gone->rows.empty());
  const auto page = ledger_->index(IndexNumber{7}, {}, {}, 2, true);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->rows[0].id, id_of(2, 1));
  const auto rest = ledger_->index(IndexNumber{7}, {}, page->rows[1].key, 10, true);
  EXPECT_EQ(rest->rows.size(), 3U);
  EXPECT_FALSE(rest->more);
  const auto forward = ledger_->index(IndexNumber{7}, {}, all->rows[1].key, 10, false);
  EXPECT_EQ(forward->rows.size(), 3U);
  const auto events = ledger_->outbox(0, 0, 10);
  ASSERT_EQ(events->size(), 5U);
  EXPECT_EQ((*events)[2].merchant_seq, 2U);  // third entry, second of its merchant
  EXPECT_EQ((*events)[2].event.type, "payment.captured");
  EXPECT_EQ(ledger_->outbox((*events)[2].seq, 0, 10)->size(), 2U);
  EXPECT_EQ(ledger_->objects(ObjectKind{1}, {}, 10)->size(), 5U);
  EXPECT_EQ(ledger_->objects(ObjectKind{1}, id_of(3, 1), 10)->size(), 2U);
  EXPECT_EQ((**ledger_->unique(UniqueTable{2}, key_of(3))).value, (Bytes{9, 9}));
}

TEST(Chart, CodesAndNames) {
  for (const ChartRow& row : chart()) EXPECT_EQ(chart_row(row.code)->name, row.name);
  EXPECT_FALSE(chart_row(AccountCode{1}).has_value());
  EXPECT_EQ(*parse_mode("live"), Mode::live);
  EXPECT_FALSE(parse_mode("Live").ok());
}

}  // namespace
}  // namespace florin::ledger::rules_test
