// What survives, what is refused, what is rebuilt.
#include <fstream>
#include <future>

#include "ledger/verify/note.h"
#include "ledger_fixture.h"

namespace florin::ledger::recovery_test {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_text(const std::filesystem::path& path, const std::string& text) {
  // Sealed segments are read-only.
  std::error_code ignored;
  std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add, ignored);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

class RecoveryTest : public LedgerTest {};

TEST_F(RecoveryTest, GenesisIsWrittenOnce) {
  open();
  EXPECT_EQ(ledger_->head().next_seq, 1U);
  reopen();
  EXPECT_EQ(ledger_->head().next_seq, 1U);
  const auto genesis = verify::decode_leaf(ledger_->entries(0, 1)->front().leaf);
  EXPECT_EQ(genesis->note, "ledger created");
  EXPECT_EQ(genesis->flags, 0U);
  EXPECT_EQ(genesis->tenant, id_of(42, 0x11));
}

TEST_F(RecoveryTest, EvaluationIsStampedIntoTheGenesisEntry) {
  OpenOptions evaluation = options();
  evaluation.evaluation = true;
  auto ledger = open_ledger(evaluation, keys_, projectors_, clock_, entropy_, *files_);
  ASSERT_TRUE(ledger.ok());
  std::promise<void> seen;
  (*ledger)->wait_visible(0, [&](const Result<void>&) { seen.set_value(); });
  seen.get_future().wait();
  EXPECT_EQ(verify::decode_leaf((*ledger)->entries(0, 1)->front().leaf)->flags,
            verify::kFlagEvaluation);
}

TEST_F(RecoveryTest, ReopenKeepsEverythingAndBeginsANewSegment) {
  open();
  for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(one(rich(i)).ok());
  const Hash32 root = ledger_->head().root;
  reopen();
  EXPECT_EQ(ledger_->head().root, root);
  EXPECT_EQ(ledger_->head().visible_seq, 6U);
  EXPECT_EQ((**ledger_->object(ObjectKind{1}, id_of(3, 1))).immutable, Bytes(300, 7));
  EXPECT_EQ((**ledger_->idempotency(key_of(3))).body, Bytes(40, 3));
  EXPECT_TRUE(one(rich(3))->duplicate);
  EXPECT_EQ(segments().size(), 2U);
  EXPECT_EQ(refused(transfer(9, 1)), Errc{});
  reopen();
  EXPECT_EQ(ledger_->head().next_seq, 7U);
}

TEST_F(RecoveryTest, RebuiltDatabaseHasTheSameBytes) {
  segment_bytes_ = 16384;
  open();
  // Enough for tiles of the tree.
  std::vector<Command> many;
  for (std::uint64_t i = 0; i < 270; ++i) many.push_back(command_of(5000 + i));
  for (const auto& result : ledger_->append(std::move(many))) ASSERT_TRUE(result.ok());
  for (std::uint64_t i = 1; i <= 30; ++i) {
    ASSERT_TRUE(one(rich(i)).ok());
    if (i % 10 == 0) {
      Command moved = command_of(1000 + i);
      moved.subject = id_of(i, 1);
      moved.objects = {{ObjectKind{1}, id_of(i, 1), 1, {}, Bytes{200, 1}}};
      ASSERT_TRUE(one(moved).ok());
      reopen();
    }
  }
  close();
  EXPECT_GT(segments().size(), 4U);
  const Dump live = dump();
  EXPECT_EQ(live.size(), 16U);
  std::filesystem::remove_all(dir_.path() / "proj");
  open();
  close();
  EXPECT_TRUE(dump() == live);
  // Other projectors: rebuilt, and found under the new keys only.
  projectors_ = {2, {}};
  open();
  EXPECT_TRUE(ledger_->index(IndexNumber{7}, {}, {}, 10, false)->rows.empty());
  EXPECT_EQ(ledger_->head().next_seq, 304U);
  close();
  projectors_ = {1, {&by_first_byte}};
  open();
  close();
  EXPECT_TRUE(dump() == live);
  // A file that is not a database.
  write_text(dir_.path() / "proj" / "data.mdb", std::string(16384, 'Z'));
  open();
  close();
  EXPECT_TRUE(dump() == live);
}

TEST_F(RecoveryTest, TornTailAtEverySector) {
  open();
  ASSERT_TRUE(one(transfer(1, 10)).ok());
  settle();
  close();
  const std::filesystem::path saved_proj = dir_.path() / "saved";
  std::filesystem::copy(dir_.path() / "proj", saved_proj);
  const std::string before = read_text(segments().back());
  open();
  ledger_->append({rich(2), rich(3), rich(4), rich(5)});
  close();
  const std::filesystem::path last = segments().back();
  const std::string full = read_text(last);
  const std::size_t group_end = full.find_last_not_of('\0') + 1;
  const std::size_t entries_before = 2;
  std::size_t torn = 0;
  for (std::size_t cut = 4096; cut < group_end; cut += 512) {
    std::string text = full;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(cut), text.end(), '\0');
    write_text(last, text);
    for (const auto& path : segments()) {
      if (path > last) std::filesystem::remove(path);
    }
    std::filesystem::remove_all(dir_.path() / "proj");
    std::filesystem::copy(saved_proj, dir_.path() / "proj");
    auto opened = try_open();
    ASSERT_TRUE(opened.ok()) << cut << " " << opened.error().to_log();
    ledger_ = std::move(*opened);
    const std::uint64_t entries = ledger_->head().next_seq;
    ASSERT_GE(entries, entries_before) << cut;
    const auto next = one(transfer(9, 1));
    ASSERT_TRUE(next.ok());
    EXPECT_EQ(next->seq, entries);
    reopen();
    EXPECT_EQ(ledger_->head().next_seq, entries + 1);
    close();
    ++torn;
  }
  EXPECT_GT(torn, 3U);
}

TEST_F(RecoveryTest, FlippedBitInAnyFrameIsFound) {
  open();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_EQ(ledger_->append({rich(2 * i), rich(2 * i + 1)}).size(), 2U);
  }
  close();
  std::size_t frames = 0;
  for (const auto& path : segments()) {
    const std::string good = read_text(path);
    for (std::size_t at = 4096; (at = good.find("FLF1", at)) != std::string::npos; ++at) {
      ++frames;
      for (const std::size_t offset : {0U, 5U, 21U, 24U, 28U, 40U, 200U}) {
        std::string bad = good;
        bad[at + offset] = static_cast<char>(bad[at + offset] ^ 4);
        write_text(path, bad);
        const Errc code = open_error();
        EXPECT_TRUE(code == Errc::ledger_corrupt || code == Errc::ledger_mismatch)
            << path << " " << at + offset;
      }
    }
    write_text(path, good);
    // Of the header.
    for (const std::size_t offset : {9U, 16U, 32U, 40U, 48U, 70U, 100U, 130U, 140U, 3000U}) {
      std::string bad = good;
      bad[offset] = static_cast<char>(bad[offset] ^ 1);
      write_text(path, bad);
      EXPECT_EQ(open_error(), Errc::ledger_corrupt) << offset;
    }
    write_text(path, good);
  }
  EXPECT_EQ(frames, 7U);
  open();
}

TEST_F(RecoveryTest, LogShorterThanDatabaseIsRefused) {
  open();
  ASSERT_TRUE(one(transfer(1, 10)).ok());
  reopen();
  ASSERT_TRUE(one(transfer(2, 10)).ok());
  close();
  const std::string first = segments().front().filename().string();
  std::filesystem::rename(segments().back(), dir_.path() / "away");
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Errc::ledger_mismatch);
  EXPECT_EQ(opened.error().message(), "The log ends at entry 2 (" + first +
                                          ", offset 12288), the database knows entries up to 3.");
}

// Damage of the very last group looks like a flush that a crash cut short. The database knows
// better, and so does a checkpoint; only without both nobody can tell.
TEST_F(RecoveryTest, DamagedLastGroupIsNoTornTailWhenTheDatabaseHasIt) {
  test::TestSigner signer;
  open();
  ASSERT_TRUE(one(transfer(1, 10)).ok());
  ASSERT_TRUE(one(transfer(2, 10)).ok());
  ASSERT_TRUE(ledger_->checkpoint(signer).ok());
  close();
  const std::filesystem::path path = segments().back();
  const std::string good = read_text(path);
  const std::size_t last = good.rfind("FLF1");
  const std::string place = path.filename().string() + ", offset " + std::to_string(last);
  const auto refused_with = [&](const std::string& why) {
    const auto opened = try_open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), Errc::ledger_mismatch);
    EXPECT_EQ(opened.error().message(), "The log ends at entry 2 (" + place + "), " + why);
  };
  for (const std::size_t offset : {0U, 7U, 22U, 30U, 300U}) {
    std::string bad = good;
    bad[last + offset] = static_cast<char>(bad[last + offset] ^ 16);
    write_text(path, bad);
    refused_with("the database knows entries up to 3.");
    // Also when asked a second time: the refusal changed nothing.
    refused_with("the database knows entries up to 3.");
    EXPECT_EQ(read_text(path), bad);
  }
  std::filesystem::rename(dir_.path() / "proj", dir_.path() / "away");
  refused_with("its last signed checkpoint has size 3.");
  std::filesystem::remove_all(dir_.path() / "proj");
  std::filesystem::rename(dir_.path() / "away", dir_.path() / "proj");
  write_text(path, good);
  open();
  EXPECT_EQ(ledger_->head().next_seq, 3U);
}

// Segments and groups of more bytes than are read at once.
TEST_F(RecoveryTest, LogsLargerThanTheWindowAreReadBack) {
  open();
  std::uint64_t entry = 0;
  for (int round = 0; round < 2; ++round) {
    std::vector<Command> commands;
    for (int i = 0; i < 60; ++i) {
      Command command = command_of(++entry);
      for (std::uint64_t object = 0; object < 2; ++object) {
        command.objects.push_back({ObjectKind{1}, id_of(2 * entry + object, 1), 0,
                                   Bytes(24 * 1024, static_cast<std::uint8_t>(entry)), Bytes{1}});
      }
      commands.push_back(std::move(command));
    }
    for (const auto& result : ledger_->append(std::move(commands))) ASSERT_TRUE(result.ok());
  }
  const Hash32 root = ledger_->head().root;
  close();
  EXPECT_GT(std::filesystem::file_size(segments().back()), std::uint64_t{5} << 20U);
  const std::string good = read_text(segments().back());
  std::filesystem::remove_all(dir_.path() / "proj");
  open();
  EXPECT_EQ(ledger_->head().next_seq, entry + 1);
  EXPECT_EQ(ledger_->head().root, root);
  close();
  // Damage long before the end, although the group behind it begins beyond the window.
  const std::filesystem::path path = segments().back();
  std::string bad = good;
  const std::size_t at = good.find("FLF1", good.size() / 8);
  bad[at + 40] = static_cast<char>(bad[at + 40] ^ 1);
  write_text(path, bad);
  std::filesystem::remove_all(dir_.path() / "proj");
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Errc::ledger_corrupt);
  EXPECT_NE(opened.error().detail().find("offset " + std::to_string(at)), std::string::npos)
      << opened.error().to_log();
}

TEST_F(RecoveryTest, MissingMiddleSegmentIsRefused) {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    open();
    ASSERT_TRUE(one(transfer(i, 10)).ok());
    close();
  }
  std::filesystem::rename(segments()[1], dir_.path() / "away");
  EXPECT_EQ(open_error(), Errc::ledger_corrupt);
}

TEST_F(RecoveryTest, OtherKeysTenantOrModeAreRefused) {
  open();
  close();
  const auto good_keys = keys_;
  keys_ = test::test_keys("another root");
  EXPECT_EQ(open_error(), Errc::decryption_failed);
  keys_ = good_keys;
  OpenOptions swapped = options();
  swapped.tenant = id_of(43, 0x11);
  EXPECT_EQ(open_ledger(swapped, keys_, projectors_, clock_, entropy_, *files_).error().code(),
            Errc::ledger_mismatch);
  swapped = options();
  swapped.mode = Mode::live;
  EXPECT_EQ(open_ledger(swapped, keys_, projectors_, clock_, entropy_, *files_).error().code(),
            Errc::ledger_mismatch);
  open();
  EXPECT_EQ(open_error(), Errc::state_conflict);  // in use
}

TEST_F(RecoveryTest, CheckpointIsSignedVerifiedAndBinding) {
  test::TestSigner signer;
  open();
  ASSERT_TRUE(one(transfer(1, 10)).ok());
  EXPECT_EQ(*ledger_->checkpoint(signer), 2U);
  EXPECT_EQ(*ledger_->checkpoint(signer), 2U);
  EXPECT_EQ(signer.calls, 1);
  ASSERT_TRUE(one(transfer(2, 10)).ok());
  reopen();
  EXPECT_EQ(ledger_->head().signed_size, 2U);
  EXPECT_EQ(*ledger_->checkpoint(signer), 3U);
  const auto text = ledger_->last_checkpoint();
  const auto note = verify::parse_note(**text);
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(note->checkpoint.size, 3U);
  EXPECT_EQ(note->checkpoint.root, ledger_->head().root);
  EXPECT_TRUE(verify::verify_note(*note, signer.public_key_der()).ok());
  EXPECT_TRUE(
      verify_ecdsa_p256(signer.public_key_der(), view_of(note->text), note->signature_der).ok());
}

TEST_F(RecoveryTest, LogShorterThanTheCheckpointIsRefused) {
  test::TestSigner signer;
  open();
  reopen();
  ASSERT_TRUE(one(transfer(1, 10)).ok());
  ASSERT_TRUE(ledger_->checkpoint(signer).ok());
  close();
  ASSERT_EQ(segments().size(), 2U);
  std::filesystem::rename(segments().back(), dir_.path() / "away");
  std::filesystem::remove_all(dir_.path() / "proj");
  EXPECT_EQ(open_error(), Errc::ledger_mismatch);
}

}  // namespace
}  // namespace florin::ledger::recovery_test
