// A process that writes a ledger is killed at random times. After each kill: what was acknowledged
// is there, at its place; chain, books and root are right by the verifier's own reading; what can
// be rebuilt from the log is byte for byte what was there. FLORIN_SEED repeats a run.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <sstream>

#include "crash_ledger.h"
#include "ledger/verify/books.h"
#include "ledger/verify/merkle.h"
#include "support/long_run.h"

namespace florin::ledger::crash {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kKillsPerLedger = 15;  // so that checking stays cheap

// What the writer said before it died.
struct Told {
  std::map<std::uint64_t, std::uint64_t> seqs;  // by command
  std::uint64_t signed_size = 0;
  std::vector<std::string> errors;

  void take(const std::string& line) {
    std::istringstream in(line);
    char kind = 0;
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    if (in >> kind >> first && kind == 'C') {
      signed_size = std::max(signed_size, first);
    } else if (kind == 'A' && in >> second) {
      seqs[first] = second;
    } else {
      errors.push_back(line);
    }
  }
};

class Victim {
 public:
  Victim(const std::filesystem::path& directory, std::uint64_t first, std::uint64_t seed) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    // Made before fork: the child may only call what is safe in a signal handler.
    const std::string from = std::to_string(first);
    const std::string with = std::to_string(seed);
    child_ = fork();
    if (child_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      execl(FLORIN_CRASH_WRITER, "writer", directory.c_str(), from.c_str(), with.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    input_ = ends[0];
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;
  ~Victim() { close(input_); }

  // Reads until so many lines were told, or the time is up.
  void read_until(Told& told, std::size_t lines, Steady::time_point deadline) {
    while (lines_ < lines) {
      const auto left =
          std::chrono::duration_cast<std::chrono::microseconds>(deadline - Steady::now()).count();
      if (left <= 0) return;
      pollfd wanted{input_, POLLIN, 0};
      const timespec timeout{left / 1'000'000, left % 1'000'000 * 1000};
      if (ppoll(&wanted, 1, &timeout, nullptr) <= 0) continue;
      if (!read_some(told)) return;
    }
  }

  void kill_and_drain(Told& told) {
    kill(child_, SIGKILL);
    while (read_some(told)) {
    }
    int status = 0;
    ASSERT_EQ(waitpid(child_, &status, 0), child_);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself";
  }

 private:
  bool read_some(Told& told) {
    std::array<char, 4096> buffer{};
    const ssize_t count = read(input_, buffer.data(), buffer.size());
    if (count <= 0) return false;
    text_.append(buffer.data(), static_cast<std::size_t>(count));
    std::size_t end = 0;
    while ((end = text_.find('\n')) != std::string::npos) {
      told.take(text_.substr(0, end));
      text_.erase(0, end + 1);
      ++lines_;
    }
    return true;
  }

  pid_t child_ = -1;
  int input_ = -1;
  std::string text_;
  std::size_t lines_ = 0;
};

class LedgerCrash : public LedgerTest {
 protected:
  void kill_one(std::mt19937_64& random) {
    // The first command that was not acknowledged is given again; it may be there already.
    const std::uint64_t first = told_.seqs.empty() ? 1 : told_.seqs.rbegin()->first + 1;
    Victim victim(dir_.path(), first, random());
    if (random() % 4 == 0) {
      // Any time from its start on, so also while it opens.
      const auto wait = std::chrono::microseconds(random() % 60'000);
      victim.read_until(told_, SIZE_MAX, Steady::now() + wait);
    } else {
      victim.read_until(told_, 1 + random() % 120, Steady::now() + std::chrono::seconds(30));
      victim.read_until(told_, SIZE_MAX,
                        Steady::now() + std::chrono::microseconds(random() % 5000));
    }
    victim.kill_and_drain(told_);
  }

  void open_after_crash() {
    auto opened = Ledger::open(options_of(dir_.path()), keys_, projectors(), clock_, entropy_);
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    ledger_ = std::move(*opened);
    settle();
  }

  // Everything by the verifier's own reading, and each acknowledged command at its place.
  void check_books() {
    verify::Books books;
    verify::CompactRange tree;
    std::vector<Uuid> ids;
    for (;;) {
      const auto views = ledger_->entries(ids.size(), 1000);
      ASSERT_TRUE(views.ok());
      if (views->empty()) break;
      for (const EntryView& view : *views) {
        const auto leaf = verify::decode_leaf(view.leaf);
        ASSERT_TRUE(leaf.ok()) << leaf.error().to_log();
        const Hash32 hash = verify::leaf_hash(view.leaf);
        const auto taken = books.consume(*leaf, hash);
        ASSERT_TRUE(taken.ok()) << taken.error().to_log();
        tree.append(hash);
        ids.push_back(leaf->entry_id);
      }
    }
    const Head head = ledger_->head();
    ASSERT_EQ(head.next_seq, ids.size());
    ASSERT_EQ(head.root, tree.root());
    ASSERT_GE(head.signed_size, told_.signed_size);
    for (const auto& [number, seq] : told_.seqs) {
      ASSERT_LT(seq, ids.size()) << "command " << number << " was acknowledged and is lost";
      ASSERT_EQ(ids[seq], id_of(number, 0xE0)) << "entry " << seq;
    }
    // Commands were given in order, so they stand in order, each once.
    for (std::uint64_t seq = 1; seq < ids.size(); ++seq) ASSERT_EQ(ids[seq], id_of(seq, 0xE0));
    check_balances(books);
    entries_ = ids.size();
  }

  void check_balances(const verify::Books& books) {
    const auto balances = ledger_->balances();
    ASSERT_TRUE(balances.ok());
    ASSERT_EQ(balances->size(), books.accounts().size());
    for (const AccountBalance& row : *balances) {
      const verify::Totals& totals = books.accounts()[row.account.number - 1].totals;
      ASSERT_TRUE(row.debits_posted == totals.debits_posted &&
                  row.credits_posted == totals.credits_posted &&
                  row.debits_pending == totals.debits_pending &&
                  row.credits_pending == totals.credits_pending)
          << "account " << row.account.number;
    }
    for (const auto& [id, hold] : books.holds()) {
      const auto found = ledger_->hold(id);
      ASSERT_TRUE(found.ok() && found->has_value());
      ASSERT_TRUE((*found)->authorized == hold.authorized && (*found)->captured == hold.captured);
    }
  }

  void check_rebuilt() {
    const std::filesystem::path live = dir_.path() / "proj";
    const std::filesystem::path aside = dir_.path() / "aside";
    const Dump before = dump();
    std::filesystem::rename(live, aside);
    open_after_crash();
    close();
    ASSERT_TRUE(dump() == before) << "a rebuilt database differs from the live one";
    // The next run goes on with the one that lived through it.
    std::filesystem::remove_all(live);
    std::filesystem::rename(aside, live);
  }

  Told told_;
  std::uint64_t entries_ = 0;
};

std::uint64_t seed_of_run() {
  const char* given = std::getenv("FLORIN_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

class LedgerCrashRound : public LedgerCrash, public testing::WithParamInterface<int> {};

TEST_P(LedgerCrashRound, NothingAcknowledgedIsLost) {
  const int kills = test::quick_or_long(15, 200);
  const int first = GetParam() * kKillsPerLedger;
  const std::uint64_t seed = seed_of_run() + static_cast<std::uint64_t>(GetParam());
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const int here = std::min(kKillsPerLedger, kills - first);
  for (int number = 0; number < here; ++number) {
    SCOPED_TRACE("kill " + std::to_string(number));
    ASSERT_NO_FATAL_FAILURE(kill_one(random));
    ASSERT_TRUE(told_.errors.empty()) << told_.errors.front();
    ASSERT_NO_FATAL_FAILURE(open_after_crash());
    ASSERT_NO_FATAL_FAILURE(check_books());
    close();
    ASSERT_NO_FATAL_FAILURE(check_rebuilt());
  }
  std::printf("%d kills, %zu commands acknowledged, %llu entries, %zu segments, signed to %llu\n",
              here, told_.seqs.size(), static_cast<unsigned long long>(entries_), segments().size(),
              static_cast<unsigned long long>(told_.signed_size));
  EXPECT_GT(told_.seqs.size(), static_cast<std::size_t>(here));
}

// One ledger of 15 kills; in the long run 14 ledgers and 200 kills.
INSTANTIATE_TEST_SUITE_P(Rounds, LedgerCrashRound, testing::Range(0, test::quick_or_long(1, 14)));

}  // namespace
}  // namespace florin::ledger::crash
