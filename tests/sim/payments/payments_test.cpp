// Whole lives of payments through the engine as it ships, on a network where everything goes wrong,
// with a daemon that dies at any of its steps; then an auditor compares the books with the PSP's.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "base/log.h"
#include "sim/ledger/sim_support.h"
#include "world.h"

namespace florin::sim {
namespace {

constexpr std::uint64_t kQuickLives = 20'000;
constexpr std::uint64_t kFullLives = 10'000'000;
constexpr std::chrono::seconds kQuickTime{120};
constexpr std::uint64_t kLivesWithEverything = 5'000;

/// A seed that fails is looked at with FLORIN_SIM_LOG=1: then the engine tells what it does.
class Payments : public testing::Test {
 protected:
  Payments() {
    // Tests do not change their environment.
    const bool tell = std::getenv("FLORIN_SIM_LOG") != nullptr;  // NOLINT(concurrency-mt-unsafe)
    // No message is of this level.
    set_log_level(tell ? LogLevel::info : static_cast<LogLevel>(2));
  }
};

void print(const Totals& totals) {
  std::printf("%llu lives, %llu orders, %llu sends, %llu crashes\n",
              static_cast<unsigned long long>(totals.lives),
              static_cast<unsigned long long>(totals.orders),
              static_cast<unsigned long long>(totals.sends),
              static_cast<unsigned long long>(totals.crashes));
  for (std::size_t fate = 0; fate < kFates; ++fate) {
    std::printf("%-18s %10llu\n", std::string(fate_name(static_cast<Fate>(fate))).c_str(),
                static_cast<unsigned long long>(totals.fates.at(fate)));
  }
}

void print(const NoticeTally& notices, const PeopleTally& people, std::uint64_t missed) {
  const auto line = [](const char* name, std::uint64_t count) {
    std::printf("%-26s %10llu\n", name, static_cast<unsigned long long>(count));
  };
  line("notices told", notices.told);
  line("notices taken", notices.taken);
  line("notices lost", notices.lost);
  line("notices twice", notices.twice);
  line("notices unheard", notices.unheard);
  line("notices to nobody", notices.nobody);
  line("notices altered", notices.altered);
  line("notices contradicting", notices.contradicting);
  line("doubts by people", people.doubts);
  line("reviews by people", people.reviews);
  line("people too late", people.too_late);
  line("inquiries in the window", missed);
}

void expect_everything(const Totals& totals) {
  for (std::size_t fate = 0; fate < kFates; ++fate) {
    EXPECT_GT(totals.fates.at(fate), 0U) << fate_name(static_cast<Fate>(fate)) << " never happened";
  }
  const NoticeTally& notices = totals.notices;
  for (const std::uint64_t count :
       {totals.crashes, totals.missed, notices.taken, notices.lost, notices.twice, notices.unheard,
        notices.nobody, notices.altered, notices.contradicting, totals.people.doubts,
        totals.people.reviews}) {
    EXPECT_GT(count, 0U);
  }
}

std::string joined(const std::vector<std::string>& findings) {
  std::string out;
  for (const std::string& finding : findings) out += "  " + finding + "\n";
  return out;
}

TEST_F(Payments, BooksAgreeWithThePspWhateverHappens) {
  // The short run is the same everywhere; the long one, or FLORIN_SEED, looks for what is new.
  if (!test::long_run()) ::setenv("FLORIN_SEED", "1", 0);
  const std::uint64_t seed = ledger::sim::seed_of_run();
  const std::uint64_t wanted = test::quick_or_long(kQuickLives, kFullLives);
  const auto begin = std::chrono::steady_clock::now();
  Totals totals;
  for (std::uint64_t round = 0; totals.lives < wanted; ++round) {
    if (!test::long_run() && std::chrono::steady_clock::now() - begin > kQuickTime) break;
    World world(seed + round, totals);
    const std::vector<std::string> findings = world.play();
    ASSERT_TRUE(findings.empty()) << "FLORIN_SEED=" << seed + round << " repeats it:\n"
                                  << joined(findings);
  }
  print(totals);
  print(totals.notices, totals.people, totals.missed);
  // A machine that had time for a few histories only proves nothing about what is rare.
  if (totals.lives >= kLivesWithEverything) expect_everything(totals);
}

TEST_F(Payments, TheSameSeedIsTheSameHistory) {
  Totals first;
  Totals second;
  World one(7, first, {.lives = 200});
  World two(7, second, {.lives = 200});
  EXPECT_EQ(one.play(), two.play());
  EXPECT_EQ(one.signature(), two.signature());
}

// An auditor who finds nothing proves nothing unless he finds what is there.
class Mistakes : public Payments, public testing::WithParamInterface<Sabotage> {};

TEST_P(Mistakes, AreFound) {
  bool found = false;
  for (std::uint64_t seed = 1; seed < 10 && !found; ++seed) {
    Totals totals;
    World world(seed, totals, {.lives = 200, .sabotage = GetParam()});
    found = !world.play().empty();
  }
  EXPECT_TRUE(found);
}

INSTANTIATE_TEST_SUITE_P(Auditor, Mistakes,
                         testing::Values(Sabotage::timeout_is_failure, Sabotage::resend_anew,
                                         Sabotage::no_join, Sabotage::lying_notice,
                                         Sabotage::people_guess));

}  // namespace
}  // namespace florin::sim
