#pragma once
/// What a restore leaves for the next start, and what it means for the books from then on
/// (docs/adr/0010). Private to the room.
#include <filesystem>
#include <optional>
#include <string>

#include "base/entropy.h"
#include "ledger/command.h"
#include "ledger/verify/leaf.h"
#include "ledger/verify/restore_marker.h"

namespace florin::ledger {

/// The marker in a ledger's directory. Error: `ledger_corrupt` when it is damaged.
Result<std::optional<verify::RestoreMarker>> read_restore_marker(
    const std::filesystem::path& directory);
/// Durable when it returns.
Result<void> remove_restore_marker(const std::filesystem::path& directory);

/// The entry that a start after a restore writes first.
Command restored_command(const verify::RestoreMarker& marker, const Clock& clock, Entropy& entropy);

/// Follows the recovery entries of a log.
class RecoveryTrace {
 public:
  void observe(const verify::Leaf& leaf);
  /// As if the entry of this command were observed.
  void expect(const Command& restored) { count(restored.entry_id); }

  /// True when entry `seq` says restored.
  [[nodiscard]] bool restored_at(std::uint64_t seq) const noexcept { return last_seq_ == seq; }
  /// The origin line of checkpoints from now on: that of a ledger which was never restored, and
  /// behind it how often it was and which restore was the last.
  [[nodiscard]] std::string origin(const std::string& original) const;

 private:
  void count(const Uuid& entry_id);
  std::uint64_t restores_ = 0;
  Uuid last_id_;
  std::optional<std::uint64_t> last_seq_;
};

}  // namespace florin::ledger
