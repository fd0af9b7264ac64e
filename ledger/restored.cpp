#include "ledger/restored.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ledger/files.h"
#include "ledger/verify/note.h"

namespace florin::ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRestoredSuffix = "/r";

Result<std::vector<fs::path>> notes_in(const fs::path& directory) {
  std::vector<fs::path> out;
  std::error_code failure;
  for (fs::directory_iterator at(directory, failure), end; !failure && at != end;
       at.increment(failure)) {
    if (at->path().extension() == ".note") out.push_back(at->path());
  }
  if (failure) {
    return Error(Errc::io_failure, {}, {}, directory.string() + ": " + failure.message());
  }
  return out;
}

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

Result<void> supersede_checkpoints(const fs::path& directory, verify::RestoreMarker& marker) {
  FLORIN_TRY(const auto paths, notes_in(directory));
  const fs::path superseded = directory / "superseded";
  for (const fs::path& path : paths) {
    FLORIN_TRY(const Bytes bytes, read_file(path));
    const auto note = verify::parse_note(text_of(bytes));
    if (!note.ok()) {
      return Error(Errc::ledger_corrupt, {},
                   "The checkpoint " + path.filename().string() + " is not well formed.",
                   note.error().message());
    }
    if (note->checkpoint.size <= marker.entries) continue;
    FLORIN_TRY_VOID(ensure_directory(superseded));
    FLORIN_TRY_VOID(publish_file(path, superseded / path.filename()));
    if (note->checkpoint.size > marker.signed_size) {
      marker.signed_size = note->checkpoint.size;
      marker.signed_root = note->checkpoint.root;
    }
  }
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
