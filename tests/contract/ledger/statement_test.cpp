// Statements: every posting of an account, from both ends.
#include "contract_fixture.h"

namespace florin::ledger::contract::statement_test {
namespace {

using enum AccountCode;

class Statement : public LedgerContract {
 protected:
  void SetUp() override {
    LedgerContract::SetUp();
    for (std::uint64_t i = 1; i <= 6; ++i) {
      Command command = transfer(i, 10 * i);
      command.note = "number " + std::to_string(i);
      command.subject = numbered_id(i, 9);
      book(command);
    }
    reopen();
    account_ = balance_of(account_of(merchant_payable)).account.number;
  }
  StatementPage page(std::uint64_t from, std::uint64_t before, std::size_t limit) {
    const auto result = ledger_->statement({account_, from, before, limit});
    EXPECT_TRUE(result.ok()) << result.error().to_log();
    return result.ok() ? *result : StatementPage{};
  }
  static std::vector<std::uint64_t> seqs(const StatementPage& page) {
    std::vector<std::uint64_t> out;
    for (const StatementLine& line : page.lines) out.push_back(line.seq);
    return out;
  }
  std::uint64_t account_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Engines, Statement, testing::Values(Engine::log, Engine::memory),
                         engine_name);

TEST_P(Statement, TellsEveryLineNewestFirst) {
  const StatementPage all = page(0, UINT64_MAX, 100);
  EXPECT_EQ(seqs(all), (std::vector<std::uint64_t>{6, 5, 4, 3, 2, 1}));
  EXPECT_FALSE(all.more);
  EXPECT_EQ(totals_text(all.opening), "0 0");
  EXPECT_EQ(totals_text(all.closing), "0 210");
  EXPECT_EQ(all.closing.last_seq, 6U);
  const StatementLine& line = all.lines[2];
  EXPECT_EQ(line.entry_id, entry_id(4));
  EXPECT_EQ(line.type, EntryType::capture);
  EXPECT_EQ(line.note, "number 4");
  EXPECT_EQ(line.subject, numbered_id(4, 9));
  EXPECT_EQ(line.side, Side::credit);
  EXPECT_EQ(line.layer, Layer::posted);
  EXPECT_EQ(line.amount, 40U);
  EXPECT_EQ(line.party, owner_id(1));
  EXPECT_TRUE(line.total == 100);
  EXPECT_EQ(line.effective_day, today());
  EXPECT_EQ(line.booked_at, leaf_of(4).booked_at);
}

TEST_P(Statement, PagesMeetAtTheirBalances) {
  const StatementPage newest = page(0, UINT64_MAX, 2);
  EXPECT_EQ(seqs(newest), (std::vector<std::uint64_t>{6, 5}));
  EXPECT_TRUE(newest.more);
  EXPECT_EQ(totals_text(newest.opening), "0 100");
  EXPECT_EQ(totals_text(newest.closing), "0 210");
  const StatementPage middle = page(0, 5, 2);
  EXPECT_EQ(seqs(middle), (std::vector<std::uint64_t>{4, 3}));
  EXPECT_TRUE(middle.more);
  EXPECT_EQ(totals_text(middle.opening), "0 30");
  EXPECT_EQ(totals_text(middle.closing), "0 100");
  const StatementPage oldest = page(0, 3, 2);
  EXPECT_EQ(seqs(oldest), (std::vector<std::uint64_t>{2, 1}));
  EXPECT_FALSE(oldest.more);
  EXPECT_EQ(totals_text(oldest.opening), "0 0");
}

TEST_P(Statement, IsBoundedAtBothEnds) {
  const StatementPage part = page(3, 6, 10);
  EXPECT_EQ(seqs(part), (std::vector<std::uint64_t>{5, 4, 3}));
  EXPECT_FALSE(part.more);
  EXPECT_EQ(totals_text(part.opening), "0 30");
  EXPECT_EQ(totals_text(part.closing), "0 150");
  const StatementPage tail = page(3, 6, 2);
  EXPECT_TRUE(tail.more);
  const StatementPage nothing = page(7, UINT64_MAX, 10);
  EXPECT_TRUE(nothing.lines.empty());
  EXPECT_EQ(totals_text(nothing.opening), "0 210");
  EXPECT_EQ(totals_text(nothing.closing), "0 210");
  const auto unknown = ledger_->statement({99, 0, UINT64_MAX, 10});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), Errc::not_found);
}

TEST_P(Statement, PostingsOfOneEntryStayTogether) {
  Command command = command_of(20, EntryType::capture);
  command.postings = {debit(account_of(psp_receivable), 9), credit(account_of(merchant_payable), 4),
                      credit(account_of(merchant_payable), 5)};
  const std::uint64_t seq = book(command);
  const StatementPage one_entry = page(0, UINT64_MAX, 1);
  ASSERT_EQ(one_entry.lines.size(), 2U);
  EXPECT_EQ(one_entry.lines[0].seq, seq);
  EXPECT_EQ(one_entry.lines[1].seq, seq);
  EXPECT_EQ(one_entry.lines[0].amount + one_entry.lines[1].amount, 9U);
  EXPECT_TRUE(one_entry.more);
  EXPECT_EQ(totals_text(one_entry.opening), "0 210");
  EXPECT_EQ(totals_text(one_entry.closing), "0 219");
}

}  // namespace
}  // namespace florin::ledger::contract::statement_test
