#include "ledger/verify/package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include "base/signature.h"
#include "ledger/verify/merkle.h"
#include "ledger/verify/package_text.h"
#include "support/long_run.h"
#include "unit/verify/sample.h"

namespace florin::verify::package_test {
namespace {

namespace fs = std::filesystem;
using sample::read_file;
using sample::write_file;
using testing::HasSubstr;

int shell(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int run_python(const fs::path& directory, const std::string& options = {}) {
  return shell("python3 -I -S " FLORIN_VERIFY_PY " " + directory.string() + " " + options +
               " > /dev/null 2>&1");
}

std::string all_findings(const Report& report) {
  std::string out;
  for (const Finding& finding : report.findings) out += finding.text() + "\n";
  return out;
}

class Package : public testing::Test {
 protected:
  void SetUp() override { sample::write_package(directory, journal, key); }

  [[nodiscard]] Report verify(const PackageOptions& options = {}) const {
    auto report = verify_package(directory, options);
    EXPECT_TRUE(report.ok());
    return std::move(report).value();
  }
  // Replaces the first occurrence in a file and makes the sums fit again.
  void forge(std::string_view file, std::string_view from, std::string_view to) const {
    std::string text = read_file(directory / file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file(directory / file, text.replace(at, from.size(), to));
    sample::seal(directory);
  }

  sample::Journal journal = sample::journal();
  sample::Key key;
  sample::TemporaryDirectory place;
  fs::path directory = place.path() / "package";
};

TEST_F(Package, GoodIsOk) {
  const Report report = verify({.public_key_pem = public_key_pem(key.public_der())});
  EXPECT_EQ(all_findings(report), "");
  EXPECT_TRUE(report.key_trusted);
  EXPECT_EQ(report.entries, 11U);
  EXPECT_EQ(report.size, 11U);
  EXPECT_EQ(report.postings, 26U);
  EXPECT_EQ(report.accounts, 4U);
  EXPECT_EQ(report.root, to_hex(sample::checkpoint_of(journal, 11).root));
  EXPECT_FALSE(report.evaluation);
  EXPECT_TRUE(report.evaluation_proven);
  EXPECT_EQ(run_python(directory, "--public-key " + (directory / "pub.pem").string()), 0);
}

TEST_F(Package, OrdinaryToolsAgree) {
  fs::remove_all(directory);
  journal = sample::full_journal();
  sample::write_package(directory, journal, key);
  const std::string in = "cd " + directory.string() + " && ";
  EXPECT_EQ(shell(in + "sha256sum --strict --quiet -c SHA256SUMS"), 0);
  EXPECT_EQ(shell(in + "openssl dgst -sha256 -verify pub.pem -signature checkpoint.sig "
                       "checkpoint.body > /dev/null"),
            0);
  if (shell("command -v sqlite3 > /dev/null") != 0) GTEST_SKIP() << "no sqlite3 command";
  const std::string out = (place.path() / "sql").string();
  EXPECT_EQ(shell(in + "sqlite3 :memory: < checks.sql > " + out + " 2>&1"), 0);
  const std::string answer = read_file(out);
  EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 10) << answer;
  EXPECT_EQ(answer.find("BAD"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("rror"), std::string::npos) << answer;
  forge(kPostingsFile, ",2550,", ",2551,");
  EXPECT_EQ(shell(in + "sqlite3 :memory: < checks.sql > " + out + " 2>&1"), 0);
  EXPECT_THAT(read_file(out), HasSubstr("BAD debits equal credits in every entry, exceptions: 1"));
  EXPECT_THAT(read_file(out), HasSubstr("BAD trial balance is opening plus movements"));
}

TEST_F(Package, PartOfALedgerStartsFromStatedBalances) {
  for (std::uint64_t from = 0; from < 10; ++from) {
    for (std::uint64_t to = from; to < 10; to += test::quick_or_long(4U, 1U)) {
      fs::remove_all(directory);
      sample::write_package(directory, journal, key, 10, {.from_seq = from, .to_seq = to});
      const Report report = verify();
      EXPECT_EQ(all_findings(report), "") << from << " to " << to;
      EXPECT_EQ(report.opening_stated, from > 0);
      EXPECT_EQ(report.evaluation_proven, from == 0);
      EXPECT_EQ(report.entries, to - from + 1);
      // A process is slow to start: the other implementation looks at one period in three.
      if ((from + to) % 3 == 0) {
        EXPECT_EQ(run_python(directory), 0) << from << " to " << to;
      }
    }
  }
}

TEST_F(Package, EveryPeriodOfEverythingThatAnEntryCanSay) {
  journal = sample::full_journal();
  const std::uint64_t size = journal.leaves.size();
  for (std::uint64_t from = 0; from < size; ++from) {
    fs::remove_all(directory);
    sample::write_package(directory, journal, key, size, {.from_seq = from, .to_seq = size - 1});
    EXPECT_EQ(all_findings(verify()), "") << from;
    if (from % test::quick_or_long(4U, 1U) == 0) {
      EXPECT_EQ(run_python(directory), 0) << from;
    }
  }
}

TEST_F(Package, ForgedOpeningPositionsAreFound) {
  journal = sample::full_journal();
  const std::uint64_t size = journal.leaves.size();
  const sample::PackageParts parts{.from_seq = sample::kLateReversal, .to_seq = size - 1};
  struct Row {
    std::string_view file;
    const char* from;
    const char* to;
    const char* finding;
  };
  const Row rows[] = {
      {kOpeningReversedFile, "seq\n18\n", "seq\n9\n", "which was reversed before"},
      {kOpeningReversedFile, "seq\n18\n", "seq\n99\n", "a later entry is reversed"},
      {kEarlierEntriesFile, "\"flags\":0", "\"flags\":2", "is not what the leaf says"},
      {kManifestFile, "\"earlier_entries\": 1", "\"earlier_entries\": 0", "the manifest says 0"},
      {kManifestFile, "\"opening_locked_through\": 20774", "\"opening_locked_through\": 20775",
       "is locked"},
      {kManifestFile, "\"opening_recovering\": false", "\"opening_recovering\": true",
       "before the restored ledger"},
      {kManifestFile, "\"opening_clock\": ", "\"opening_clock\": 99", "manifest.json"},
      {kOpeningHoldsFile, ":550;", ":551;", "do not make up what is pending"},
      {kOpeningHoldsFile, ":550;", ":170141183460469231731687303715884105727;",
       "a leg of more than any ledger can hold"},
      {kOpeningHoldsFile, ":-550", ":-1267650600228229401496703205376",
       "a leg of more than any ledger can hold"},
      {kOpeningHoldsFile, ",900,0,0,0,", ",900,901,0,0,", "exceed authorized"},
      {kOpeningBalancesFile, ",25,0\n", ",25,4\n", "opening_balances.csv: opening position"},
  };
  for (const Row& row : rows) {
    fs::remove_all(directory);
    sample::write_package(directory, journal, key, size, parts);
    forge(row.file, row.from, row.to);
    EXPECT_THAT(all_findings(verify()), HasSubstr(row.finding)) << row.file << " " << row.to;
    EXPECT_EQ(run_python(directory), 3) << row.file << " " << row.to;
  }
}

// A signed ledger whose writer broke a rule: both readers say so.
TEST_F(Package, SignedButForbiddenEntriesAreFoundByBothReaders) {
  void (*const changes[])(Leaf&) = {
      [](Leaf& l) { l.type = 2; },
      [](Leaf& l) { l.origin = l.origin == Origin::fact ? Origin::command : Origin::fact; },
      [](Leaf& l) { l.approvals.clear(); },
      [](Leaf& l) { l.effective_day -= 9; },
      [](Leaf& l) { l.flags ^= kFlagLimitPassed; },
      [](Leaf& l) {
        for (HoldChange& change : l.holds) ++change.amount;
      },
      [](Leaf& l) {
        for (HoldChange& change : l.holds) change.takes_back = !change.takes_back;
      },
      [](Leaf& l) {
        for (Posting& posting : l.postings) ++posting.amount;
      },
      [](Leaf& l) { l.redirections.clear(); },
      [](Leaf& l) {
        if (l.reverses) l.reverses->seq += 1;
        if (l.lock_through) *l.lock_through += 2;
        if (l.clock) *l.clock += 100;
        if (l.recovery) l.recovery->step = RecoveryStep::reopened;
      },
  };
  const auto good = sample::full_journal();
  std::size_t refused = 0;
  for (std::uint64_t seq = 1; seq < good.leaves.size(); ++seq) {
    for (std::size_t i = seq % 6; i < std::size(changes); i += test::quick_or_long(6U, 1U)) {
      sample::Journal wrong(good, seq + 1);
      wrong.redo(changes[i]);
      fs::remove_all(directory);
      sample::write_package(directory, wrong, key);
      const Report report = verify();
      refused += report.ok() ? 0U : 1U;
      EXPECT_EQ(run_python(directory), report.ok() ? 0 : 3)
          << "entry " << seq << " change " << i << " " << all_findings(report);
    }
  }
  EXPECT_GT(refused, 10U);
}

TEST_F(Package, AReversalOfTheGenesisIsFoundByBothReaders) {
  journal.add_reversal(0);
  fs::remove_all(directory);
  sample::write_package(directory, journal, key);
  EXPECT_THAT(all_findings(verify()), HasSubstr("entry 0 of type 1, which stands for ever"));
  EXPECT_EQ(run_python(directory), 3);
}

TEST_F(Package, AnInterruptedVerificationGoesOn) {
  journal = sample::long_journal(9'000);
  fs::remove_all(directory);
  sample::write_package(directory, journal, key);
  const fs::path state = place.path() / "state";
  PackageOptions options{.state_file = state, .state_every_entries = 1};
  options.stop = [] { return true; };
  std::uint64_t done = 0;
  for (int run = 0; run < 2; ++run) {
    const Report report = verify(options);
    EXPECT_TRUE(report.interrupted);
    EXPECT_EQ(all_findings(report), "");
    EXPECT_EQ(report.resumed_entries.value_or(0), done);
    EXPECT_EQ(report.entries, done + 4096);
    done = report.entries;
  }
  options.stop = {};
  const std::string kept = read_file(state);
  const Report report = verify(options);
  EXPECT_TRUE(report.ok()) << all_findings(report);
  EXPECT_EQ(report.resumed_entries, done);
  EXPECT_EQ(report.entries, 9'000U);
  EXPECT_TRUE(report.evaluation_proven);
  EXPECT_FALSE(fs::exists(state));

  // A state that is damaged, of other bytes, or inside the package is of no use.
  std::string damaged = kept;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  for (const std::string& content : {damaged, kept.substr(0, 99), std::string("nonsense")}) {
    write_file(state, content);
    const Report anew = verify(options);
    EXPECT_TRUE(anew.ok());
    EXPECT_FALSE(anew.resumed_entries.has_value());
    EXPECT_EQ(anew.notes.size(), 1U);
  }
  write_file(state, kept);
  forge(kEntriesFile, "\"flags\":0", "\"flags\":2");
  const Report forged = verify(options);
  EXPECT_FALSE(forged.resumed_entries.has_value());
  EXPECT_THAT(all_findings(forged), HasSubstr("entries.jsonl line 1"));
  EXPECT_THAT(forged.notes, testing::ElementsAre(HasSubstr("is of another package")));
  EXPECT_EQ(verify_package(directory, {.state_file = directory / "state"}).error().code(),
            Errc::validation_failed);
}

TEST_F(Package, ForgedOpeningBalancesAreFound) {
  fs::remove_all(directory);
  sample::write_package(directory, journal, key, 11, {.from_seq = 4, .to_seq = 10});
  forge(kOpeningBalancesFile, "3,1100,978,10000", "3,1100,978,10001");
  EXPECT_THAT(all_findings(verify()), HasSubstr("debits 10001 but credits 10000"));
  EXPECT_EQ(run_python(directory), 3);
}

TEST_F(Package, AnotherKeyIsFound) {
  const sample::Key other;
  const std::string pem = public_key_pem(other.public_der());
  EXPECT_THAT(all_findings(verify({.public_key_pem = pem})), HasSubstr("is not the expected key"));
  write_file(place.path() / "other.pem", pem);
  EXPECT_EQ(run_python(directory, "--public-key " + (place.path() / "other.pem").string()), 3);
  // A package that was signed anew by somebody else fits itself, but not the key that we know.
  fs::remove_all(directory);
  sample::write_package(directory, journal, other);
  EXPECT_TRUE(verify().ok());
  EXPECT_FALSE(verify({.public_key_pem = public_key_pem(key.public_der())}).ok());
  EXPECT_FALSE(verify_package(directory, {.public_key_pem = "nonsense"}).ok());
  EXPECT_FALSE(verify_package(place.path() / "nowhere").ok());
}

TEST_F(Package, PreviousCheckpointMustBeContinued) {
  for (std::size_t size = 0; size <= 11; ++size) {
    const std::string note = sample::note_of(journal, size, key);
    const Report report = verify({.previous_checkpoint = note});
    EXPECT_EQ(all_findings(report), "");
    EXPECT_EQ(report.previous_size, size);
    if (size % 4 != 3) continue;
    write_file(place.path() / "note", note);
    EXPECT_EQ(run_python(directory, "--previous-checkpoint " + (place.path() / "note").string()),
              0);
  }
  sample::Journal rewritten;
  rewritten.add_payment(10, 9'999, 9'999);
  const std::string note = sample::note_of(rewritten, 2, key);
  EXPECT_THAT(all_findings(verify({.previous_checkpoint = note})),
              HasSubstr("history was changed"));
  fs::remove_all(directory);
  sample::write_package(directory, journal, key, 11,
                        {.from_seq = 0, .to_seq = 10, .previous_checkpoint = note});
  EXPECT_THAT(all_findings(verify()), HasSubstr("previous-checkpoint: the package does not"));
  EXPECT_EQ(run_python(directory), 3);
}

TEST_F(Package, EvaluationIsStatedAndProven) {
  fs::remove_all(directory);
  sample::write_package(directory, sample::journal(true), key);
  EXPECT_TRUE(verify().evaluation);
  forge(kManifestFile, "\"evaluation\": true", "\"evaluation\": false");
  EXPECT_THAT(all_findings(verify()), HasSubstr("genesis"));
  EXPECT_EQ(run_python(directory), 3);
}

// Whoever changes a table and its sum is still found, at the place.
TEST_F(Package, ForgedTablesAreFoundAtTheirPlace) {
  struct Row {
    std::string_view file;
    const char* from;
    const char* to;
    const char* finding;
  };
  const Row rows[] = {
      {kPostingsFile, ",2550,", ",2551,", "postings.csv line 8 (entry 3): \"amount\""},
      {kAccountsFile, "2,9101", "2,9102", "accounts.csv line 3 (entry 1): \"code\""},
      {kTrialBalanceFile, ",500,", ",501,", "trial_balance.csv line 4: \"credits_posted\""},
      {kEntriesFile, "\"amount\":\"2550\"", "\"amount\":\"2551\"",
       "entries.jsonl line 4 (entry 3): \"amount\""},
      {kEntriesFile, "\"type_name\":\"refund\"", "\"type_name\":\"audit\"",
       "entries.jsonl line 10 (entry 9): \"type_name\""},
      {kEntriesFile, "\"flags\":0", "\"flags\": 0", "entries.jsonl line 1 (entry 0)"},
      {kManifestFile, "\"postings\": 26", "\"postings\": 25", "manifest.json: the number of"},
      {kManifestFile, "\"size\": 11", "\"size\": 12", "manifest.json: origin, size or root"},
      {kManifestFile, "\"mode\": \"live\"", "\"mode\": \"test\"", "is not that of the manifest"},
      {kOpeningHoldsFile, "hold,asset", "hold,asses", "opening_holds.csv line 1: the header"},
      {kOpeningBalancesFile, "flags\n", "flags\n1,2,3,4,5,6,7,8,0\n",
       "opening_balances.csv line 2"},
      {kCheckpointBodyFile, "bank", "tank", "checkpoint.body: is not the signed text"},
      {kCheckpointFile, "bank", "tank", "checkpoint: line 5"},
      {kPublicKeyFile, "\n-----END", "-----END", "pub.pem: not a public key"},
  };
  for (const Row& row : rows) {
    const std::string original = read_file(directory / row.file);
    forge(row.file, row.from, row.to);
    EXPECT_THAT(all_findings(verify()), HasSubstr(row.finding)) << row.file << " " << row.to;
    EXPECT_EQ(run_python(directory), 3) << row.file << " " << row.to;
    write_file(directory / row.file, original);
  }
  sample::seal(directory);
  EXPECT_TRUE(verify().ok());
}

TEST_F(Package, SignedButWrongBooksAreFound) {
  sample::Journal wrong = sample::journal();
  wrong.leaves[10].booked_at = wrong.leaves[9].booked_at;
  wrong.bytes[10] = encode_leaf(wrong.leaves[10]);
  wrong.hashes[10] = leaf_hash(wrong.bytes[10]);
  fs::remove_all(directory);
  sample::write_package(directory, wrong, key);
  EXPECT_THAT(all_findings(verify()), HasSubstr("entry 10: is not booked after"));
  EXPECT_EQ(run_python(directory), 3);
}

TEST_F(Package, FilesTooManyOrTooFewAreFound) {
  write_file(directory / "extra.txt", "x");
  EXPECT_THAT(all_findings(verify()), HasSubstr("extra.txt: does not belong to the package"));
  EXPECT_EQ(run_python(directory), 3);
  fs::remove(directory / "extra.txt");
  for (const std::string_view name : kPackageFiles) {
    fs::rename(directory / name, place.path() / "aside");
    EXPECT_FALSE(verify().ok()) << name;
    sample::seal(directory);
    EXPECT_THAT(all_findings(verify()), HasSubstr(std::string(name) + ": is missing"));
    fs::create_symlink(place.path() / "aside", directory / name);
    EXPECT_THAT(all_findings(verify()), HasSubstr("is not a plain file"));
    fs::remove(directory / name);
    fs::rename(place.path() / "aside", directory / name);
    sample::seal(directory);
  }
  EXPECT_TRUE(verify().ok());
}

// One bit at random places of a file; then a few with the sums made to fit.
class DamagedPackage : public Package, public testing::WithParamInterface<std::string_view> {
 protected:
  void flip_everywhere(int rounds, bool sealed, std::mt19937_64& random) {
    const std::string name(GetParam());
    const std::string original = read_file(directory / name);
    if (original.empty()) return;  // nothing of an earlier time is named in this package
    for (int round = 0; round < rounds; ++round) {
      std::string changed = original;
      const std::size_t at = random() % changed.size();
      changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1U << (random() % 8)));
      write_file(directory / name, changed);
      if (sealed) sample::seal(directory);
      ASSERT_FALSE(verify().ok()) << name << " byte " << at << (sealed ? " sealed" : "");
      if (round == 0) {
        ASSERT_EQ(run_python(directory), 3) << name << " byte " << at << (sealed ? " sealed" : "");
      }
    }
    write_file(directory / name, original);
    sample::seal(directory);
  }
};

TEST_P(DamagedPackage, EveryFlippedBitIsFound) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  flip_everywhere(test::quick_or_long(20, 200), false, random);
  // These carry no evidence: who writes them anew writes their sums anew.
  for (const std::string_view name : {"README.txt", "checks.sql", "verify.py", "SHA256SUMS"}) {
    if (GetParam() == name) return;
  }
  flip_everywhere(test::quick_or_long(6, 50), true, random);
  EXPECT_TRUE(verify().ok());
}

INSTANTIATE_TEST_SUITE_P(Files, DamagedPackage, testing::ValuesIn(kPackageFiles));
INSTANTIATE_TEST_SUITE_P(Sums, DamagedPackage, testing::Values(kSumsFile));

}  // namespace
}  // namespace florin::verify::package_test
