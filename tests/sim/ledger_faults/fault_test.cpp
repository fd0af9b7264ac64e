// A disk that fails at any one call: every write, flush, map and new name of a 200-command script,
// in every way that such a call can fail. What was acknowledged is there, nothing is half there.
#include <sys/mman.h>

#include <algorithm>

#include "base/log.h"
#include "fault_script.h"
#include "ledger/verify/books.h"
#include "ledger/verify/merkle.h"
#include "sim/ledger/child.h"

namespace florin::ledger::sim {
namespace {

constexpr unsigned kLimit_s = 120;
struct Try {
  std::uint64_t at = 0;
  Fault fault = Fault::none;
};

class LedgerFaults : public LedgerTest {
 protected:
  void SetUp() override {
    if (!shim_works()) GTEST_SKIP() << "the sanitizers interpose the same system calls";
    prefer_memory_for_scratch();
    set_log_level(LogLevel::error);
    seed_ = seed_of_run();
    random_.seed(seed_);
    scratch_.emplace();
    ledger_directory_ = scratch_->path() / "epoch-1";
    void* memory = mmap(nullptr, sizeof(ScriptReport), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    report_ = new (memory) ScriptReport;
    questions_ = script_questions();
  }
  void TearDown() override {
    if (report_ != nullptr) munmap(report_, sizeof(ScriptReport));
  }

  Result<std::unique_ptr<Ledger>> open_here(std::uint64_t segment_bytes) {
    OpenOptions wanted = options();
    wanted.directory = ledger_directory_;
    wanted.map_bytes = std::uint64_t{64} << 20U;
    wanted.segment_bytes = segment_bytes;
    wanted.checkpoint_key_der = signer_.public_key_der();
    return Ledger::open(std::move(wanted), keys_, projectors_, clock_, system_entropy_);
  }

  void begin_anew() {
    std::filesystem::remove_all(ledger_directory_);
    std::filesystem::create_directories(ledger_directory_);
    std::destroy_at(report_);
    std::construct_at(report_);
  }

  // How the books look after each command, without any fault.
  void make_references() {
    begin_anew();
    auto opened = open_here(std::uint64_t{256} << 20U);
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    for (std::uint64_t entry = 0; entry <= kCommands; ++entry) {
      if (entry > 0) {
        const auto done = (*opened)->append({script_command(entry)}).front();
        ASSERT_TRUE(done.ok()) << done.error().to_log();
      }
      ASSERT_TRUE((*opened)->catch_up().ok());
      const auto digest = ContentDigest::of(**opened, questions_);
      ASSERT_TRUE(digest.has_value());
      references_.push_back(*digest);
    }
  }

  ChildEnd run_script(Try tried, bool kill) {
    begin_anew();
    return run_in_child(scratch_->path() / "said", kLimit_s, [&] {
      arm_shim(report_->shim, ledger_directory_, tried.fault, tried.at);
      FaultScript script(*report_, [&](std::uint64_t bytes) { return open_here(bytes); }, signer_);
      script.run(kill);
      return 0;
    });
  }

  // Everything that the next start, without faults, has to show; `again`: and that it goes on.
  std::string check_books(bool rebuild, bool again) {
    if (rebuild) std::filesystem::remove_all(ledger_directory_ / "proj");
    auto opened = open_here(std::uint64_t{256} << 20U);
    if (!opened.ok()) return "the next start: " + opened.error().to_log();
    Ledger& ledger = **opened;
    if (auto visible = ledger.catch_up(); !visible.ok()) return visible.error().to_log();
    const Head head = ledger.head();
    if (std::string wrong = check_entries(ledger, head); !wrong.empty()) return wrong;
    const std::uint64_t applied = head.next_seq - 1;
    if (ContentDigest::of(ledger, questions_) != references_[applied]) {
      return "other content than that of the first " + std::to_string(applied) + " commands";
    }
    if (!again) return "";
    // The whole script again: what is there is known, content and all, and the rest is added.
    std::vector<Command> commands;
    for (std::uint64_t entry = 1; entry <= kCommands; ++entry) {
      commands.push_back(script_command(entry));
    }
    const auto results = ledger.append(std::move(commands));
    for (std::uint64_t entry = 1; entry <= kCommands; ++entry) {
      const auto& result = results[entry - 1];
      if (!result.ok()) return "again, " + std::to_string(entry) + ": " + result.error().to_log();
      if (result->seq != entry || result->duplicate != (entry <= applied)) {
        return "again, " + std::to_string(entry) + ": another place";
      }
    }
    if (auto visible = ledger.catch_up(); !visible.ok()) return visible.error().to_log();
    if (ContentDigest::of(ledger, questions_) != references_[kCommands])
      return "other content at the end";
    if (auto done = ledger.checkpoint(signer_); !done.ok()) return done.error().to_log();
    return check_entries(ledger, ledger.head());
  }

  std::string check_entries(const Ledger& ledger, const Head& head) const {
    const auto views = ledger.entries(0, 1000);
    if (!views.ok()) return views.error().to_log();
    if (views->size() != head.next_seq) return "not all entries can be read";
    verify::Books books;
    verify::CompactRange tree;
    for (const EntryView& view : *views) {
      const auto leaf = verify::decode_leaf(view.leaf);
      if (!leaf.ok()) return leaf.error().to_log();
      const Hash32 hash = verify::leaf_hash(view.leaf);
      if (auto good = books.consume(*leaf, hash); !good.ok()) return good.error().to_log();
      tree.append(hash);
      const std::string which = "entry " + std::to_string(view.seq);
      if (view.seq == 0) continue;
      if (leaf->entry_id != id_of(view.seq, 0xE0)) return which + " is another command";
      const Acknowledged& told = report_->acknowledged[view.seq];
      if (told.given && (told.seq != view.seq || told.booked_at != leaf->booked_at)) {
        return which + " is not as it was acknowledged";
      }
    }
    for (std::uint64_t entry = head.next_seq; entry <= kCommands; ++entry) {
      if (report_->acknowledged[entry].given) {
        return "command " + std::to_string(entry) + " was acknowledged and is not there";
      }
    }
    return head.root == tree.root() ? "" : "another root";
  }

  std::string check_script(const Try& tried, const ChildEnd& end) const {
    if (end.signal != 0) return "the script ended by signal " + std::to_string(end.signal);
    if (end.exit_code != 0) return "the script ended with " + std::to_string(end.exit_code);
    const ScriptReport& report = *report_;
    if (report.wrong[0] != '\0') return report.wrong.data();
    if (report.shim.flushes_retried > 0) return "a flush that failed was done again";
    if (report.finished == report.any_error()) return "neither finished nor refused";
    if (!report.shim.hit) return report.any_error() ? "an error without a fault" : "";
    const std::string_view file = report.shim.hit_call.file.data();
    if (tried.fault == Fault::eio || tried.fault == Fault::enospc || tried.fault == Fault::dies) {
      return report.any_error() ? "" : "nobody was told of the fault";
    }
    // Half a write and one that was interrupted are no faults of the log's or a checkpoint's.
    return report.any_error() && !file.starts_with("proj") ? "a good write was refused" : "";
  }

  void try_one(const Try& tried) {
    const bool kill = random_() % 2 == 0;
    const bool rebuild = random_() % 4 == 0;
    const bool again = test::long_run() || random_() % 4 == 0;
    const ChildEnd end = run_script(tried, kill);
    std::string wrong = check_script(tried, end);
    std::string said = read_text(scratch_->path() / "said");
    if (wrong.empty()) {
      const ChildEnd checked = run_in_child(scratch_->path() / "said", kLimit_s, [&] {
        const std::string found = check_books(rebuild, again);
        if (found.empty()) return 0;
        std::printf("%s\n", found.c_str());
        return 1;
      });
      if (checked.signal != 0 || checked.exit_code != 0) {
        said += read_text(scratch_->path() / "said");
        wrong = "the books: signal " + std::to_string(checked.signal);
      }
    }
    count(tried);
    if (wrong.empty()) return;
    ADD_FAILURE() << name_of(tried.fault) << " at call " << tried.at << " ("
                  << report_->shim.hit_call.operation.data() << " "
                  << report_->shim.hit_call.file.data() << (kill ? ", killed" : "")
                  << (rebuild ? ", rebuilt" : "") << "), seed " << seed_ << ": " << wrong << "\n"
                  << said.substr(said.size() > 2500 ? said.size() - 2500 : 0);
    ++failures_;
  }

  void count(const Try& tried) {
    const ScriptReport& report = *report_;
    if (!report.shim.hit) {
      ++missed_;
      return;
    }
    const std::string_view file = report.shim.hit_call.file.data();
    const std::string_view folder = file.substr(0, file.find('/'));
    const char* outcome = report.open_failed         ? "start refused"
                          : report.stopped           ? "stopped"
                          : report.checkpoint_failed ? "checkpoint refused"
                                                     : "survived";
    ++outcomes_[std::string(name_of(tried.fault)) + " in " + std::string(folder)][outcome];
    ++hits_;
  }

  // Call by call as the script makes them without a fault.
  std::vector<Try> all_tries() {
    // A run that is held up commits LMDB once more: what the shortest of several has, the others
    // have as well.
    std::uint64_t calls = UINT64_MAX;
    std::vector<ShimCall> shortest;
    for (int run = 0; run < 5; ++run) {
      const ChildEnd end = run_script({}, false);
      EXPECT_EQ(end.exit_code, 0) << read_text(scratch_->path() / "said");
      EXPECT_TRUE(report_->finished) << report_->wrong.data();
      const std::uint64_t count = report_->shim.count;
      if (count >= calls) continue;
      calls = count;
      shortest.assign(std::begin(report_->shim.calls), std::end(report_->shim.calls));
    }
    std::map<std::string, int> kinds;
    std::vector<Try> tries;
    for (std::uint64_t at = 0; at < calls && at < ShimState::kKnownCalls; ++at) {
      const ShimCall& call = shortest[at];
      const std::string_view file = call.file.data();
      ++kinds[std::string(call.operation.data()) + " " +
              std::string(file.substr(0, file.find('/')))];
      for (const Fault fault : {Fault::eio, Fault::enospc, Fault::dies}) {
        tries.push_back({at, fault});
      }
      if (!call.writes) continue;
      for (const Fault fault : {Fault::eintr, Fault::short_write}) tries.push_back({at, fault});
    }
    std::printf("%llu calls:", static_cast<unsigned long long>(calls));
    for (const auto& [kind, number] : kinds) std::printf(" %s %d,", kind.c_str(), number);
    std::printf(" %zu faults\n", tries.size());
    // Both halves of the disk are seen, or the shim is not in the way of what it should be.
    EXPECT_GT(kinds["pwrite log"], 50);
    EXPECT_GT(kinds["fdatasync log"], 50);
    EXPECT_GT(kinds["pwrite proj"], 80);
    EXPECT_GT(kinds["fdatasync proj"], 20);
    EXPECT_GT(kinds["mmap proj"], 2);
    return tries;
  }

  std::uint64_t seed_ = 0;
  std::mt19937_64 random_;
  SystemEntropy system_entropy_;
  std::optional<test::TempDir> scratch_;
  std::filesystem::path ledger_directory_;
  test::TestSigner signer_;
  Questions questions_;
  ScriptReport* report_ = nullptr;
  std::vector<Hash32> references_;  // after so many commands
  std::map<std::string, std::map<std::string, int>> outcomes_;
  std::size_t hits_ = 0;
  std::size_t missed_ = 0;
  int failures_ = 0;
};

TEST_F(LedgerFaults, AtEachCallLoseNothingThatWasAcknowledged) {
  ASSERT_NO_FATAL_FAILURE(make_references());
  std::vector<Try> tries = all_tries();
  ASSERT_FALSE(HasFailure());
  // Long runs do them all, quick ones as many as there is time for.
  std::shuffle(tries.begin(), tries.end(), random_);
  const Budget budget(std::chrono::seconds(35), tries.size());
  std::size_t done = 0;
  while (done < tries.size() && failures_ < 6 && budget.allows(done)) try_one(tries[done++]);
  std::printf("seed %llu, %zu runs of %zu, %zu hit, %zu came too late\n",
              static_cast<unsigned long long>(seed_), done, tries.size(), hits_, missed_);
  for (const auto& [kind, outcomes] : outcomes_) {
    std::printf("  %-24s", kind.c_str());
    for (const auto& [outcome, number] : outcomes) {
      std::printf(" %s %d", outcome.c_str(), number);
    }
    std::printf("\n");
  }
  // A run that was held up makes a commit more or less, so that a few end before the call that was
  // to fail.
  EXPECT_GT(hits_, done * 9 / 10);
}

}  // namespace
}  // namespace florin::ledger::sim
