#include "ledger/restored.h"

#include <fmt/format.h>

#include "ledger/files.h"

namespace florin::ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRestoredSuffix = "/r";

}  // namespace

Result<std::optional<verify::RestoreMarker>> read_restore_marker(const fs::path& directory) {
  const fs::path path = directory / verify::kRestoreMarkerFile;
  std::error_code failure;
  if (!fs::exists(path, failure)) return std::optional<verify::RestoreMarker>();
  FLORIN_TRY(const Bytes bytes, read_file(path));
  auto marker = verify::parse_restore_marker(text_of(bytes));
  if (!marker.ok()) {
    return Error(Errc::ledger_corrupt, {}, "The restore marker is damaged.",
                 path.string() + ": " + marker.error().message());
  }
  return std::optional<verify::RestoreMarker>(std::move(*marker));
}

Result<void> remove_restore_marker(const fs::path& directory) {
  const fs::path path = directory / verify::kRestoreMarkerFile;
  std::error_code failure;
  fs::remove(path, failure);
  if (failure) return Error(Errc::io_failure, {}, {}, path.string() + ": " + failure.message());
  return sync_directory(directory);
}

Command restored_command(const verify::RestoreMarker& marker, const Clock& clock,
                         Entropy& entropy) {
  Command command;
  command.entry_id = new_uuid(clock, entropy);
  command.type = EntryType::recovery;
  command.origin = Origin::system;
  command.note = fmt::format("restored from backup {}", marker.backup);
  command.recovery = RecoveryRecord{.step = RecoveryStep::restored,
                                    .signed_size = marker.signed_size,
                                    .signed_root = marker.signed_root};
  return command;
}

void RecoveryTrace::observe(const verify::Leaf& leaf) {
  if (!leaf.recovery.has_value()) return;
  if (leaf.recovery->step == verify::RecoveryStep::restored) {
    count(leaf.entry_id);
    last_seq_ = leaf.seq;
  }
}

void RecoveryTrace::count(const Uuid& entry_id) {
  ++restores_;
  last_id_ = entry_id;
}

// The number alone would not do: two restores of one backup have the same number, and what they
// sign contradicts each other.
std::string RecoveryTrace::origin(const std::string& original) const {
  if (restores_ == 0) return original;
  return fmt::format("{}{}{}-{}", original, kRestoredSuffix, restores_,
                     to_hex(last_id_.view().last(4)));
}

bool is_origin_of(std::string_view origin, std::string_view original) {
  if (!origin.starts_with(original)) return false;
  origin.remove_prefix(original.size());
  return origin.empty() || origin.starts_with(kRestoredSuffix);
}

}  // namespace florin::ledger
