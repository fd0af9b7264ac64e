#include "ledger/roll_forward.h"

#include <algorithm>

#include "base/log.h"
#include "ledger/limits.h"
#include "ledger/projection.h"

namespace florin::ledger {
namespace {

// So many of the newest entries are compared byte for byte between log and LMDB.
constexpr std::uint64_t kComparedEntries = 4096;
// Larger transactions than the writer's: fewer flushes. The changed pages of one stay in memory.
constexpr std::uint64_t kReplayedPerCommit = 8192;
constexpr std::uint64_t kEntriesPerReport = 4096;
constexpr std::int64_t kLogEvery_ns = 5 * kNanosPerSecond;

std::string end_of(const LogEnd& end) {
  return "The log ends at entry " + std::to_string(end.entries) +
         (end.place.empty() ? std::string() : " (" + end.place + ")");
}

}  // namespace

RollForward::RollForward(Store& store, const Known& known, const Clock& clock)
    : store_(store),
      known_(known),
      clock_(clock),
      logged_ns_(clock.monotonic_ns()),
      tip_(store.opened_at()) {}

Result<void> RollForward::visit(const ScannedEntry& entry) {
  const std::uint64_t seq = entry.record.leaf.seq;
  if (seq < store_.opened_at().next_seq) {
    FLORIN_TRY_VOID(compare(entry));
    edge_.append(entry.record.leaf_hash);  // the database has the tiles that it completes
  } else {
    FLORIN_TRY_VOID(replay(entry));
  }
  tree_.append(entry.record.leaf_hash);
  ++progress_.entries;
  if (progress_.entries % kEntriesPerReport == 0) report(entry);
  return check_heads(entry);
}

Result<void> RollForward::check_heads(const ScannedEntry& entry) {
  if (known_.checkpoint.has_value() && tree_.size() == known_.checkpoint->note.checkpoint.size) {
    if (tree_.root() != known_.checkpoint->note.checkpoint.root) {
      return Error(Errc::ledger_mismatch, {}, "The log differs from its last signed checkpoint.",
                   entry.place());
    }
    signed_tree_ = tree_;
  }
  if (known_.anchor.has_value() && tree_.size() == known_.anchor->size &&
      tree_.root() != known_.anchor->root) {
    return Error(Errc::ledger_mismatch, {},
                 "The log has another content than the anchored one: its root at size " +
                     std::to_string(known_.anchor->size) + " differs.",
                 entry.place());
  }
  return {};
}

Result<void> RollForward::finish(const LogEnd& end) {
  if (end.entries < store_.opened_at().next_seq) {
    return Error(Errc::ledger_mismatch, {},
                 end_of(end) + ", the database knows entries up to " +
                     std::to_string(store_.opened_at().next_seq) + ".");
  }
  if (known_.checkpoint.has_value() &&
      signed_tree_.size() != known_.checkpoint->note.checkpoint.size) {
    return Error(Errc::ledger_mismatch, {},
                 end_of(end) + ", its last signed checkpoint has size " +
                     std::to_string(known_.checkpoint->note.checkpoint.size) + ".");
  }
  if (known_.anchor.has_value() && end.entries < known_.anchor->size) {
    return Error(Errc::ledger_mismatch, {},
                 end_of(end) + ", the anchor has size " + std::to_string(known_.anchor->size) +
                     ": this is an older state.");
  }
  if (known_.progress) {
    progress_.bytes_done = progress_.bytes_total;
    known_.progress(progress_);
  }
  return commit();
}

Result<void> RollForward::compare(const ScannedEntry& entry) {
  const std::uint64_t seq = entry.record.leaf.seq;
  const Tip& database = store_.opened_at();
  const auto differs = [&entry] {
    return Error(Errc::ledger_mismatch, {}, "The database differs from the log.", entry.place());
  };
  if (seq + 1 == database.next_seq && (entry.record.leaf_hash != database.leaf_hash ||
                                       entry.record.leaf.booked_at != database.booked_at)) {
    return differs();
  }
  if (seq + kComparedEntries < database.next_seq) return {};
  FLORIN_TRY(const auto stored, store_.stored_frame(seq));
  ByteWriter expected;
  expected.u64(entry.segment);
  expected.raw(entry.frame_bytes);
  if (!stored.has_value() || !std::ranges::equal(*stored, expected.view())) return differs();
  return {};
}

Result<void> RollForward::replay(const ScannedEntry& entry) {
  if (!transaction_.has_value()) {
    FLORIN_TRY(auto transaction, store_.environment().write());
    transaction_.emplace(std::move(transaction));
  }
  FLORIN_TRY_VOID(project(*transaction_, store_.tables(), store_.keyring(), store_.projectors(),
                          entry.record, {entry.segment, entry.frame}, tip_, edge_));
  FLORIN_TRY_VOID(store_frame(*transaction_, store_.tables(), entry.record.leaf.seq, entry.segment,
                              entry.frame_bytes, tip_));
  ++progress_.replayed;
  if (++uncommitted_entries_ < kReplayedPerCommit) return {};
  return commit();
}

Result<void> RollForward::commit() {
  if (!transaction_.has_value()) return {};
  FLORIN_TRY_VOID(write_tip(*transaction_, store_.tables(), tip_, store_.projectors().version));
  Result<void> committed = transaction_->commit();
  transaction_.reset();
  uncommitted_entries_ = 0;
  return committed;
}

void RollForward::report(const ScannedEntry& entry) {
  progress_.bytes_done = entry.bytes_done;
  progress_.bytes_total = entry.bytes_total;
  if (known_.progress) known_.progress(progress_);
  const std::int64_t now_ns = clock_.monotonic_ns();
  if (now_ns - logged_ns_ < kLogEvery_ns) return;
  logged_ns_ = now_ns;
  log(LogLevel::info, "ledger.opening",
      {{"log", entry.file.parent_path().string()},
       {"entries", progress_.entries},
       {"replayed", progress_.replayed},
       {"bytes", progress_.bytes_done},
       {"of_bytes", progress_.bytes_total},
       {"percent",
        progress_.bytes_done * 100 / std::max<std::uint64_t>(progress_.bytes_total, 1)}});
}

}  // namespace florin::ledger
