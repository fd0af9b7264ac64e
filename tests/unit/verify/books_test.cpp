#include "ledger/verify/books.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "ledger/verify/merkle.h"
#include "unit/verify/sample.h"

namespace florin::verify::books_test {
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
  EXPECT_EQ(hold.authorized, 2550U);
  EXPECT_EQ(hold.captured, 2000U);
  EXPECT_EQ(hold.refunded, 500U);
  const std::vector<HoldLeg> legs = {{1, sample::id(201), 550}, {2, sample::id(201), -550}};
  EXPECT_TRUE(hold.legs == legs);
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
      {1, [](Leaf& l) { l.openings[0].parent = 1; }, "has a parent, which code 9100 has not"},
      {1, [](Leaf& l) { l.openings.pop_back(); }, "posting 2: account 2 was never opened"},
      {3, [](Leaf& l) { ++l.postings[0].amount; },
       "asset 978 pending: debits 2551 but credits 2550"},
      {3, [](Leaf& l) { l.postings[0].layer = Layer::posted; }, "debits 2550 but credits 0"},
      {3, [](Leaf& l) { l.postings[1].side = Side::debit; }, "debits 5100 but credits 0"},
      {3, [](Leaf& l) { l.postings[0].asset = l.postings[1].asset = 840; }, "not 840"},
      {3, [](Leaf& l) { ++l.postings[1].total; }, "posting 2: account 2 has a total of 12550"},
      {3, [](Leaf& l) { l.postings[0].previous = 0; }, "account 1 was touched before by 3"},
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

// Feeds the full journal with one leaf changed.
std::string problem_in_full(std::uint64_t seq, const std::function<void(Leaf&)>& change) {
  const auto journal = sample::full_journal();
  Books books([&](std::uint64_t earlier) -> Result<Leaf> { return journal.leaves[earlier]; });
  for (std::size_t i = 0; i < seq; ++i) {
    const auto result = books.consume(journal.leaves[i], journal.hashes[i]);
    EXPECT_TRUE(result.ok()) << result.error().message();
  }
  Leaf leaf = journal.leaves[seq];
  change(leaf);
  const auto result = books.consume(leaf, journal.hashes[seq]);
  return result.ok() ? "nothing" : result.error().message();
}

TEST(Books, TakeEverythingThatAnEntryCanSay) {
  const auto journal = sample::full_journal();
  Books books([&](std::uint64_t seq) -> Result<Leaf> { return journal.leaves[seq]; });
  for (std::size_t i = 0; i < journal.leaves.size(); ++i) {
    ASSERT_TRUE(*decode_leaf(journal.bytes[i]) == journal.leaves[i]) << i;
    const auto result = books.consume(journal.leaves[i], journal.hashes[i]);
    ASSERT_TRUE(result.ok()) << result.error().message();
  }
  const Position& at = books.position();
  EXPECT_EQ(at.reversed, (std::set<std::uint64_t>{9, sample::kReversed}));
  EXPECT_EQ(at.locked_through, sample::kFirstDay - 1);
  EXPECT_EQ(at.clock, journal.leaves[sample::kClockEntry].booked_at);
  EXPECT_FALSE(at.recovering);
  EXPECT_EQ(at.accounts[3].flags, kDebitsMustNotExceedCredits);
  const HoldState& expired = at.holds.at(sample::id(20));
  EXPECT_EQ(expired.released, 1000U);
  EXPECT_EQ(expired.expires_at, journal.leaves[sample::kIncrease].holds[0].expires_at);
  EXPECT_TRUE(expired.legs.empty());
  EXPECT_TRUE(at.holds.at(sample::id(21)).limit_passed);
  EXPECT_EQ(at.holds.at(sample::id(11)).refunded, 0U);
  EXPECT_TRUE(Books::resume(at).ok());
}

TEST(Books, ReversalsNeedTheEntryThatTheyName) {
  const auto journal = sample::full_journal();
  Books books;
  for (std::size_t i = 0; i < sample::kReversal; ++i) {
    ASSERT_TRUE(books.consume(journal.leaves[i], journal.hashes[i]).ok());
  }
  const auto result =
      books.consume(journal.leaves[sample::kReversal], journal.hashes[sample::kReversal]);
  EXPECT_THAT(result.error().message(), HasSubstr("entry 19: reverses entry 18, which is not at"));
}

TEST(Books, RefuseWhatTheRulesForbid) {
  using namespace sample;  // NOLINT(google-build-using-namespace)
  struct Row {
    std::uint64_t seq;
    void (*change)(Leaf&);
    const char* problem;
  };
  const Row rows[] = {
      // Types and what they carry.
      {kLimited, [](Leaf& l) { l.type = 2; }, "type 2 carries flags of an account"},
      {kLimited, [](Leaf& l) { l.account_flags.clear(); }, "type 14 lacks flags"},
      {kReversal, [](Leaf& l) { l.reverses.reset(); }, "lacks the entry that it reverses"},
      {kLock, [](Leaf& l) { l.lock_through.reset(); }, "type 13 lacks a lock"},
      {kClockEntry, [](Leaf& l) { l.clock.reset(); }, "type 12 lacks a clock"},
      {kRestored, [](Leaf& l) { l.recovery.reset(); }, "type 15 lacks a recovery step"},
      {kAdjustment, [](Leaf& l) { l.clock = 1; }, "type 9 carries a clock"},
      {kClockEntry, [](Leaf& l) { l.holds = {{id(20), HoldOperation::release, 978, 1}}; },
       "type 12 has postings or hold changes"},
      // Accounts.
      {kLimited, [](Leaf& l) { l.account_flags[0].account = 9; }, "account 9, which was never"},
      {kLimited, [](Leaf& l) { l.account_flags[0].account = 1; }, "account 1 of code 9100 has no"},
      {kSubmerchant, [](Leaf& l) { l.openings[0].parent = 0; }, "a parent that is not open"},
      {kSubmerchant, [](Leaf& l) { l.openings[0].parent = 6; }, "a parent that is not open"},
      {kSubmerchant, [](Leaf& l) { l.openings[0].parent = 3; }, "a parent of another kind"},
      {kSubmerchant, [](Leaf& l) { l.openings[0].asset = 840; }, "a parent of another kind"},
      {kSubmerchant, [](Leaf& l) { l.openings[0].code = 2140; }, "which code 2140 has not"},
      {kRedirected, [](Leaf& l) { l.postings[0].account = 3; }, "account 3 is frozen"},
      {kRedirected, [](Leaf& l) { l.redirections[0].reason = RedirectionReason::closed; },
       "account 3 could take it"},
      {kRedirected, [](Leaf& l) { l.redirections[0].account = 2; }, "account 2 could take it"},
      {kRedirected, [](Leaf& l) { l.openings[0].owner = id(1); }, "does not stand on suspense"},
      {kRedirected, [](Leaf& l) { l.openings[0].code = 2140; }, "does not stand on suspense"},
      {kRedirected, [](Leaf& l) { l.origin = Origin::command; }, "only a fact may be redirected"},
      // Holds.
      {kIncrease, [](Leaf& l) { l.holds[0].hold = id(99); }, "was never opened"},
      {kIncrease, [](Leaf& l) { l.holds[0].amount = 299; }, "its legs hold 1000, authorized"},
      {kIncrease, [](Leaf& l) { l.holds.clear(); }, "has pending postings but changes no hold"},
      {kIncrease, [](Leaf& l) { l.holds.push_back({id(10), HoldOperation::refund, 978, 1}); },
       "changes several holds"},
      {kIncrease, [](Leaf& l) { l.holds[0].takes_back = true; }, "taken back by reversals"},
      {kIncrease, [](Leaf& l) { l.holds[0].operation = HoldOperation::expire; },
       "expires without an expiry entry"},
      {kReleasePart, [](Leaf& l) { l.holds[0].amount = 1001; }, "exceed authorized"},
      {kReleasePart, [](Leaf& l) { l.postings[0].party = id(77); }, "its legs hold 1000"},
      {kExpiryEntry, [](Leaf& l) { l.holds[0].amount = 599; }, "expires with 599, but 600 remain"},
      {kExpiryEntry, [](Leaf& l) { l.holds[0].hold = id(11); }, "never expires"},
      {kExpiryEntry, [](Leaf& l) { l.holds[0].operation = HoldOperation::release; },
       "an expiry has one hold change"},
      {kExpiryEntry, [](Leaf& l) { l.postings.clear(); }, "its expiry leaves legs behind"},
      {kPassed, [](Leaf& l) { l.flags = 0; }, "captured and released exceed authorized"},
      // Reversals.
      {kReversal, [](Leaf& l) { l.reverses->seq = 17; }, "entry 17, which has another id"},
      {kReversal, [](Leaf& l) { l.reverses->seq = 19; }, "entry 19, which is not earlier"},
      {kReversal, [](Leaf& l) { l.reverses = {16, id(17)}; }, "entry 16 of type 11, which stands"},
      {kLateReversal, [](Leaf& l) { l.reverses = {18, id(19)}; }, "which was reversed before"},
      {kLateReversal, [](Leaf& l) { l.reverses = {19, id(20)}; }, "of type 8, which stands"},
      {kReversal, [](Leaf& l) { l.reverses = {0, id(1)}; }, "entry 0 of type 1, which stands"},
      {kReversal, [](Leaf& l) { l.postings.pop_back(); }, "has not as many postings"},
      {kReversal, [](Leaf& l) { l.postings[0].amount = 899; }, "posting 1: is not the mirror"},
      {kReversal, [](Leaf& l) { std::swap(l.postings[0], l.postings[1]); }, "is not the mirror"},
      {kReversal, [](Leaf& l) { l.postings[3].party = id(9); }, "posting 4: is not the mirror"},
      {kReversal, [](Leaf& l) { l.holds.clear(); }, "has not as many hold changes"},
      {kReversal, [](Leaf& l) { l.holds[0].amount = 1; }, "hold change 1: is not that of entry 18"},
      {kReversal, [](Leaf& l) { l.approvals.clear(); }, "the approval of two people"},
      // Approvals, days, clock, recovery.
      {kAdjustment, [](Leaf& l) { l.approvals.pop_back(); }, "the approval of two people"},
      {kAdjustment, [](Leaf& l) { l.approvals[1].person = id(42); }, "the approval of two people"},
      {kAdjustment, [](Leaf& l) { l.approvals[1].request[0] ^= 1; }, "are not of one request"},
      {kAdjustment, [](Leaf& l) { l.origin = Origin::fact; }, "an adjustment is not a fact"},
      {kMeantForLocked, [](Leaf& l) { l.effective_day = kFirstDay - 1; }, "on its booking day"},
      {kMeantForLocked, [](Leaf& l) { l.meant_day = kFirstDay; }, "day 20775, which is not locked"},
      {kMeantForLocked,
       [](Leaf& l) {
         l.meant_day.reset();
         l.effective_day = kFirstDay - 1;
       },
       "its effective day 20774 is locked"},
      {kMeantForLocked, [](Leaf& l) { l.origin = Origin::system; }, "only a fact may be meant"},
      {kLock, [](Leaf& l) { l.lock_through = kFirstDay; }, "its lock reaches the booking day"},
      {kClockEntry, [](Leaf& l) { l.clock = l.booked_at + 1; }, "is ahead of its booking time"},
      {kReopened, [](Leaf& l) { l.approvals.clear(); }, "the approval of two people"},
      {kRestored,
       [](Leaf& l) {
         l.recovery = Recovery{RecoveryStep::reopened, 0, {}};
         l.approvals = approvals();
       },
       "opens again what was not restored"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(problem_in_full(row.seq, row.change), HasSubstr(row.problem)) << row.seq;
  }
}

// What follows an entry of the full journal, and is refused there.
std::string problem_behind(std::uint64_t seq, Leaf leaf) {
  const auto journal = sample::full_journal();
  return problem_in_full(seq + 1, [&](Leaf& there) {
    leaf.seq = there.seq;
    leaf.tenant = there.tenant;
    leaf.mode = there.mode;
    leaf.previous_leaf = there.previous_leaf;
    leaf.booked_at = there.booked_at;
    leaf.effective_day = sample::kFirstDay;
    there = leaf;
  });
}

TEST(Books, StateBindsWhatFollows) {
  Leaf lock;
  lock.type = kPeriodType;
  lock.lock_through = sample::kFirstDay - 1;
  EXPECT_THAT(problem_behind(sample::kLock, lock), HasSubstr("its lock does not move forward"));
  Leaf clock;
  clock.type = kClockType;
  clock.clock = 5;
  EXPECT_THAT(problem_behind(sample::kClockEntry, clock), HasSubstr("its clock goes backwards"));
  Leaf open_again;
  open_again.type = kAccountType;
  open_again.account_flags = {{6, 0}};
  EXPECT_THAT(problem_behind(sample::kSubmerchant, open_again), HasSubstr("closed and stays so"));
  Leaf moves;
  moves.type = 6;
  moves.holds = {{sample::id(10), HoldOperation::refund, 978, 1}};
  EXPECT_THAT(problem_behind(sample::kRestored, moves), HasSubstr("before the restored ledger"));
  moves.origin = Origin::fact;
  EXPECT_EQ(problem_behind(sample::kRestored, moves), "nothing");
}

TEST(Books, ABalanceLimitCountsWhatIsPending) {
  // Account 1 may not be overdrawn: 100 posted, then debits of both layers.
  const auto problem = [](std::uint64_t posted, std::uint64_t pending) {
    Position at;
    at.next_seq = 5;
    AccountState limited{{1, 2100, 978, 2, {}, 0}, 1, {}, kDebitsMustNotExceedCredits};
    AccountState other{{2, 1100, 978, 2, {}, 0}, 1, {}, 0};
    limited.totals.credits_posted = other.totals.debits_posted = 100;
    at.accounts = {limited, other};
    Books books = *Books::resume(at);
    Leaf leaf;
    leaf.type = 3;
    leaf.seq = 5;
    leaf.booked_at = 1;
    leaf.postings = {{1, posted, 978, Side::debit, Layer::posted, {}, 0, posted},
                     {2, posted, 978, Side::credit, Layer::posted, {}, 0, posted},
                     {1, pending, 978, Side::debit, Layer::pending, {}, 0, pending},
                     {2, pending, 978, Side::credit, Layer::pending, {}, 0, pending}};
    leaf.holds = {{sample::id(1), HoldOperation::open, 978, pending}};
    const auto result = books.consume(leaf, {});
    return result.ok() ? "nothing" : result.error().message();
  };
  EXPECT_EQ(problem(60, 40), "nothing");
  EXPECT_THAT(problem(60, 41), HasSubstr("entry 5: posting 1: account 1 passes its balance"));
  EXPECT_THAT(problem(101, 1), HasSubstr("passes its balance limit"));
}

TEST(Books, ResumeChecksTheStatedBalances) {
  Position opening;
  opening.next_seq = 5;
  AccountState first{{1, 1100, 978, 2, {}, 0}, 1, {}, 0};
  AccountState second{{2, 2100, 978, 2, {}, 0}, 1, {}, 0};
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
}  // namespace florin::verify::books_test
