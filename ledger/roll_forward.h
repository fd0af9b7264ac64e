#pragma once
/// Follows the log at start: compares it with what LMDB has, carries out what LMDB has not, grows
/// the tree and holds it against what is known of it. Private to the room.
#include <functional>
#include <optional>

#include "base/clock.h"
#include "ledger/anchor.h"
#include "ledger/checkpoint_files.h"
#include "ledger/log_scan.h"
#include "ledger/merkle.h"
#include "ledger/store.h"
#include "ledger/tiles.h"

namespace florin::ledger {

class RollForward {
 public:
  struct Known {
    const std::optional<StoredCheckpoint>& checkpoint;
    const std::optional<Anchor>& anchor;
    const std::function<void(const OpenProgress&)>& progress;
  };
  /// What it is given must outlive it.
  RollForward(Store& store, const Known& known, const Clock& clock);

  /// For each entry of the log, in order. Error: `ledger_mismatch`, those of the database.
  Result<void> visit(const ScannedEntry& entry);
  /// When the log is at its end. Error: `ledger_mismatch` when it is too short.
  Result<void> finish(const LogEnd& end);

  [[nodiscard]] const Tip& tip() const noexcept { return tip_; }
  [[nodiscard]] const TileEdge& edge() const noexcept { return edge_; }
  [[nodiscard]] const CompactRange& tree() const noexcept { return tree_; }
  [[nodiscard]] const CompactRange& signed_tree() const noexcept { return signed_tree_; }
  [[nodiscard]] std::uint64_t replayed() const noexcept { return progress_.replayed; }

 private:
  Result<void> compare(const ScannedEntry& entry);
  Result<void> replay(const ScannedEntry& entry);
  Result<void> check_heads(const ScannedEntry& entry);
  Result<void> commit();
  void report(const ScannedEntry& entry);

  Store& store_;
  Known known_;
  const Clock& clock_;
  std::int64_t logged_ns_;
  std::optional<lmdb::WriteTransaction> transaction_;
  std::uint64_t uncommitted_entries_ = 0;
  Tip tip_;
  TileEdge edge_;
  CompactRange tree_;
  CompactRange signed_tree_;
  OpenProgress progress_;
};

}  // namespace florin::ledger
