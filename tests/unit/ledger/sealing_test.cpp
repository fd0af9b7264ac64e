// Sealed segments: what can be checked of them without keys; and what a start is measured against.
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "ledger/log_control.h"
#include "ledger/segment_header.h"
#include "ledger_fixture.h"

namespace florin::ledger::sealing_test {
namespace {

Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return to_bytes(view_of(text));
}

class SealingTest : public LedgerTest {
 protected:
  static unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(stat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }
  SealedLog rotate() {
    auto sealed = log_control(*ledger_)->rotate();
    EXPECT_TRUE(sealed.ok());
    return *sealed;
  }
  // What an auditor does, who has the files alone.
  void check_without_keys(const SealedLog& log) {
    std::uint64_t next_seq = 0;
    const SealedSegment* before = nullptr;
    for (const SealedSegment& segment : log.segments) {
      const Bytes bytes = read_bytes(dir_.path() / "log" / segment.file);
      ASSERT_GE(bytes.size(), segment.bytes);
      const BytesView good = BytesView(bytes).first(static_cast<std::size_t>(segment.bytes));
      EXPECT_EQ(sha256(good), segment.sha256) << segment.file;
      EXPECT_EQ(mode_of(dir_.path() / "log" / segment.file), 0400U) << segment.file;
      const auto header = decode_segment_header(bytes);
      ASSERT_TRUE(header.ok());
      EXPECT_EQ(header->number, segment.number);
      EXPECT_EQ(header->first_seq, segment.first_seq);
      EXPECT_EQ(header->previous_end, before == nullptr ? 0 : before->bytes);
      EXPECT_EQ(header->previous_digest, before == nullptr ? Hash32{} : before->sha256);
      EXPECT_EQ(segment.first_seq, next_seq);
      next_seq = segment.next_seq;
      before = &segment;
    }
    EXPECT_EQ(log.size, next_seq);
  }
};

TEST_F(SealingTest, FullSegmentsAndThoseOfEarlierRunsAreSealed) {
  segment_bytes_ = 16384;
  open();
  for (std::uint64_t i = 1; i <= 12; ++i) ASSERT_TRUE(one(rich(i)).ok());
  // The newest is open, all others are not.
  const auto paths = segments();
  ASSERT_GT(paths.size(), 3U);
  for (const auto& path : paths) EXPECT_EQ(mode_of(path), path == paths.back() ? 0600U : 0400U);
  reopen();
  EXPECT_EQ(mode_of(paths.back()), 0400U);
  EXPECT_EQ(segments(), paths);
  ASSERT_TRUE(one(rich(13)).ok());
  EXPECT_EQ(segments().size(), paths.size() + 1);
  const SealedLog sealed = rotate();
  EXPECT_EQ(sealed.segments.size(), paths.size() + 1);
  EXPECT_EQ(sealed.root, ledger_->head().root);
  check_without_keys(sealed);
}

TEST_F(SealingTest, RotationSealsWhatIsDurableAndOnlyOnce) {
  open();
  ASSERT_TRUE(one(rich(1)).ok());
  const SealedLog first = rotate();
  EXPECT_EQ(first.segments.size(), 1U);
  EXPECT_EQ(first.size, 2U);
  EXPECT_EQ(rotate().segments.size(), 1U);
  ASSERT_TRUE(one(rich(2)).ok());
  const SealedLog second = rotate();
  EXPECT_EQ(second.segments.size(), 2U);
  check_without_keys(second);
  reopen();
  // The start finds the same by reading.
  const SealedLog again = rotate();
  ASSERT_EQ(again.segments.size(), 2U);
  EXPECT_EQ(again.segments[1].sha256, second.segments[1].sha256);
  EXPECT_EQ(again.root, second.root);
  ASSERT_TRUE(one(rich(3)).ok());
  check_without_keys(rotate());
  close();
  open();
  EXPECT_EQ(ledger_->head().next_seq, 4U);
}

// A rotation of the root: what is new is sealed under the new version, in a segment of its own.
TEST_F(SealingTest, ANewKeyVersionBeginsANewSegment) {
  const auto keys = std::make_shared<test::TestKeys>("rotating");
  keys_ = keys;
  open();
  ASSERT_TRUE(one(rich(1)).ok());
  keys->rotate();
  using Versions = std::map<std::uint32_t, std::uint64_t>;
  EXPECT_EQ(log_control(*ledger_)->key_versions(), (Versions{{1, 1}}));
  ASSERT_TRUE(one(rich(2)).ok());
  ASSERT_TRUE(one(rich(3)).ok());
  EXPECT_EQ(log_control(*ledger_)->key_versions(), (Versions{{1, 1}, {2, 1}}));
  // One that has no group yet is replaced: all its commands were refused.
  reopen();
  Command refused_command = rich(9);
  refused_command.uniques = rich(1).uniques;
  ASSERT_EQ(one(refused_command).error().code(), Errc::unique_violation);
  keys->rotate();
  ASSERT_TRUE(one(rich(4)).ok());
  EXPECT_EQ(log_control(*ledger_)->key_versions(), (Versions{{1, 1}, {2, 1}, {3, 1}}));
  check_without_keys(rotate());
  reopen();
  EXPECT_EQ(ledger_->head().next_seq, 5U);
  EXPECT_EQ(log_control(*ledger_)->key_versions(), (Versions{{1, 1}, {2, 1}, {3, 1}}));
  // Without the old version the log cannot be opened, and the start says so.
  close();
  keys_ = test::test_keys("another");
  const auto refused = try_open();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::decryption_failed);
}

TEST_F(SealingTest, RotationWhileCommandsArrive) {
  open();
  std::vector<std::future<Result<Receipt>>> answers;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    auto promise = std::make_shared<std::promise<Result<Receipt>>>();
    answers.push_back(promise->get_future());
    ledger_->submit(rich(i),
                    [promise](Result<Receipt> result) { promise->set_value(std::move(result)); });
    if (i % 20 == 0) check_without_keys(rotate());
  }
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(rotate().size, 101U);
  reopen();
  EXPECT_EQ(ledger_->head().next_seq, 101U);
}

TEST_F(SealingTest, AHeaderThatNamesAnotherDigestIsRefused) {
  open();
  ASSERT_TRUE(one(rich(1)).ok());
  reopen();
  ASSERT_TRUE(one(rich(2)).ok());
  close();
  // Written with the right keys, so that only the digest can tell.
  const std::filesystem::path path = segments().back();
  Bytes bytes = read_bytes(path);
  auto header = decode_segment_header(bytes);
  ASSERT_TRUE(header.ok());
  header->previous_digest[5] ^= 1;
  const Bytes block = *encode_segment_header(*header, *keys_);
  std::copy(block.begin(), block.end(), bytes.begin());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text_of(bytes);
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Errc::ledger_corrupt);
  EXPECT_NE(opened.error().to_log().find("digest"), std::string::npos);
}

class StartTest : public LedgerTest {
 protected:
  Result<std::unique_ptr<Ledger>> open_with(const OpenOptions& with) {
    return open_ledger(with, keys_, projectors_, clock_, entropy_, *files_);
  }
};

TEST_F(StartTest, TheLastCheckpointMustBeSignedWithTheKeyThatIsGiven) {
  test::TestSigner signer;
  test::TestSigner stranger;
  open();
  ASSERT_TRUE(ledger_->checkpoint(signer).ok());
  close();
  OpenOptions with = options();
  with.checkpoint_key_der = signer.public_key_der();
  EXPECT_TRUE(open_with(with).ok());
  with.checkpoint_key_der = stranger.public_key_der();
  auto opened = open_with(with);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Errc::ledger_mismatch);
  EXPECT_EQ(opened.error().message(),
            "The checkpoint of size 1 is not signed by the audit key of this appliance.");
}

TEST_F(StartTest, AnOlderOrAnotherStateThanTheAnchorIsRefused) {
  open();
  ASSERT_TRUE(one(transfer(1, 10)).ok());
  const Head middle = ledger_->head();
  ASSERT_TRUE(one(transfer(2, 10)).ok());
  const Head last = ledger_->head();
  close();
  OpenOptions with = options();
  for (const Head& head : {middle, last}) {
    with.anchor = Anchor{head.next_seq, head.root};
    EXPECT_TRUE(open_with(with).ok());
  }
  with.anchor = Anchor{last.next_seq + 4, last.root};
  auto opened = open_with(with);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Errc::ledger_mismatch);
  EXPECT_NE(opened.error().message().find("The log ends at entry 3 ("), std::string::npos);
  EXPECT_NE(opened.error().message().find("the anchor has size 7"), std::string::npos);
  with.anchor = Anchor{middle.next_seq, last.root};
  opened = open_with(with);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Errc::ledger_mismatch);
  EXPECT_NE(opened.error().message().find("its root at size 2 differs"), std::string::npos);
}

TEST_F(StartTest, RebuildTellsHowFarItIs) {
  open();
  std::vector<Command> commands;
  for (std::uint64_t i = 1; i <= 5000; ++i) commands.push_back(command_of(i));
  for (const auto& result : ledger_->append(std::move(commands))) ASSERT_TRUE(result.ok());
  close();
  std::filesystem::remove_all(dir_.path() / "proj");
  std::vector<OpenProgress> seen;
  OpenOptions with = options();
  with.progress = [&seen](const OpenProgress& progress) { seen.push_back(progress); };
  ASSERT_TRUE(open_with(with).ok());
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].entries, 4096U);
  EXPECT_EQ(seen[0].replayed, 4096U);
  EXPECT_GT(seen[0].bytes_done, 0U);
  EXPECT_LT(seen[0].bytes_done, seen[0].bytes_total);
  EXPECT_EQ(seen[1].entries, 5001U);
  EXPECT_EQ(seen[1].bytes_done, seen[1].bytes_total);
  seen.clear();
  ASSERT_TRUE(open_with(with).ok());
  EXPECT_EQ(seen.back().replayed, 0U);
}

}  // namespace
}  // namespace florin::ledger::sealing_test
