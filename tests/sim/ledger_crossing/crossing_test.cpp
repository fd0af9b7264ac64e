// Files, keys, rows and options of one ledger are put where another one's belong. The start is
// refused, or a read is, or the database is made anew from the ledger's own log; nobody reads a
// byte of another ledger.
#include "base/log.h"
#include "crossed_ledgers.h"

namespace florin::ledger::sim {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr std::uint64_t kQuick = 2'000;
constexpr std::uint64_t kLong = 100'000;

// Whose each thing is, of those that are named from outside.
struct Identity {
  std::size_t tenant = 0;
  std::size_t mode = 0;
  std::size_t keys = 0;
  std::size_t origin = 0;
  std::size_t signer = 0;
};

struct Crossing {
  std::size_t victim = 0;
  Identity identity;
  Files files;
  bool rows = false;  // of another ledger go into the database
  bool sum_fits = false;
  std::string how;
};

class LedgerCrossing : public LedgerTest {
 protected:
  void SetUp() override {
    prefer_memory_for_scratch();
    set_log_level(LogLevel::error);
    seed_ = seed_of_run();
    random_.seed(seed_);
    scratch_.emplace();
    questions_ = crossed_questions();
    directory_ = scratch_->path() / "crossed";
    for (std::size_t owner = 0; owner < kOwners; ++owner) {
      roots_.push_back(test::test_keys(kOwner[owner].root));
      ASSERT_NO_FATAL_FAILURE(build(owner));
    }
  }

  Result<std::unique_ptr<Ledger>> open_as(const std::filesystem::path& directory,
                                          const Identity& identity) {
    OpenOptions wanted;
    wanted.directory = directory;
    wanted.tenant = id_of(kOwner[identity.tenant].tenant, 0x11);
    wanted.mode = kOwner[identity.mode].mode;
    wanted.origin = kOwner[identity.origin].origin;
    wanted.map_bytes = std::uint64_t{16} << 20U;
    wanted.checkpoint_key_der = signers_[identity.signer].public_key_der();
    return Ledger::open(std::move(wanted), roots_[identity.keys], projectors_, clock_, entropy_);
  }

  static Identity identity_of(std::size_t owner) { return {owner, owner, owner, owner, owner}; }

  // Two runs, so two segments with a checkpoint behind each.
  void build(std::size_t owner) {
    const auto home = scratch_->path() / std::to_string(owner);
    std::filesystem::create_directories(home);
    for (std::uint64_t run = 0; run < 2; ++run) {
      auto opened = open_as(home, identity_of(owner));
      ASSERT_TRUE(opened.ok()) << opened.error().to_log();
      for (std::uint64_t i = 1; i <= kEntries / 2; ++i) {
        const auto done =
            (*opened)->append({marked_command(owner, run * kEntries / 2 + i)}).front();
        ASSERT_TRUE(done.ok()) << done.error().to_log();
      }
      ASSERT_TRUE((*opened)->checkpoint(signers_[owner]).ok());
      if (run == 0) continue;
      const Content content = crossed_content(**opened, questions_);
      ASSERT_TRUE(content.errors.empty());
      reference_.push_back(content.lines);
    }
    good_.push_back(collect_files(home));
    rows_.push_back(rows_of(home / "proj"));
  }

  Dump rows_of(const std::filesystem::path& database) const {
    Dump out;
    auto environment = lmdb::Environment::open({database, std::uint64_t{16} << 20U, 32});
    auto transaction = (*environment)->write();
    for (const char* name : kTables) {
      auto table = lmdb::StateDbi::open(*transaction, name);
      auto cursor = lmdb::Cursor::open(*transaction, *table);
      for (auto at = cursor->first(); at->has_value(); at = cursor->next()) {
        out[name].emplace_back(to_bytes((*at)->key), to_bytes((*at)->value));
      }
    }
    return out;
  }

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::size_t other_than(std::size_t owner) { return (owner + 1 + below(kOwners - 1)) % kOwners; }

  std::vector<std::string> names_in(const Files& files, std::string_view folder) const {
    std::vector<std::string> names;
    for (const auto& [name, text] : files) {
      if (name.starts_with(folder)) names.push_back(name);
    }
    return names;
  }

  void swap_folder(Crossing& crossing, std::size_t from, std::string_view folder) {
    for (const std::string& name : names_in(crossing.files, folder)) crossing.files.erase(name);
    for (const std::string& name : names_in(good_[from], folder)) {
      crossing.files[name] = good_[from].at(name);
    }
    crossing.how += " folder " + std::string(folder) + " of " + kOwner[from].marker;
  }

  void swap_file(Crossing& crossing, std::size_t from, std::string_view folder) {
    const auto theirs = names_in(good_[from], folder);
    const auto ours = names_in(good_[crossing.victim], folder);
    const std::string& name = theirs[below(theirs.size())];
    // Under its own name, or one of the victim's.
    const std::string& as = below(2) == 0 ? name : ours[below(ours.size())];
    crossing.files[as] = good_[from].at(name);
    crossing.how += " " + name + " of " + kOwner[from].marker + " as " + as;
  }

  // Some blocks of a segment: its header, its groups, or both.
  void splice(Crossing& crossing, std::size_t from) {
    const auto theirs = names_in(good_[from], "log/");
    const std::string& source = good_[from].at(theirs[below(theirs.size())]);
    const auto ours = names_in(crossing.files, "log/");
    std::string& target = crossing.files[ours[below(ours.size())]];
    const std::size_t written = 1 + kEntries / 2;  // blocks with something in them
    const std::size_t at = below(written) * kBlock;
    const std::size_t count = (1 + below(3)) * kBlock;
    target.replace(at, count, source.substr((below(3) == 0 ? below(written) * kBlock : at), count));
    crossing.how += " blocks at " + std::to_string(at) + " of " + kOwner[from].marker;
  }

  void cross_identity(Crossing& crossing, std::size_t other) {
    const std::uint64_t which = 1 + below(31);
    Identity& identity = crossing.identity;
    if ((which & 1U) != 0) identity.tenant = other;
    if ((which & 2U) != 0) identity.mode = other;
    if ((which & 4U) != 0) identity.keys = other;
    if ((which & 8U) != 0) identity.origin = other;
    if ((which & 16U) != 0) identity.signer = other;
    crossing.how += " identity " + std::to_string(which) + " of " + kOwner[other].marker;
  }

  // One way across.
  void cross(Crossing& crossing) {
    const std::size_t from = other_than(crossing.victim);
    switch (below(9)) {
      case 0:
        return swap_file(crossing, from, "log/");
      case 1:
        return swap_folder(crossing, from, "log/");
      case 2:
        return swap_folder(crossing, from, "proj/");
      case 3:
        return swap_file(crossing, from, "cp/");
      case 4:
        return swap_folder(crossing, from, "cp/");
      case 5:
        crossing.files = good_[from];
        crossing.how += std::string(" everything of ") + kOwner[from].marker;
        return;
      case 6:
        return cross_identity(crossing, from);
      case 7:
        return splice(crossing, from);
      default:
        crossing.rows = true;
        crossing.sum_fits = below(2) == 0;
        return;
    }
  }

  // Rows of others under their keys, or under the victim's own.
  void copy_rows(Crossing& crossing) {
    crossing.how += crossing.sum_fits ? " rows, sum fitted:" : " rows:";
    auto environment = lmdb::Environment::open({directory_ / "proj", std::uint64_t{16} << 20U, 32});
    if (!environment.ok()) return;
    auto transaction = (*environment)->write();
    for (std::size_t count = 1 + below(3); count > 0; --count) {
      const std::size_t from = other_than(crossing.victim);
      const char* const name = kTables[below(kTables.size())];
      const auto& theirs = rows_[from][name];
      const auto& ours = rows_[crossing.victim][name];
      if (theirs.empty() || ours.empty()) continue;
      const auto& row = theirs[below(theirs.size())];
      const Bytes& key = below(2) == 0 ? row.first : ours[below(ours.size())].first;
      auto table = lmdb::StateDbi::open(*transaction, name);
      ASSERT_TRUE(table->put(*transaction, key, row.second).ok());
      crossing.how += std::string(" ") + name + " " + to_hex(key) + " of " + kOwner[from].marker;
    }
    if (crossing.sum_fits) {
      const auto tables = Tables::open(*transaction);
      auto tip = read_tip(*transaction, *tables, projectors_.version);
      if (tip.ok() && tip->has_value()) {
        (*tip)->rows_sum = *sum_of_rows(*transaction, *tables);
        ASSERT_TRUE(write_tip(*transaction, *tables, **tip, projectors_.version).ok());
      }
    }
    ASSERT_TRUE(transaction->commit().ok());
  }

  static bool speaks_of_crossing(Errc code) {
    return code == Errc::ledger_corrupt || code == Errc::ledger_mismatch ||
           code == Errc::decryption_failed;
  }

  // The markers of all but the one whose keys are in use.
  static bool tells_of_another(const std::string& line, std::size_t owner) {
    for (std::size_t i = 0; i < kOwners; ++i) {
      if (i != owner &&
          line.find(to_hex(view_of(std::string_view(kOwner[i].marker)))) != std::string::npos) {
        return true;
      }
    }
    return false;
  }

  // Lays it out, opens it, reads it all. Returns how it ended; failures are added.
  std::string outcome_of(Crossing& crossing) {
    std::filesystem::remove_all(directory_);
    for (const auto& [name, text] : crossing.files) write_text(directory_ / name, text);
    if (crossing.rows) copy_rows(crossing);
    auto opened = open_as(directory_, crossing.identity);
    if (!opened.ok()) {
      EXPECT_TRUE(speaks_of_crossing(opened.error().code())) << opened.error().to_log();
      return "refused";
    }
    const std::vector<std::string>& own = reference_[owner_of(crossing.identity)];
    const Content content = crossed_content(**opened, questions_);
    const std::set<std::string> known(own.begin(), own.end());
    for (const std::string& line : content.lines) {
      EXPECT_FALSE(tells_of_another(line, owner_of(crossing.identity))) << line.substr(0, 300);
      if (line.ends_with(": error") || known.contains(line)) continue;
      ADD_FAILURE() << "answered " << line.substr(0, 300);
    }
    for (const Errc code : content.errors) {
      EXPECT_TRUE(speaks_of_crossing(code)) << static_cast<int>(code);
    }
    if (!content.errors.empty()) return "read refused";
    EXPECT_EQ(content.lines.size(), own.size());
    return "own content";
  }

  // Who may be served at all: tenant, mode and keys are one owner's. A has one root for both modes.
  static std::size_t owner_of(const Identity& identity) {
    for (std::size_t owner = 0; owner < kOwners; ++owner) {
      if (kOwner[owner].tenant == kOwner[identity.tenant].tenant &&
          kOwner[owner].mode == kOwner[identity.mode].mode) {
        return owner;
      }
    }
    return kOwners - 1;  // B live, which does not exist: nothing of it can be served
  }

  void report() const {
    std::printf("seed %llu, %llu crossings\n", static_cast<unsigned long long>(seed_),
                static_cast<unsigned long long>(crossings_));
    for (const auto& [kind, outcomes] : counts_) {
      std::printf("  %-10s", kind.c_str());
      for (const auto& [outcome, count] : outcomes) {
        std::printf(" %s %d", outcome.c_str(), count);
      }
      std::printf("\n");
    }
  }

  static constexpr std::array<const char*, 18> kTables = {
      "entries",       "entry_ids", "accounts",          "account_keys", "balances", "holds",
      "object_heads",  "uniques",   "object_immutables", "idempotency",  "outbox",   "merchants",
      "balance_marks", "index",     "due_holds",         "reversals",    "tiles",    "subjects"};

  std::uint64_t seed_ = 0;
  std::mt19937_64 random_;
  std::optional<test::TempDir> scratch_;
  std::filesystem::path directory_;
  Questions questions_;
  std::vector<std::shared_ptr<const TenantKeys>> roots_;
  std::array<test::TestSigner, kOwners> signers_;
  std::vector<Files> good_;                          // by owner
  std::vector<Dump> rows_;                           // by owner
  std::vector<std::vector<std::string>> reference_;  // by owner
  std::map<std::string, std::map<std::string, int>> counts_;
  std::uint64_t crossings_ = 0;
};

TEST_F(LedgerCrossing, NobodyReadsAnothersBytes) {
  const std::uint64_t wanted = test::quick_or_long(kQuick, kLong);
  for (; crossings_ < wanted && !HasFailure(); ++crossings_) {
    Crossing crossing;
    crossing.victim = below(kOwners);
    crossing.identity = identity_of(crossing.victim);
    crossing.files = good_[crossing.victim];
    const std::size_t ways = below(2) == 0 ? 1 : 2 + below(3);
    for (std::size_t i = 0; i < ways; ++i) cross(crossing);
    const std::string outcome = outcome_of(crossing);
    ++counts_[ways == 1 ? crossing.how.substr(0, crossing.how.find(' ', 1)) : "several"][outcome];
    if (HasFailure()) {
      std::printf("seed %llu, crossing %llu, victim %s:%s\n",
                  static_cast<unsigned long long>(seed_),
                  static_cast<unsigned long long>(crossings_), kOwner[crossing.victim].marker,
                  crossing.how.c_str());
    }
  }
  report();
}

// Handles: a directory that one ledger holds opens for no other, and what is open keeps to its own
// files when the directories change places under it.
TEST_F(LedgerCrossing, OpenLedgersKeepToThemselves) {
  const auto first = scratch_->path() / "0";
  const auto second = scratch_->path() / "2";
  auto a = open_as(first, identity_of(0));
  auto b = open_as(second, identity_of(2));
  ASSERT_TRUE(a.ok() && b.ok());
  for (const std::size_t owner : {0U, 1U, 2U}) {
    const auto again = open_as(first, identity_of(owner));
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code(), Errc::state_conflict);
  }
  const auto aside = scratch_->path() / "aside";
  std::filesystem::rename(first, aside);
  std::filesystem::rename(second, first);
  std::filesystem::rename(aside, second);
  EXPECT_EQ(crossed_content(**a, questions_).lines, reference_[0]);
  EXPECT_EQ(crossed_content(**b, questions_).lines, reference_[2]);
  a->reset();
  b->reset();
  const auto crossed = open_as(first, identity_of(0));
  ASSERT_FALSE(crossed.ok());
  EXPECT_TRUE(speaks_of_crossing(crossed.error().code())) << crossed.error().to_log();
}

}  // namespace
}  // namespace florin::ledger::sim
