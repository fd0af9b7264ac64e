// The first start after a restore: what counts, what is written, what is signed from then on.
#include <fstream>

#include "ledger/restored.h"
#include "ledger/segment_header.h"
#include "ledger/verify/note.h"
#include "ledger/verify/segment.h"
#include "unit/ledger/ledger_fixture.h"

namespace florin::ledger::restore_test {
namespace {

namespace fs = std::filesystem;

class Restored : public LedgerTest {
 protected:
  // Entry 0 is the genesis; several entries share a group.
  void write_entries(std::uint64_t first, std::uint64_t count) {
    std::vector<Command> commands;
    for (std::uint64_t i = first; i < first + count; ++i) commands.push_back(transfer(i, 100 + i));
    for (const auto& result : ledger_->append(std::move(commands))) ASSERT_TRUE(result.ok());
  }
  void mark(std::uint64_t entries, bool cut, std::uint64_t signed_size = 0,
            const Hash32& signed_root = {}) {
    close();
    fs::remove_all(dir_.path() / "proj");
    verify::RestoreMarker marker{.backup = id_of(5).text(),
                                 .entries = entries,
                                 .cut = cut,
                                 .signed_size = signed_size,
                                 .signed_root = signed_root};
    std::ofstream(dir_.path() / verify::kRestoreMarkerFile)
        << verify::format_restore_marker(marker);
  }
  // What a restore to an earlier entry does with segments behind it.
  void drop_segments_from(std::uint64_t seq) {
    for (const auto& path : segments()) {
      const auto header = verify::read_clear_header(path);
      ASSERT_TRUE(header.ok());
      if (header->first_seq >= seq) fs::remove(path);
    }
  }
  bool recovering() {
    EXPECT_TRUE(ledger_->catch_up().ok());
    return ledger_->books_state()->recovering;
  }
  std::string newest_origin() {
    const auto text = ledger_->last_checkpoint();
    EXPECT_TRUE(text.ok() && text->has_value());
    return verify::parse_note(**text)->checkpoint.origin;
  }
  Command reopen_command(std::uint64_t entry, std::vector<std::uint64_t> people) {
    Command command = command_of(entry, EntryType::recovery);
    command.recovery = RecoveryRecord{.step = RecoveryStep::reopened};
    for (const std::uint64_t person : people) {
      command.approvals.push_back({id_of(person, 0x99), Hash32{1}});
    }
    return command;
  }
  bool marker_exists() const { return fs::exists(dir_.path() / verify::kRestoreMarkerFile); }

  test::TestSigner signer_;
};

TEST_F(Restored, SaysSoInItsFirstEntryAndMovesNoMoney) {
  open();
  write_entries(1, 5);
  settle();
  const auto before = ledger_->balances();
  mark(6, false);
  open();
  EXPECT_FALSE(marker_exists());
  EXPECT_EQ(ledger_->head().next_seq, 7U);
  EXPECT_TRUE(recovering());
  settle();
  const auto entry = ledger_->entries(6, 1);
  const auto leaf = verify::decode_leaf(entry->front().leaf);
  ASSERT_TRUE(leaf.ok());
  ASSERT_TRUE(leaf->recovery.has_value());
  EXPECT_EQ(leaf->recovery->step, verify::RecoveryStep::restored);
  EXPECT_EQ(ledger_->balances()->size(), before->size());

  EXPECT_EQ(refused(transfer(50, 1)), Errc::ledger_recovering);
  EXPECT_EQ(refused(command_of(51, EntryType::payment_state)), Errc::ledger_recovering);
  Command fact = transfer(52, 1);
  fact.origin = Origin::fact;
  EXPECT_TRUE(one(fact).ok()) << "what happened is booked in any case";
  EXPECT_TRUE(one(command_of(53)).ok()) << "an audit entry";
  reopen();
  EXPECT_TRUE(recovering()) << "forgotten by a restart";
  EXPECT_EQ(ledger_->head().next_seq, 9U) << "said again";
}

TEST_F(Restored, IsReopenedByTwoPeopleOnly) {
  open();
  EXPECT_EQ(refused(reopen_command(1, {1, 2})), Errc::state_conflict) << "was never restored";
  mark(1, false);
  open();
  EXPECT_EQ(refused(reopen_command(2, {})), Errc::permission_denied);
  EXPECT_EQ(refused(reopen_command(3, {1})), Errc::permission_denied);
  EXPECT_EQ(refused(reopen_command(4, {1, 1})), Errc::permission_denied);
  Command mixed = reopen_command(5, {1, 2});
  mixed.approvals[1].request = Hash32{2};
  EXPECT_EQ(refused(mixed), Errc::permission_denied);
  EXPECT_TRUE(one(reopen_command(6, {1, 2})).ok());
  EXPECT_FALSE(recovering());
  EXPECT_TRUE(one(transfer(7, 1)).ok());
  reopen();
  EXPECT_FALSE(recovering());
}

// A cut at every entry, inside groups and at their edges, in one segment and in several.
TEST_F(Restored, EveryCutLeavesExactlyThePrefix) {
  for (const std::uint64_t segment_bytes : {std::uint64_t{16384}, std::uint64_t{256} << 20U}) {
    segment_bytes_ = segment_bytes;
    for (std::uint64_t cut = 1; cut <= 13; ++cut) {
      SCOPED_TRACE("cut " + std::to_string(cut) + ", segments of " + std::to_string(segment_bytes));
      close();
      fs::remove_all(dir_.path());
      fs::create_directories(dir_.path());
      open();
      for (std::uint64_t first = 1; first <= 13; first += 4) write_entries(first, 4);
      settle();
      const auto kept = ledger_->entries(0, cut);
      ASSERT_TRUE(kept.ok());
      mark(cut, true);
      drop_segments_from(cut);
      open();
      ASSERT_NE(ledger_, nullptr);
      EXPECT_EQ(ledger_->head().next_seq, cut + 1);
      EXPECT_TRUE(one(reopen_command(90, {1, 2})).ok());
      write_entries(100, 3);
      // The books without their database, from the log alone: the same.
      const Hash32 root = ledger_->head().root;
      close();
      const Dump live = dump();
      fs::remove_all(dir_.path() / "proj");
      open();
      settle();
      EXPECT_EQ(ledger_->head().root, root);
      EXPECT_EQ(ledger_->head().next_seq, cut + 5);
      const auto now = ledger_->entries(0, cut);
      ASSERT_EQ(now->size(), kept->size());
      for (std::size_t i = 0; i < kept->size(); ++i) EXPECT_EQ((*now)[i].leaf, (*kept)[i].leaf);
      close();
      EXPECT_EQ(dump(), live);
    }
  }
}

// Killed between the recovery entry and the removal of the marker.
TEST_F(Restored, IsSaidOnceWhenTheMarkerStaysBehind) {
  for (const bool cut : {false, true}) {
    close();
    fs::remove_all(dir_.path());
    fs::create_directories(dir_.path());
    open();
    write_entries(1, 5);
    const std::uint64_t entries = cut ? 3 : 6;
    mark(entries, cut);
    std::ifstream in(dir_.path() / verify::kRestoreMarkerFile);
    const std::string marker((std::istreambuf_iterator<char>(in)), {});
    open();
    ASSERT_EQ(ledger_->head().next_seq, entries + 1);
    close();
    std::ofstream(dir_.path() / verify::kRestoreMarkerFile) << marker;
    open();
    EXPECT_EQ(ledger_->head().next_seq, entries + 1);
    EXPECT_TRUE(recovering());
    EXPECT_FALSE(marker_exists());
  }
}

// Killed before the first group of the new segment: its header alone stands there.
TEST_F(Restored, ASegmentWithoutEntriesIsBegunAgain) {
  open();
  write_entries(1, 5);
  mark(3, true);
  std::ifstream in(dir_.path() / verify::kRestoreMarkerFile);
  const std::string marker((std::istreambuf_iterator<char>(in)), {});
  open();
  close();
  fs::remove_all(dir_.path() / "proj");
  fs::resize_file(segments().back(), kBlockBytes);
  std::ofstream(dir_.path() / verify::kRestoreMarkerFile) << marker;
  open();
  EXPECT_EQ(ledger_->head().next_seq, 4U);
  reopen();
  EXPECT_EQ(ledger_->head().next_seq, 4U);
}

TEST_F(Restored, SignsUnderAnotherOriginAndNamesWhatWasSigned) {
  open();
  write_entries(1, 2);
  ASSERT_TRUE(ledger_->checkpoint(signer_).ok());
  const std::string original = newest_origin();
  EXPECT_EQ(original, options().origin);
  write_entries(3, 3);
  ASSERT_TRUE(ledger_->checkpoint(signer_).ok());
  const Hash32 lost_root = ledger_->head().root;
  // What a restore does with a checkpoint of entries that it leaves out.
  fs::remove(dir_.path() / "cp" / "00000000000000000006.note");
  mark(4, true, 6, lost_root);
  open();
  settle();
  const auto leaf = verify::decode_leaf(ledger_->entries(4, 1)->front().leaf);
  EXPECT_EQ(leaf->recovery->signed_size, 6U);
  EXPECT_EQ(leaf->recovery->signed_root, lost_root);
  ASSERT_TRUE(ledger_->checkpoint(signer_).ok());
  const std::string first = newest_origin();
  EXPECT_TRUE(first.starts_with(original + "/r1-")) << first;
  reopen();
  EXPECT_EQ(ledger_->options().origin, first);
  mark(5, false);
  open();
  ASSERT_TRUE(ledger_->checkpoint(signer_).ok());
  EXPECT_TRUE(newest_origin().starts_with(original + "/r2-")) << newest_origin();
}

// Both histories go on from the same backup; an outsider must not take one for the other.
TEST_F(Restored, TwoRestoresOfOneBackupHaveTwoOrigins) {
  open();
  write_entries(1, 2);
  mark(3, false);
  const auto copy = dir_.path().string() + "-copy";
  fs::copy(dir_.path(), copy, fs::copy_options::recursive);
  open();
  const std::string first = ledger_->options().origin;
  close();
  fs::remove_all(dir_.path());
  fs::rename(copy, dir_.path());
  open();
  EXPECT_NE(ledger_->options().origin, first);
}

TEST_F(Restored, AMarkerThatDoesNotFitRefusesTheStart) {
  open();
  write_entries(1, 5);
  mark(5, false);
  EXPECT_EQ(open_error(), Errc::ledger_mismatch) << "the log is longer";
  mark(9, false);
  EXPECT_EQ(open_error(), Errc::ledger_mismatch) << "the log is shorter";
  mark(9, true);
  EXPECT_EQ(open_error(), Errc::ledger_mismatch);
  std::ofstream(dir_.path() / verify::kRestoreMarkerFile, std::ios::app) << "x";
  EXPECT_EQ(open_error(), Errc::ledger_corrupt);
}

TEST(RestoreMarker, ARootOfNothingIsRefused) {
  const verify::RestoreMarker marker{
      .backup = id_of(5).text(), .entries = 3, .signed_size = 0, .signed_root = Hash32{3}};
  EXPECT_FALSE(verify::parse_restore_marker(verify::format_restore_marker(marker)).ok());
}

TEST(RestoreMarker, RoundTripsAndRefusesEveryChange) {
  const verify::RestoreMarker marker{.backup = id_of(5).text(),
                                     .entries = 77,
                                     .cut = true,
                                     .signed_size = 80,
                                     .signed_root = Hash32{3}};
  const std::string good = verify::format_restore_marker(marker);
  const auto back = verify::parse_restore_marker(good);
  ASSERT_TRUE(back.ok()) << back.error().to_log();
  EXPECT_EQ(*back, marker);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(verify::parse_restore_marker(bad).ok()) << i;
    EXPECT_FALSE(verify::parse_restore_marker(good.substr(0, i)).ok()) << i;
  }
}

}  // namespace
}  // namespace florin::ledger::restore_test
