// The power fails at any moment of a ledger's life, and any sectors that were not flushed are lost.
// Opened again: what was acknowledged is there, nothing is half there, and the ledger goes on.
#include <set>

#include "base/log.h"
#include "ledger/verify/books.h"
#include "ledger/verify/merkle.h"
#include "recorded_log.h"
#include "unit/ledger/ledger_fixture.h"

namespace florin::ledger::sim {
namespace {

constexpr std::uint64_t kCommands = 60;
constexpr std::uint64_t kNextCommand = 5000;

// LMDB and the checkpoints as they were after so many events of the log.
struct Snapshot {
  std::size_t events = 0;
  std::string database;
  LostPower::Files checkpoints;
  std::uint64_t signed_size = 0;
};

struct Acknowledged {
  std::size_t events = 0;  // of the log, when the answer was given
  std::uint64_t seq = 0;
};

class PowerLoss : public LedgerTest {
 protected:
  void SetUp() override {
    prefer_memory_for_scratch();
    set_log_level(LogLevel::error);
  }

  OpenOptions options_at(const std::filesystem::path& directory) const {
    OpenOptions out = options();
    out.directory = directory;
    out.map_bytes = std::uint64_t{64} << 20U;
    out.segment_bytes = 24 * 1024;
    return out;
  }

  void open_recorded(const std::filesystem::path& directory) {
    auto opened =
        open_ledger(options_at(directory), keys_, projectors_, clock_, entropy_, files_of_run_);
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    ledger_ = std::move(*opened);
    ledger_->on_commit([this](std::uint64_t next_seq) { boundaries_.insert(next_seq); });
  }

  void submit(Command command) {
    const std::size_t number = answers_wanted_++;
    ledger_->submit(std::move(command), [this, number](const Result<Receipt>& result) {
      EXPECT_TRUE(result.ok()) << "command " << number << ": " << result.error().to_log();
      if (result.ok()) acknowledged_.push_back({recording_.size(), result->seq});
    });
  }

  void take_snapshot(const std::filesystem::path& directory) {
    ASSERT_TRUE(ledger_->catch_up().ok());
    Snapshot snapshot;
    snapshot.events = recording_.size();
    snapshot.database = read_text(directory / "proj" / "data.mdb");
    for (const auto& at : std::filesystem::directory_iterator(directory / "cp")) {
      snapshot.checkpoints[at.path().filename().string()] = read_text(at.path());
    }
    snapshot.signed_size = ledger_->head().signed_size;
    snapshots_.push_back(std::move(snapshot));
  }

  Command any_command(std::uint64_t number, std::mt19937_64& random) {
    switch (random() % 4) {
      case 0:
        return command_of(number);
      case 1:
        return transfer(number, 1 + random() % 1000, random() % 4);
      default: {
        Command command = rich(number);
        // Groups of one sector up to several blocks.
        command.objects[0].immutable = Bytes(random() % 6000, static_cast<std::uint8_t>(number));
        return command;
      }
    }
  }

  // Commands alone and in groups, restarts and checkpoints between them.
  void run_script(std::mt19937_64& random) {
    test::TempDir live;
    ASSERT_NO_FATAL_FAILURE(open_recorded(live.path()));
    // The answer for the genesis entry was given to open().
    acknowledged_.push_back({recording_.size(), 0});
    boundaries_.insert(1);
    ASSERT_NO_FATAL_FAILURE(take_snapshot(live.path()));
    std::uint64_t number = 0;
    while (number < kCommands) {
      const std::uint64_t count = std::min<std::uint64_t>(1 + random() % 5, kCommands - number);
      files_of_run_.close_gate();
      submit(any_command(++number, random));
      files_of_run_.wait_for_writer();
      for (std::uint64_t i = 1; i < count; ++i) submit(any_command(++number, random));
      files_of_run_.open_gate();
      // Visible means that the queue was empty and all answers were given before.
      while (acknowledged_seqs() <= number) ASSERT_TRUE(ledger_->catch_up().ok());
      ASSERT_NO_FATAL_FAILURE(take_snapshot(live.path()));
      if (random() % 4 == 0) {
        ASSERT_TRUE(ledger_->checkpoint(signer_).ok());
        ASSERT_NO_FATAL_FAILURE(take_snapshot(live.path()));
      }
      if (random() % 5 == 0) {
        close();
        ASSERT_NO_FATAL_FAILURE(open_recorded(live.path()));
      }
    }
    reference_ = *ledger_->entries(0, 1000);
    close();
    ASSERT_EQ(reference_.size(), kCommands + 1);
    ASSERT_EQ(acknowledged_.size(), kCommands + 1);
  }
  std::uint64_t acknowledged_seqs() const { return ledger_->head().visible_seq; }

  // Puts the disk into one state in which the power may have left it behind `events` events.
  const Snapshot* lay_out(const std::filesystem::path& directory, std::size_t events,
                          LostPower& lost, std::mt19937_64& random) {
    const auto is_later = [&](const Snapshot& s) { return s.events > events; };
    auto end = std::find_if(snapshots_.begin(), snapshots_.end(), is_later);
    const Snapshot* snapshot = end == snapshots_.begin() ? nullptr : &*std::prev(end);
    // Just behind a flush the commit may have happened or not.
    if (snapshot != nullptr && snapshot->events == events && random() % 2 == 0) {
      while (snapshot != nullptr && snapshot->events == events) {
        snapshot = snapshot == snapshots_.data() ? nullptr : snapshot - 1;
      }
    }
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory / "log");
    for (const auto& [name, text] : lost.after(events)) write_text(directory / "log" / name, text);
    if (snapshot == nullptr) return nullptr;
    if (random() % 4 != 0) write_text(directory / "proj" / "data.mdb", snapshot->database);
    for (const auto& [name, text] : snapshot->checkpoints) {
      write_text(directory / "cp" / name, text);
    }
    return snapshot;
  }

  void check_state(const std::filesystem::path& directory, std::size_t events,
                   const Snapshot* snapshot) {
    auto opened =
        open_ledger(options_at(directory), keys_, projectors_, clock_, entropy_, posix_files_);
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    ledger_ = std::move(*opened);
    ASSERT_TRUE(ledger_->catch_up().ok());
    const Head head = ledger_->head();
    std::uint64_t acknowledged = 0;
    for (const Acknowledged& answer : acknowledged_) {
      if (answer.events <= events) acknowledged = std::max(acknowledged, answer.seq + 1);
    }
    ASSERT_GE(head.next_seq, acknowledged) << "something acknowledged is lost";
    ASSERT_TRUE(boundaries_.contains(head.next_seq)) << "half a group: " << head.next_seq;
    if (snapshot != nullptr) {
      ASSERT_EQ(head.signed_size, snapshot->signed_size);
    }
    ASSERT_NO_FATAL_FAILURE(check_entries(head));
    const auto next = one(transfer(kNextCommand, 5));
    ASSERT_TRUE(next.ok()) << next.error().to_log();
    ASSERT_EQ(next->seq, head.next_seq);
    ASSERT_FALSE(next->duplicate);
    close();
  }

  void check_entries(const Head& head) {
    const auto views = ledger_->entries(0, 1000);
    ASSERT_TRUE(views.ok()) << views.error().to_log();
    ASSERT_EQ(views->size(), head.next_seq);
    verify::Books books;
    verify::CompactRange tree;
    // A ledger whose first flush was lost begins anew, with another genesis entry.
    const std::size_t same_from =
        head.next_seq == 1 && views->front().leaf != reference_.front().leaf ? 1 : 0;
    if (same_from == 1) ++begun_anew_;
    for (const EntryView& view : *views) {
      if (view.seq >= same_from) {
        ASSERT_EQ(view.leaf, reference_[view.seq].leaf) << view.seq;
      }
      const auto leaf = verify::decode_leaf(view.leaf);
      ASSERT_TRUE(leaf.ok());
      const Hash32 hash = verify::leaf_hash(view.leaf);
      const auto taken = books.consume(*leaf, hash);
      ASSERT_TRUE(taken.ok()) << taken.error().to_log();
      tree.append(hash);
    }
    ASSERT_EQ(head.root, tree.root());
    const auto balances = ledger_->balances();
    ASSERT_TRUE(balances.ok());
    ASSERT_EQ(balances->size(), books.accounts().size());
    for (const AccountBalance& row : *balances) {
      const verify::Totals& totals = books.accounts()[row.account.number - 1].totals;
      ASSERT_TRUE(row.debits_posted == totals.debits_posted &&
                  row.credits_posted == totals.credits_posted);
    }
  }

  test::TestSigner signer_;
  Recording recording_;
  RecordedFiles files_of_run_{recording_};
  std::vector<Snapshot> snapshots_;
  std::vector<Acknowledged> acknowledged_;
  std::set<std::uint64_t> boundaries_;
  std::vector<EntryView> reference_;
  std::size_t answers_wanted_ = 0;
  std::uint64_t begun_anew_ = 0;
};

TEST_F(PowerLoss, NothingAcknowledgedIsLostAndNothingIsHalfThere) {
  const std::uint64_t seed = seed_of_run();
  std::mt19937_64 random(seed);
  ASSERT_NO_FATAL_FAILURE(run_script(random));
  LostPower lost(recording_, random);
  test::TempDir scratch;
  const std::filesystem::path directory = scratch.path() / "epoch-1";
  const std::size_t all = recording_.size();
  const Budget budget(std::chrono::seconds(10), 100'000);
  std::uint64_t states = 0;
  std::uint64_t with_losses = 0;
  for (; budget.allows(states); ++states) {
    // Every moment once, then any.
    const std::size_t events = states <= all ? states : random() % (all + 1);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", state " + std::to_string(states) +
                 ", behind event " + std::to_string(events) + " of " + std::to_string(all));
    const Snapshot* const snapshot = lay_out(directory, events, lost, random);
    if (lost.lost_sectors() > 0) ++with_losses;
    ASSERT_NO_FATAL_FAILURE(check_state(directory, events, snapshot));
    // And once more: what the next start wrote joins what the loss left.
    if (states % 4 == 0) {
      auto again =
          open_ledger(options_at(directory), keys_, projectors_, clock_, entropy_, posix_files_);
      ASSERT_TRUE(again.ok()) << again.error().to_log();
    }
  }
  std::printf("%llu states of %zu moments, %llu with lost sectors, %llu begun anew\n",
              static_cast<unsigned long long>(states), all + 1,
              static_cast<unsigned long long>(with_losses),
              static_cast<unsigned long long>(begun_anew_));
  EXPECT_GT(with_losses, states / 10);
}

}  // namespace
}  // namespace florin::ledger::sim
