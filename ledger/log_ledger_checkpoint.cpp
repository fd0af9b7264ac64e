#include <future>

#include "base/log.h"
#include "ledger/checkpoint_files.h"
#include "ledger/log_ledger.h"
#include "ledger/verify/merkle.h"

namespace florin::ledger {
namespace {

constexpr std::size_t kProofBatch = 1000;

}  // namespace

Result<CompactRange> LogLedger::wait_for_visible_tree() {
  std::uint64_t size = 0;
  {
    const std::lock_guard lock(state_mutex_);
    size = durable_tree_.size();
    if (visible_tree_.size() >= size) return visible_tree_;
  }
  auto promise = std::make_shared<std::promise<Result<void>>>();
  auto visible = promise->get_future();
  wait_visible(size - 1, [promise](Result<void> done) { promise->set_value(std::move(done)); });
  FLORIN_TRY_VOID(visible.get());
  const std::lock_guard lock(state_mutex_);
  return visible_tree_;
}

// The auditor's check, made before he has to: a proof from the stored tiles, judged by the verifier
// against the root of the note that was signed last.
Result<void> LogLedger::verify_continuation(const CompactRange& target) const {
  if (!parts_.last_note.has_value()) return {};
  FLORIN_TRY(const auto last, verify::parse_note(*parts_.last_note));
  FLORIN_TRY(const auto proof, consistency_proof(last.checkpoint.size, target.size()));
  auto verified = verify::verify_consistency(last.checkpoint.size, target.size(),
                                             last.checkpoint.root, target.root(), proof);
  if (verified.ok()) return {};
  return Error(Errc::ledger_mismatch, {},
               "The ledger is not consistent with its last signed checkpoint.",
               "size " + std::to_string(target.size()) + ": " + verified.error().message());
}

// And from the leaves: grows the tree that was signed last by the entries that are stored since,
// hashed anew. That it arrives at the tree to be signed proves that those entries are what is
// signed.
Result<CompactRange> LogLedger::proven_tree(const CompactRange& target) const {
  CompactRange tree = parts_.signed_tree;
  while (tree.size() < target.size()) {
    FLORIN_TRY(const auto views, entries(tree.size(), kProofBatch));
    if (views.empty()) break;
    for (const EntryView& view : views) {
      if (tree.size() < target.size()) tree.append(merkle_leaf_hash(view.leaf));
    }
  }
  if (tree.size() != target.size() || tree.root() != target.root()) {
    return Error(Errc::ledger_mismatch, {},
                 "The ledger is not consistent with its last signed checkpoint.",
                 "size " + std::to_string(target.size()));
  }
  return tree;
}

Result<std::uint64_t> LogLedger::checkpoint(Signer& signer) {
  const std::lock_guard lock(checkpoint_mutex_);
  FLORIN_TRY(const CompactRange target, wait_for_visible_tree());
  if (target.size() <= parts_.signed_tree.size()) return parts_.signed_tree.size();
  FLORIN_TRY_VOID(verify_continuation(target));
  FLORIN_TRY(CompactRange proven, proven_tree(target));
  const verify::Checkpoint checkpoint{parts_.options.origin, proven.size(), proven.root()};
  const Bytes public_key = signer.public_key_der();
  FLORIN_TRY(const Bytes signature, signer.sign(view_of(verify::checkpoint_text(checkpoint))));
  const std::string text = verify::format_note(checkpoint, public_key, signature);
  // What leaves the house is read back with the verifier's eyes first.
  FLORIN_TRY(const verify::SignedNote note, verify::parse_note(text));
  FLORIN_TRY_VOID(verify::verify_note(note, public_key));
  FLORIN_TRY_VOID(store_checkpoint(parts_.options.directory / "cp", proven.size(), text));
  parts_.last_note = text;
  parts_.signed_tree = std::move(proven);
  const std::lock_guard state_lock(state_mutex_);
  signed_size_ = parts_.signed_tree.size();
  return signed_size_;
}

Result<std::optional<std::string>> LogLedger::last_checkpoint() const {
  const std::lock_guard lock(checkpoint_mutex_);
  return parts_.last_note;
}

}  // namespace florin::ledger
