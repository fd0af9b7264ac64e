// The head, its proofs and its signature; and when readers and observers hear of entries.
#include <atomic>
#include <chrono>
#include <future>

#include "base/hash.h"
#include "contract_fixture.h"
#include "ledger/verify/merkle.h"
#include "ledger/verify/note.h"
#include "support/test_signer.h"

namespace florin::ledger::contract::proofs_test {
namespace {

FLORIN_LEDGER_CONTRACT(Proofs);

TEST_P(Proofs, TheRootIsThatOfAllLeaves) {
  verify::CompactRange tree;
  Hash32 previous{};
  for (std::uint64_t i = 1; i <= 9; ++i) book(transfer(i, i));
  const auto views = ledger_->entries(0, 100);
  for (const EntryView& view : *views) {
    EXPECT_EQ(view.leaf_hash, verify::leaf_hash(view.leaf));
    EXPECT_EQ(verify::decode_leaf(view.leaf)->previous_leaf, previous);
    previous = view.leaf_hash;
    tree.append(view.leaf_hash);
  }
  const Head head = ledger_->head();
  EXPECT_EQ(head.next_seq, 10U);
  EXPECT_EQ(head.visible_seq, 10U);
  EXPECT_EQ(head.root, tree.root());
}

TEST_P(Proofs, EveryEntryIsInEveryLaterTree) {
  constexpr std::uint64_t kSize = 20;
  for (std::uint64_t i = 1; i < kSize; ++i) book(command_of(i));
  reopen();
  const auto views = ledger_->entries(0, kSize);
  std::vector<Hash32> roots;
  verify::CompactRange tree;
  for (const EntryView& view : *views) {
    tree.append(view.leaf_hash);
    roots.push_back(tree.root());
  }
  for (std::uint64_t size = 1; size <= kSize; ++size) {
    for (std::uint64_t at = 0; at < size; ++at) {
      const auto in = ledger_->inclusion_proof(at, size);
      ASSERT_TRUE(in.ok());
      EXPECT_TRUE(
          verify::verify_inclusion(at, size, (*views)[at].leaf_hash, *in, roots[size - 1]).ok());
      const auto on = ledger_->consistency_proof(at + 1, size);
      ASSERT_TRUE(on.ok());
      EXPECT_TRUE(verify::verify_consistency(at + 1, size, roots[at], roots[size - 1], *on).ok());
    }
  }
}

TEST_P(Proofs, OfWhatIsNotThereAreRefused) {
  book(command_of(1));
  const auto code = [](const auto& result) { return result.ok() ? Errc{} : result.error().code(); };
  EXPECT_EQ(code(ledger_->inclusion_proof(2, 2)), Errc::validation_failed);
  EXPECT_EQ(code(ledger_->inclusion_proof(0, 0)), Errc::validation_failed);
  EXPECT_EQ(code(ledger_->inclusion_proof(0, 3)), Errc::validation_failed);
  EXPECT_EQ(code(ledger_->consistency_proof(0, 2)), Errc::validation_failed);
  EXPECT_EQ(code(ledger_->consistency_proof(2, 1)), Errc::validation_failed);
  EXPECT_EQ(code(ledger_->consistency_proof(1, 3)), Errc::validation_failed);
}

FLORIN_LEDGER_CONTRACT(Checkpoint);

TEST_P(Checkpoint, SignsTheHeadOnce) {
  test::TestSigner signer;
  EXPECT_EQ(ledger_->head().signed_size, 0U);
  EXPECT_FALSE(ledger_->last_checkpoint()->has_value());
  book(transfer(1, 10));
  EXPECT_EQ(*ledger_->checkpoint(signer), 2U);
  EXPECT_EQ(*ledger_->checkpoint(signer), 2U);
  EXPECT_EQ(signer.calls, 1);
  reopen();
  EXPECT_EQ(ledger_->head().signed_size, 2U);
  const auto text = ledger_->last_checkpoint();
  ASSERT_TRUE(text->has_value());
  const auto note = verify::parse_note(**text);
  ASSERT_TRUE(note.ok());
  EXPECT_TRUE(verify::verify_note(*note, signer.public_key_der()).ok());
  EXPECT_EQ(note->checkpoint.origin, ledger_->options().origin);
  EXPECT_EQ(note->checkpoint.size, 2U);
  EXPECT_EQ(note->checkpoint.root, ledger_->head().root);
  book(transfer(2, 10));
  EXPECT_EQ(*ledger_->checkpoint(signer), 3U);
}

FLORIN_LEDGER_CONTRACT(Visibility);

TEST_P(Visibility, WaitersHearOfTheirEntry) {
  std::promise<bool> second;
  const auto tell = [&](const Result<void>& done) { second.set_value(done.ok()); };
  ledger_->wait_visible(2, tell);
  auto heard = second.get_future();
  book(command_of(1));
  EXPECT_EQ(heard.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  book(command_of(2));
  EXPECT_TRUE(heard.get());
  bool at_once = false;
  const auto hear = [&](const Result<void>& done) { at_once = done.ok(); };
  ledger_->wait_visible(2, hear);
  EXPECT_TRUE(at_once);
}

TEST_P(Visibility, ObserversHearOfEveryGroup) {
  std::atomic<std::uint64_t> seen = 0;
  ledger_->on_commit([&](std::uint64_t next) { seen = next; });
  ASSERT_TRUE(one(command_of(1)).ok());
  EXPECT_EQ(seen, 2U);
  ledger_->append({command_of(2), command_of(3)});
  EXPECT_EQ(seen, 4U);
}

}  // namespace
}  // namespace florin::ledger::contract::proofs_test
