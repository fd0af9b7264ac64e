// A backup is a copy of books that go on; the verifier finds every kind of damage to it.
#include "ledger/backup.h"

#include <fstream>

#include "ledger/segment_header.h"
#include "ledger/verify/backup.h"
#include "unit/ledger/ledger_fixture.h"

namespace florin::ledger::backup_test {
namespace {

namespace fs = std::filesystem;

class Backup : public LedgerTest {
 protected:
  void SetUp() override {
    segment_bytes_ = 16384;
    open();
    for (std::uint64_t i = 1; i <= 8; ++i) {
      ASSERT_TRUE(one(rich(i)).ok());
      if (i != 3 && i != 5) continue;
      ASSERT_TRUE(ledger_->checkpoint(signer_).ok());
    }
  }
  Result<BackupSummary> make(const std::string& name, const DurableLog& extent) {
    FLORIN_TRY(auto backup, BackupDirectory::create(made_.path(), name, cancelled_));
    FLORIN_TRY_VOID(backup->add_ledger(*ledger_, extent, kPath));
    FLORIN_TRY_VOID(backup->add_file("initialised", {}));
    return backup->publish(id_of(7).text(), clock_.now(), signer_);
  }
  verify::BackupReport report(const fs::path& directory) {
    auto report = verify::verify_backup(directory);
    EXPECT_TRUE(report.ok());
    return std::move(*report);
  }
  static std::string text_of_findings(const verify::BackupReport& report) {
    std::string out;
    for (const auto& finding : report.findings) out += finding.text() + "\n";
    return out;
  }
  static std::vector<fs::path> files_of(const fs::path& directory) {
    std::vector<fs::path> out;
    for (const auto& at : fs::recursive_directory_iterator(directory)) {
      if (at.is_regular_file()) out.push_back(at.path());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  static constexpr const char* kPath = "tenants/tnt_0/test/epoch-1";
  test::TempDir made_;
  test::TestSigner signer_;
  std::atomic<bool> cancelled_ = false;
};

TEST_F(Backup, EndsWhereTheBooksWereAndIsGood) {
  const auto extent = ledger_->durable_log();
  ASSERT_TRUE(extent.ok());
  const Hash32 root = ledger_->head().root;
  // What is written and signed after the extent was taken is not part of it.
  for (std::uint64_t i = 20; i < 40; ++i) ASSERT_TRUE(one(rich(i)).ok());
  ASSERT_TRUE(ledger_->checkpoint(signer_).ok());
  const auto made = make("one", *extent);
  ASSERT_TRUE(made.ok()) << made.error().to_log();
  const auto found = report(made->directory);
  EXPECT_TRUE(found.ok()) << text_of_findings(found);
  ASSERT_EQ(found.manifest.ledgers.size(), 1U);
  EXPECT_EQ(found.manifest.ledgers[0].entries, 9U);
  EXPECT_EQ(found.manifest.ledgers[0].root, root);
  EXPECT_EQ(found.manifest.ledgers[0].signed_size, 6U);
  EXPECT_GT(found.manifest.ledgers[0].segments, 1U);
  EXPECT_FALSE(found.key_trusted);
}

TEST_F(Backup, IsMadeOfBooksThatWereJustOpened) {
  reopen();
  const auto extent = ledger_->durable_log();
  ASSERT_TRUE(extent.ok());
  EXPECT_EQ(extent->entries, 9U);
  const auto made = make("one", *extent);
  ASSERT_TRUE(made.ok()) << made.error().to_log();
  const auto found = report(made->directory);
  EXPECT_TRUE(found.ok()) << text_of_findings(found);
}

TEST_F(Backup, AnotherKeyIsNotTaken) {
  const auto made = make("one", *ledger_->durable_log());
  ASSERT_TRUE(made.ok());
  test::TestSigner other;
  const auto wrong = verify::verify_backup(
      made->directory, {.public_key_pem = public_key_pem(other.public_key_der())});
  ASSERT_TRUE(wrong.ok());
  EXPECT_FALSE(wrong->ok());
  const auto right = verify::verify_backup(
      made->directory, {.public_key_pem = public_key_pem(signer_.public_key_der())});
  ASSERT_TRUE(right.ok());
  EXPECT_TRUE(right->ok()) << text_of_findings(*right);
  EXPECT_TRUE(right->key_trusted);
}

TEST_F(Backup, EveryDamageIsFound) {
  const auto made = make("one", *ledger_->durable_log());
  ASSERT_TRUE(made.ok());
  const auto files = files_of(made->directory);
  ASSERT_GT(files.size(), 6U);
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.filename().string());
    std::ifstream in(file, std::ios::binary);
    const std::string good((std::istreambuf_iterator<char>(in)), {});
    in.close();
    const auto write = [&](const std::string& text) {
      std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    };
    const auto expect_bad = [&](const char* what) {
      EXPECT_FALSE(report(made->directory).ok()) << what;
    };
    for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
      if (good.empty()) break;
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 1);
      write(bad);
      expect_bad("a flipped bit");
    }
    write(good + "x");
    expect_bad("a byte more");
    if (!good.empty()) {
      write(good.substr(0, good.size() - 1));
      expect_bad("a byte less");
    }
    fs::remove(file);
    expect_bad("missing");
    write(good);
    std::ofstream(file.string() + ".more") << "x";
    expect_bad("a file more");
    fs::remove(file.string() + ".more");
    fs::create_symlink(file, file.string() + ".link");
    expect_bad("a link");
    fs::remove(file.string() + ".link");
  }
  EXPECT_TRUE(report(made->directory).ok());
}

// Nobody has signed it, and its sums and manifest agree with each other.
TEST_F(Backup, OneThatNobodySignedIsFound) {
  const auto made = make("one", *ledger_->durable_log());
  ASSERT_TRUE(made.ok());
  const fs::path made_up = made_.path() / "two";
  fs::create_directory(made_up);
  std::ofstream(made_up / verify::kBackupSumsFile) << "";
  verify::BackupManifest manifest = report(made->directory).manifest;
  manifest.sums_sha256 = sha256({});
  manifest.files = 0;
  manifest.bytes = 0;
  manifest.ledgers.clear();
  std::ofstream(made_up / verify::kBackupManifestFile) << verify::format_backup_manifest(manifest);
  const auto found = report(made_up);
  EXPECT_NE(text_of_findings(found).find(verify::kBackupKeyFile), std::string::npos)
      << text_of_findings(found);
}

// Sums and signature fit, because the books were damaged before they were copied.
TEST_F(Backup, DamageInTheBooksThemselvesIsFound) {
  const auto extent = ledger_->durable_log();
  const fs::path segment = segments().front();
  std::fstream file(segment, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(kBlockBytes + 40);
  file.put('\x5A');
  file.close();
  const auto made = make("one", *extent);
  ASSERT_TRUE(made.ok());
  const auto found = report(made->directory);
  ASSERT_EQ(found.findings.size(), 1U) << text_of_findings(found);
  EXPECT_NE(found.findings[0].problem.find("checksum"), std::string::npos);
}

TEST_F(Backup, AMissingSegmentIsNotCopiedOver) {
  const auto extent = ledger_->durable_log();
  fs::remove(segments().front());
  const auto made = make("one", *extent);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code(), Errc::ledger_mismatch);
  EXPECT_TRUE(fs::is_empty(made_.path())) << "an unfinished backup stayed";
}

TEST_F(Backup, GivenUpLeavesNothing) {
  cancelled_ = true;
  const auto made = make("one", *ledger_->durable_log());
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code(), Errc::shutting_down);
  EXPECT_TRUE(fs::is_empty(made_.path()));
}

TEST(BackupPath, OnlyPlainOnes) {
  for (const char* good : {"a", "data/tenants/tnt_1/log/0.seg", "A-b_c.9"}) {
    EXPECT_TRUE(verify::is_backup_path(good)) << good;
  }
  for (const char* bad : {"", "/a", "a/", "a//b", "../a", "a/../b", ".", "a/.b", "a b", "a\n", "-a",
                          "a\\b", "\xC3\xA4"}) {
    EXPECT_FALSE(verify::is_backup_path(bad)) << bad;
  }
}

}  // namespace
}  // namespace florin::ledger::backup_test
