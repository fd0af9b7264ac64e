// The ledger against its model: the same random commands go to both, and both must answer, write
// and remember the same. Every kind of command has to be accepted and refused on the way.
#include <gtest/gtest.h>

#include "comparison.h"
#include "sim/ledger/sim_support.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace florin::ledger::sim {
namespace {

constexpr std::uint64_t kQuickCommands = 101'000;
constexpr std::uint64_t kFullCommands = 10'000'000;
/// Then a new ledger is begun, so that memory stays bounded.
constexpr std::uint64_t kCommandsPerLedger = 250'000;

/// Indexes objects of kind 1 by the first byte of their head.
std::vector<IndexEntry> by_first_byte(ObjectKind kind, const Uuid& id, BytesView, BytesView head) {
  if (kind != ObjectKind{1} || head.empty()) return {};
  Bytes key = {head[0]};
  key.insert(key.end(), id.bytes.begin(), id.bytes.end());
  return {{IndexNumber{7}, key}};
}

struct Tally {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t skipped = 0;  ///< the format leaves open what happens
};
using Tallies = std::vector<Tally>;

class Round {
 public:
  Round(std::uint64_t seed, Tallies& tallies, std::map<std::string, std::uint64_t>& unclear)
      : tallies_(tallies), unclear_(unclear), entropy_(seed) {
    options_.directory = directory_.path();
    options_.tenant = ledger::numbered_id(42, 0x11);
    options_.mode = Mode::test;
    options_.origin = "bank.example/ledger/tnt_test/test";
    options_.map_bytes = std::uint64_t{4} << 30U;
    model_ = std::make_unique<test::MemoryLedger>(options_, projectors_, clock_);
    comparison_ = std::make_unique<Comparison>(*model_);
    source_ = std::make_unique<CommandSource>(seed, *model_, clock_);
  }

  /// What went wrong; empty when nothing did.
  std::string run(std::uint64_t commands) {
    std::string wrong = open();
    std::uint64_t looked = 0;
    for (std::uint64_t done = 0; done < commands && wrong.empty();) {
      done += batch(wrong);
      const bool last = done >= commands;
      if (!wrong.empty() || (done - looked < 10'000 && !last)) continue;
      looked = done;
      wrong = look_at_everything(last);
    }
    return wrong;
  }

 private:
  struct Expected {
    CommandSource::Next next;
    model::Verdict verdict;
    Result<Receipt> result{Receipt{}};
  };
  std::string open() {
    real_.reset();
    auto opened = Ledger::open(options_, keys_, projectors_, clock_, entropy_);
    if (!opened.ok()) return "the ledger does not open: " + opened.error().to_log();
    real_ = std::move(*opened);
    comparison_->look_at(*real_);
    return {};
  }

  std::uint64_t batch(std::string& wrong) {
    std::vector<Expected> expected;
    std::vector<Command> commands;
    for (std::uint64_t count = 1 + source_->below(128); count > 0; --count) {
      Expected one{source_->next(), {}};
      one.verdict = model_->verdict(one.next.command);
      if (!one.verdict.draft.unclear.empty()) {
        ++tallies_[one.next.kind].skipped;
        ++unclear_[one.verdict.draft.unclear];
        continue;
      }
      one.result = model_->append({one.next.command}).front();
      commands.push_back(one.next.command);
      expected.push_back(std::move(one));
    }
    const auto results = real_->append(std::move(commands));
    for (std::size_t i = 0; i < results.size() && wrong.empty(); ++i) {
      wrong = compare(expected[i], results[i]);
    }
    if (wrong.empty() && !real_->catch_up().ok()) wrong = "the ledger has stopped";
    if (wrong.empty()) wrong = comparison_->after_batch();
    clock_.step(static_cast<std::int64_t>(source_->below(kNanosPerSecond)));
    if (source_->below(20) == 0) clock_.step(12 * 3600 * kNanosPerSecond);
    if (source_->below(50) == 0) clock_.step(-2 * kNanosPerSecond);
    return expected.size();
  }

  std::string compare(const Expected& expected, const Result<Receipt>& real) {
    Tally& tally = tallies_[expected.next.kind];
    const bool accepted = expected.result.ok() && !expected.result->duplicate;
    ++(accepted ? tally.accepted : tally.refused);
    const std::string name = describe(expected);
    if (expected.result.ok()) {
      if (!real.ok()) return name + " was refused: " + real.error().to_log();
      const Receipt& model = *expected.result;
      if (real->seq != model.seq || real->booked_at != model.booked_at ||
          real->duplicate != model.duplicate) {
        return name + " has another receipt";
      }
      return {};
    }
    const std::string wanted(errc_name(expected.result.error().code()));
    if (real.ok()) return name + " was taken instead of " + wanted;
    if (!expected.verdict.draft.allowed.contains(real.error().code())) {
      return name + " was refused with " + real.error().to_log() + " instead of " + wanted + " (" +
             expected.result.error().field() + ")";
    }
    return {};
  }

  static std::string describe(const Expected& expected) {
    const Command& command = expected.next.command;
    return std::string("'") + CommandSource::kinds()[expected.next.kind].name + "' (" +
           std::string(entry_type_name(command.type)) + ", origin " +
           std::to_string(static_cast<int>(command.origin)) + ", " +
           to_hex(command.entry_id.view()) + ")";
  }

  std::string look_at_everything(bool rebuild) {
    std::string wrong = comparison_->everything(*source_);
    if (wrong.empty() && (rebuild || source_->below(2) == 0)) {
      real_.reset();
      if (rebuild || source_->below(3) == 0) {
        std::filesystem::remove_all(directory_.path() / "proj");
      }
      wrong = open();
      if (wrong.empty()) wrong = comparison_->everything(*source_);
      if (!wrong.empty()) wrong += " (after a restart)";
    }
    return wrong;
  }

  Tallies& tallies_;
  std::map<std::string, std::uint64_t>& unclear_;
  test::TempDir directory_;
  OpenOptions options_;
  test::ManualClock clock_;
  test::SeededEntropy entropy_;
  std::shared_ptr<const TenantKeys> keys_ = test::test_keys();
  ProjectorSet projectors_{1, {&by_first_byte}};
  std::unique_ptr<test::MemoryLedger> model_;
  std::unique_ptr<CommandSource> source_;
  std::unique_ptr<Ledger> real_;
  std::unique_ptr<Comparison> comparison_;
};

void print(const Tallies& tallies, const std::map<std::string, std::uint64_t>& unclear) {
  std::printf("%-28s %10s %10s %10s\n", "kind", "accepted", "refused", "left open");
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    std::printf("%-28s %10llu %10llu %10llu\n", CommandSource::kinds()[i].name,
                static_cast<unsigned long long>(tallies[i].accepted),
                static_cast<unsigned long long>(tallies[i].refused),
                static_cast<unsigned long long>(tallies[i].skipped));
  }
  for (const auto& [what, times] : unclear) {
    std::printf("left open %llu times: %s\n", static_cast<unsigned long long>(times), what.c_str());
  }
}

TEST(LedgerModel, RandomCommandsAreAnsweredAlike) {
  prefer_memory_for_scratch();
  const std::uint64_t seed = seed_of_run();
  Tallies tallies(CommandSource::kinds().size());
  std::map<std::string, std::uint64_t> unclear;
  const std::uint64_t wanted = test::quick_or_long(kQuickCommands, kFullCommands);
  std::string wrong;
  std::uint64_t round = 0;
  for (std::uint64_t done = 0; done < wanted && wrong.empty(); done += kCommandsPerLedger) {
    Round one(seed + round++, tallies, unclear);
    wrong = one.run(std::min(wanted - done, kCommandsPerLedger));
  }
  print(tallies, unclear);
  ASSERT_EQ(wrong, "") << "seed " << seed << ", ledger " << round;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    EXPECT_GT(tallies[i].accepted, 0U) << CommandSource::kinds()[i].name << " was never accepted";
    EXPECT_GT(tallies[i].refused, 0U) << CommandSource::kinds()[i].name << " was never refused";
  }
}

}  // namespace
}  // namespace florin::ledger::sim
