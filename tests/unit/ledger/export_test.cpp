#include "ledger/export.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>

#include "ledger/verify/package.h"
#include "unit/ledger/ledger_fixture.h"

namespace florin::ledger::export_test {
namespace {

namespace fs = std::filesystem;

class ExportTest : public LedgerTest {
 protected:
  void SetUp() override {
    open();
    for (std::uint64_t entry = 1; entry <= 12; ++entry) ASSERT_TRUE(one(rich(entry)).ok());
    sign();
    for (std::uint64_t entry = 13; entry <= 30; ++entry) ASSERT_TRUE(one(rich(entry)).ok());
    older_note_ = *ledger_->last_checkpoint().value();
    sign();
    ASSERT_TRUE(one(rich(31)).ok());  // not covered by the checkpoint
    settle();
  }
  void sign() {
    settle();
    const auto size = ledger_->checkpoint(signer_);
    ASSERT_TRUE(size.ok()) << size.error().to_log();
  }
  std::string note() const { return *ledger_->last_checkpoint().value(); }
  Result<ExportSummary> export_to(const std::string& name, ExportRequest request = {}) {
    request.directory = place_.path() / name;
    return export_package(*ledger_, request, signer_.public_key_der(), note());
  }
  verify::Report verified(const std::string& name) {
    auto report = verify::verify_package(
        place_.path() / name, {.public_key_pem = public_key_pem(signer_.public_key_der())});
    EXPECT_TRUE(report.ok());
    for (const auto& finding : report->findings) ADD_FAILURE() << finding.text();
    return *report;
  }
  static std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }

  test::TempDir place_;
  test::TestSigner signer_;
  std::string older_note_;
};

TEST_F(ExportTest, WholeLedgerVerifies) {
  const auto summary = export_to("all");
  ASSERT_TRUE(summary.ok()) << summary.error().to_log();
  EXPECT_EQ(summary->size, 31U);  // genesis and 30
  EXPECT_EQ(summary->entries, 31U);
  EXPECT_EQ(summary->postings, 60U);
  const verify::Report report = verified("all");
  EXPECT_EQ(report.entries, 31U);
  EXPECT_EQ(report.root, to_hex(summary->root));
  EXPECT_EQ(report.accounts, summary->accounts);
  EXPECT_FALSE(fs::exists(place_.path() / "all.partial"));
  EXPECT_EQ(sha256(view_of(read(place_.path() / "all" / "SHA256SUMS"))), summary->sums_sha256);
}

TEST_F(ExportTest, EveryPeriodVerifies) {
  for (std::uint64_t from = 0; from < 31; from += 5) {
    const std::string name = "from" + std::to_string(from);
    const auto summary = export_to(name, {.from_seq = from, .to_seq = from});
    ASSERT_TRUE(summary.ok()) << summary.error().to_log();
    EXPECT_EQ(verified(name).entries, 1U);
  }
}

TEST_F(ExportTest, EqualRequestsGiveEqualBytes) {
  const auto first = export_to("first", {.from_seq = 3, .to_seq = 20});
  reopen();
  const auto second = export_to("second", {.from_seq = 3, .to_seq = 20});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->sums_sha256, second->sums_sha256);
  for (const auto& item : fs::directory_iterator(first->directory)) {
    const fs::path name = item.path().filename();
    EXPECT_EQ(read(item.path()), read(second->directory / name)) << name;
  }
}

TEST_F(ExportTest, ContinuesAnOlderCheckpoint) {
  const auto summary = export_to("all", {.previous_checkpoint = older_note_});
  ASSERT_TRUE(summary.ok()) << summary.error().to_log();
  EXPECT_EQ(verified("all").previous_size, 13U);
}

TEST_F(ExportTest, RefusalsLeaveNothingBehind) {
  const auto code = [&](ExportRequest request) {
    const auto result = export_to("refused", std::move(request));
    return result.ok() ? Errc{} : result.error().code();
  };
  EXPECT_EQ(code({.to_seq = 31}), Errc::validation_failed);
  EXPECT_EQ(code({.from_seq = 9, .to_seq = 8}), Errc::validation_failed);
  const test::TestSigner other;
  const auto wrong_key = export_package(*ledger_, {.directory = place_.path() / "refused"},
                                        other.public_key_der(), note());
  EXPECT_EQ(wrong_key.error().code(), Errc::signature_invalid);
  EXPECT_TRUE(fs::is_empty(place_.path()));
  ASSERT_TRUE(export_to("refused").ok());
  EXPECT_EQ(code({}), Errc::validation_failed);  // is never written over
  verified("refused");
}

}  // namespace
}  // namespace florin::ledger::export_test
