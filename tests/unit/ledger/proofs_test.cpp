// The ledger's own proofs: of what reads see, from stored tiles, after restarts too.
#include "ledger/verify/merkle.h"
#include "ledger/verify/note.h"
#include "ledger_fixture.h"

namespace florin::ledger::proofs_test {
namespace {

class ProofsTest : public LedgerTest {
 protected:
  void append(std::uint64_t count) {
    std::vector<Command> commands;
    for (std::uint64_t i = 0; i < count; ++i) {
      Command command = command_of(++entry_);
      command.subject = id_of(entry_ % 10, 0x5B);
      commands.push_back(std::move(command));
    }
    for (const auto& result : ledger_->append(std::move(commands))) ASSERT_TRUE(result.ok());
    settle();
  }
  // All leaves and the root of every size.
  void read_tree() {
    settle();
    hashes_.clear();
    roots_.clear();
    verify::CompactRange tree;
    for (std::uint64_t at = 0; at < ledger_->head().next_seq;) {
      const auto views = ledger_->entries(at, 1000);
      ASSERT_TRUE(views.ok() && !views->empty());
      for (const EntryView& view : *views) {
        hashes_.push_back(verify::leaf_hash(view.leaf));
        tree.append(hashes_.back());
        roots_.push_back(tree.root());
      }
      at += views->size();
    }
    ASSERT_EQ(tree.root(), ledger_->head().root);
  }
  void expect_proven(std::uint64_t seq, std::uint64_t size) {
    const auto included = ledger_->inclusion_proof(seq, size);
    ASSERT_TRUE(included.ok()) << included.error().to_log();
    EXPECT_TRUE(
        verify::verify_inclusion(seq, size, hashes_[seq], *included, roots_[size - 1]).ok());
    const auto continued = ledger_->consistency_proof(seq + 1, size);
    ASSERT_TRUE(continued.ok()) << continued.error().to_log();
    EXPECT_TRUE(
        verify::verify_consistency(seq + 1, size, roots_[seq], roots_[size - 1], *continued).ok());
  }
  void expect_all_proven() {
    ASSERT_NO_FATAL_FAILURE(read_tree());
    const std::uint64_t size = hashes_.size();
    for (std::uint64_t seq = 0; seq < size; seq += 13) {
      expect_proven(seq, size);
      expect_proven(seq / 2, seq + 1);
    }
  }

  std::uint64_t entry_ = 0;
  std::vector<Hash32> hashes_;
  std::vector<Hash32> roots_;
};

TEST_F(ProofsTest, EveryVisibleEntryAndSizeIsProven) {
  open();
  expect_all_proven();
  append(200);
  expect_all_proven();
  append(500);
  expect_all_proven();
  reopen();
  expect_all_proven();
  append(100);
  expect_all_proven();
  close();
  const Dump live = dump();
  EXPECT_EQ(live.at("tiles").size(), 3U);
  std::filesystem::remove_all(dir_.path() / "proj");
  open();
  expect_all_proven();
  close();
  EXPECT_TRUE(dump() == live);
}

TEST_F(ProofsTest, TreesThatAreNotThereAreRefusedByField) {
  open();
  append(9);
  const auto field = [](const auto& result) {
    EXPECT_EQ(result.error().code(), Errc::validation_failed);
    return result.error().field();
  };
  EXPECT_EQ(field(ledger_->inclusion_proof(10, 10)), "seq");
  EXPECT_EQ(field(ledger_->inclusion_proof(0, 11)), "size");
  EXPECT_EQ(field(ledger_->inclusion_proof(0, 0)), "seq");
  EXPECT_EQ(field(ledger_->consistency_proof(0, 10)), "old_size");
  EXPECT_EQ(field(ledger_->consistency_proof(5, 4)), "old_size");
  EXPECT_EQ(field(ledger_->consistency_proof(5, 11)), "size");
  EXPECT_TRUE(ledger_->consistency_proof(10, 10)->empty());
}

TEST_F(ProofsTest, EntriesAboutASubjectInOrderAndInPages) {
  open();
  append(95);
  const auto all = ledger_->entries_about(id_of(5, 0x5B), {}, 100);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(*all, (std::vector<std::uint64_t>{5, 15, 25, 35, 45, 55, 65, 75, 85, 95}));
  EXPECT_EQ(*ledger_->entries_about(id_of(5, 0x5B), 15, 2), (std::vector<std::uint64_t>{25, 35}));
  EXPECT_EQ(*ledger_->entries_about(id_of(5, 0x5B), 16, 2), (std::vector<std::uint64_t>{25, 35}));
  EXPECT_TRUE(ledger_->entries_about(id_of(5, 0x5B), 95, 2)->empty());
  EXPECT_TRUE(ledger_->entries_about(id_of(5, 0x5B), UINT64_MAX, 2)->empty());
  EXPECT_TRUE(ledger_->entries_about(id_of(77, 0x5B), {}, 2)->empty());
  // The genesis entry is about nobody.
  EXPECT_TRUE(ledger_->entries_about(Uuid{}, {}, 2)->empty());
  reopen();
  EXPECT_EQ(*ledger_->entries_about(id_of(5, 0x5B), {}, 100), *all);
}

// What was signed is not what the ledger says now: whoever holds the old note must not be handed a
// new one.
TEST_F(ProofsTest, ACheckpointNeedsAProofFromTheOneBefore) {
  test::TestSigner signer;
  open();
  append(300);
  ASSERT_EQ(*ledger_->checkpoint(signer), 301U);
  append(300);
  ASSERT_EQ(*ledger_->checkpoint(signer), 601U);
  reopen();
  append(10);
  ASSERT_EQ(*ledger_->checkpoint(signer), 611U);
  EXPECT_EQ(signer.calls, 3);
}

// Behind the back of the ledger, as no code of it can.
TEST_F(ProofsTest, ATileThatWasTakenAwayIsMadeAnewFromTheLog) {
  open();
  append(600);
  close();
  const Dump live = dump();
  {
    auto environment =
        lmdb::Environment::open({dir_.path() / "proj", std::uint64_t{256} << 20U, 32});
    auto transaction = (*environment)->write();
    const auto tiles = lmdb::StateDbi::open(*transaction, "tiles");
    ASSERT_TRUE(*tiles->erase(*transaction, Bytes{0, 0, 0, 0, 0, 0, 0, 0, 1}));
    ASSERT_TRUE(transaction->commit().ok());
  }
  open();
  expect_all_proven();
  close();
  EXPECT_TRUE(dump() == live);
}

}  // namespace
}  // namespace florin::ledger::proofs_test
