#include "ledger/verify/books.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/verify/merkle.h"
#include "unit/verify/sample.h"

namespace florin::verify {
namespace {

using testing::HasSubstr;

// Feeds the sample journal with one leaf changed; the hashes of later leaves are not repaired,
// since the changed entry itself must be refused.
std::string problem_with(std::size_t seq, void (*change)(Leaf&)) {
  const auto journal = sample::journal();
  Books books;
  for (std::size_t i = 0; i < seq; ++i) {
    EXPECT_TRUE(books.consume(journal.leaves[i], journal.hashes[i]).ok());
  }
  Leaf leaf = journal.leaves[seq];
  change(leaf);
  const auto result = books.consume(leaf, journal.hashes[seq]);
  return result.ok() ? "nothing" : result.error().message();
}

TEST(Books, TakesTheSampleAndGivesItsTrialBalance) {
  const auto journal = sample::journal();
  Books books;
  for (std::size_t i = 0; i < journal.leaves.size(); ++i) {
    const auto result = books.consume(journal.leaves[i], journal.hashes[i]);
    ASSERT_TRUE(result.ok()) << result.error().message();
  }
  EXPECT_EQ(books.next_seq(), journal.leaves.size());
  EXPECT_EQ(books.evaluation(), false);
  ASSERT_EQ(books.accounts().size(), 4U);
  const Totals& receivable = books.accounts()[2].totals;
  EXPECT_EQ(to_decimal(receivable.debits_posted), "18446744073709563616");
  EXPECT_EQ(to_decimal(receivable.credits_posted), "500");
  EXPECT_EQ(receivable.last, 10U);
  EXPECT_EQ(books.accounts()[2].opened_seq, 2U);
  const HoldState& hold = books.holds().at(sample::id(11));
  EXPECT_TRUE(hold == (HoldState{978, 2550, 2000, 0, 500}));
}

TEST(Books, NameTheEntryAndTheFault) {
  struct Row {
    std::size_t seq;
    void (*change)(Leaf&);
    const char* problem;
  };
  const Row rows[] = {
      {3, [](Leaf& l) { l.seq = 4; }, "entry 4: stands where entry 3 is expected"},
      {3, [](Leaf& l) { l.tenant = sample::id(1); }, "entry 3: belongs to another tenant"},
      {3, [](Leaf& l) { l.mode = Mode::test; }, "entry 3: belongs to another mode"},
      {3, [](Leaf& l) { l.previous_leaf[5] ^= 1; }, "does not carry the hash of the entry before"},
      {3, [](Leaf& l) { l.booked_at -= 1'234'567'891; }, "not booked after the entry before"},
      {3, [](Leaf& l) { l.type = kGenesisType; }, "begins with its genesis entry"},
      {0, [](Leaf& l) { l.type = 2; }, "begins with its genesis entry"},
      {0, [](Leaf& l) { l.mode = Mode::system; }, "the system ledger has no tenant"},
      {3, [](Leaf& l) { l.flags = kFlagEvaluation; }, "only the genesis entry"},
      {3, [](Leaf& l) { l.flags = kFlagLimitPassed; }, "only a fact may pass a limit"},
      {1, [](Leaf& l) { l.openings[1].number = 3; }, "opens account 3, the next number is 2"},
      {1, [](Leaf& l) { l.openings[0].parent = 1; }, "parent that is not open"},
      {1, [](Leaf& l) { l.openings.pop_back(); }, "posting 2: account 2 was never opened"},
      {3, [](Leaf& l) { ++l.postings[0].amount; },
       "asset 978 pending: debits 2551 but credits 2550"},
      {3, [](Leaf& l) { l.postings[0].layer = Layer::posted; }, "debits 2550 but credits 0"},
      {3, [](Leaf& l) { l.postings[1].side = Side::debit; }, "debits 5100 but credits 0"},
      {3, [](Leaf& l) { l.postings[0].asset = l.postings[1].asset = 840; }, "not 840"},
      {3, [](Leaf& l) { ++l.postings[1].total; }, "posting 2: account 2 has a total of 12550"},
      {3, [](Leaf& l) { l.postings[0].previous = 0; }, "account 1 was touched before by 2"},
      {3, [](Leaf& l) { l.holds[0].hold = sample::id(10); }, "is opened twice"},
      {4, [](Leaf& l) { l.holds[0].hold = sample::id(99); }, "was never opened"},
      {4, [](Leaf& l) { l.holds[0].amount = 2551; }, "captured and released exceed authorized"},
      {4, [](Leaf& l) { l.holds[0].asset = 840; }, "changes its asset"},
      {9, [](Leaf& l) { l.holds[0].amount = 2001; }, "refunded exceeds captured"},
  };
  for (const Row& row : rows)
    EXPECT_THAT(problem_with(row.seq, row.change), HasSubstr(row.problem));
}

TEST(Books, AFactMayPassALimitWhenItSaysSo) {
  EXPECT_EQ(problem_with(4,
                         [](Leaf& l) {
                           l.holds[0].amount = 9'999;
                           l.flags = kFlagLimitPassed;
                         }),
            "nothing");
}

TEST(Books, ResumeChecksTheStatedBalances) {
  OpeningPosition opening;
  opening.next_seq = 5;
  AccountState first{{1, 1100, 978, 2, {}, 0}, 1, {}};
  AccountState second{{2, 2100, 978, 2, {}, 0}, 1, {}};
  first.totals.debits_posted = 100;
  second.totals.credits_posted = 100;
  first.totals.last = second.totals.last = 5;
  opening.accounts = {first, second};
  EXPECT_TRUE(Books::resume(opening).ok());
  auto unbalanced = opening;
  unbalanced.accounts[1].totals.credits_posted = 99;
  EXPECT_THAT(Books::resume(unbalanced).error().message(), HasSubstr("debits 100 but credits 99"));
  auto future = opening;
  future.accounts[1].totals.last = 6;
  EXPECT_FALSE(Books::resume(future).ok());
  auto gap = opening;
  gap.accounts[1].opening.number = 3;
  EXPECT_FALSE(Books::resume(gap).ok());
}

}  // namespace
}  // namespace florin::verify
