#include "ledger/open.h"

#include "base/log.h"
#include "ledger/log_ledger.h"
#include "ledger/restored.h"
#include "ledger/roll_forward.h"

namespace florin::ledger {
namespace {

Result<void> remove_unfinished(const std::filesystem::path& directory) {
  std::error_code failure;
  std::vector<std::filesystem::path> unfinished;
  for (std::filesystem::directory_iterator at(directory, failure), end; !failure && at != end;
       at.increment(failure)) {
    if (at->path().extension() == ".new") unfinished.push_back(at->path());
  }
  for (const auto& path : unfinished) {
    if (!failure) std::filesystem::remove(path, failure);
  }
  if (failure) {
    return Error(Errc::io_failure, {}, {}, directory.string() + ": " + failure.message());
  }
  return {};
}

// Whoever can write the directory can write a note; only the appliance's key can sign it.
Result<void> check_signature(const std::optional<StoredCheckpoint>& checkpoint,
                             const OpenOptions& options) {
  if (!checkpoint.has_value() || options.checkpoint_key_der.empty()) return {};
  const auto good = verify::verify_note(checkpoint->note, options.checkpoint_key_der);
  if (good.ok()) return {};
  return Error(Errc::ledger_mismatch, {},
               "The checkpoint of size " + std::to_string(checkpoint->note.checkpoint.size) +
                   " is not signed by the audit key of this appliance.",
               good.error().to_log());
}

// A segment of an earlier run is never continued, so nobody needs to write it.
Result<void> seal_earlier(const std::filesystem::path& directory, const LogEnd& end,
                          LogFiles& files) {
  for (const SealedSegment& segment : end.sealed) {
    const std::filesystem::path path = directory / segment.file;
    std::error_code failure;
    const auto permissions = std::filesystem::status(path, failure).permissions();
    if (failure) return Error(Errc::io_failure, {}, {}, path.string() + ": " + failure.message());
    using std::filesystem::perms;
    if ((permissions & (perms::owner_write | perms::group_write | perms::others_write)) ==
        perms::none) {
      continue;
    }
    FLORIN_TRY_VOID(files.seal(path));
  }
  return {};
}

Command genesis_command(const Clock& clock, Entropy& entropy) {
  Command command;
  command.entry_id = new_uuid(clock, entropy);
  command.type = EntryType::genesis;
  command.origin = Origin::system;
  command.note = "ledger created";
  return command;
}

std::optional<std::uint64_t> cut_of(const std::optional<verify::RestoreMarker>& marker) {
  if (!marker.has_value() || !marker->cut) return std::nullopt;
  return marker->entries;
}

// The command that says so in the books after a restore, unless an earlier start wrote it already
// and only could not remove the marker any more.
Result<std::optional<Command>> first_after_restore(
    const std::optional<verify::RestoreMarker>& marker, const LogEnd& end, RecoveryTrace& trace,
    const Clock& clock, Entropy& entropy) {
  if (!marker.has_value()) return std::optional<Command>();
  if (end.entries == marker->entries && end.entries > 0) {
    Command command = restored_command(*marker, clock, entropy);
    trace.expect(command);
    return std::optional<Command>(std::move(command));
  }
  if (trace.restored_at(marker->entries)) return std::optional<Command>();
  return Error(Errc::ledger_mismatch, {},
               "The log ends at entry " + std::to_string(end.entries) +
                   ", the restore was made for " + std::to_string(marker->entries) + ".");
}

void log_opened(const LedgerParts& parts, const LogEnd& end, std::uint64_t replayed,
                std::int64_t duration_ns) {
  log(LogLevel::info, "ledger.opened",
      {{"directory", parts.options.directory.string()},
       {"mode", mode_name(parts.options.mode)},
       {"entries", end.entries},
       {"segments", end.segments},
       {"replayed", replayed},
       {"signed_size", parts.signed_tree.size()},
       {"unsigned_entries", end.entries - parts.signed_tree.size()},
       {"torn_tail", end.torn},
       {"duration_ms", duration_ns / kNanosPerMilli}});
}

}  // namespace

Result<std::unique_ptr<Ledger>> open_ledger(OpenOptions options,
                                            std::shared_ptr<const TenantKeys> keys,
                                            const ProjectorSet& projectors, const Clock& clock,
                                            Entropy& entropy, LogFiles& files) {
  const std::int64_t started_ns = clock.monotonic_ns();
  const std::filesystem::path directory = options.directory;
  FLORIN_TRY(Descriptor lock, lock_directory(directory));
  for (const char* part : {"log", "cp"}) {
    FLORIN_TRY_VOID(ensure_directory(directory / part));
    FLORIN_TRY_VOID(remove_unfinished(directory / part));
  }
  FLORIN_TRY(const auto marker, read_restore_marker(directory));
  FLORIN_TRY(const auto checkpoint, read_last_checkpoint(directory / "cp", options.origin));
  FLORIN_TRY_VOID(check_signature(checkpoint, options));
  FLORIN_TRY(Secret fingerprint_key, keys->index_key("command-fingerprint/1"));
  auto keyring = std::make_unique<SegmentKeyring>(std::move(keys), projectors.version);
  FLORIN_TRY(auto store, Store::open(directory / "proj", options.map_bytes, *keyring, projectors));
  // A restored log is older than what was anchored, which is why its books are not open yet.
  if (marker.has_value()) options.anchor.reset();
  RollForward roll(*store, {checkpoint, options.anchor, options.progress}, clock);
  RecoveryTrace trace;
  const auto visit = [&](const ScannedEntry& entry) {
    trace.observe(entry.record.leaf);
    return roll.visit(entry);
  };
  FLORIN_TRY(LogEnd end, scan_log(directory / "log", options.tenant, options.mode, *keyring, visit,
                                  cut_of(marker)));
  FLORIN_TRY_VOID(roll.finish(end));
  FLORIN_TRY_VOID(seal_earlier(directory / "log", end, files));
  FLORIN_TRY(const auto restored, first_after_restore(marker, end, trace, clock, entropy));
  options.origin = trace.origin(options.origin);
  auto segments = std::make_unique<SegmentWriter>(directory / "log", files, options.segment_bytes,
                                                  end.next_segment, end.previous);
  std::optional<std::string> last_note;
  if (checkpoint.has_value()) last_note = checkpoint->text;
  LedgerParts parts{std::move(options),
                    std::move(lock),
                    std::move(keyring),
                    std::move(store),
                    std::move(segments),
                    std::move(fingerprint_key),
                    roll.tip(),
                    roll.tree(),
                    roll.signed_tree(),
                    std::move(last_note),
                    std::move(end.sealed),
                    restored.has_value() && marker->cut,
                    files};
  parts.edge = roll.edge();
  log_opened(parts, end, roll.replayed(), clock.monotonic_ns() - started_ns);
  std::unique_ptr<Ledger> ledger = std::make_unique<LogLedger>(std::move(parts), clock, entropy);
  if (end.entries == 0) {
    FLORIN_TRY_VOID(ledger->append({genesis_command(clock, entropy)}).front());
  }
  if (restored.has_value()) {
    FLORIN_TRY_VOID(ledger->append({*restored}).front());
    FLORIN_TRY_VOID(ledger->catch_up());
  }
  if (marker.has_value()) FLORIN_TRY_VOID(remove_restore_marker(directory));
  return ledger;
}

Result<std::unique_ptr<Ledger>> Ledger::open(OpenOptions options,
                                             std::shared_ptr<const TenantKeys> keys,
                                             const ProjectorSet& projectors, const Clock& clock,
                                             Entropy& entropy) {
  // Stateless, so it may be shared and outlives every ledger.
  static PosixLogFiles files;
  return open_ledger(std::move(options), std::move(keys), projectors, clock, entropy, files);
}

}  // namespace florin::ledger
