#include "ledger/open.h"

#include <algorithm>

#include "base/log.h"
#include "ledger/checkpoint_files.h"
#include "ledger/limits.h"
#include "ledger/log_ledger.h"
#include "ledger/log_scan.h"
#include "ledger/projection.h"

namespace florin::ledger {
namespace {

// So many of the newest entries are compared byte for byte between log and LMDB.
constexpr std::uint64_t kComparedEntries = 4096;

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

// Follows the log: compares it with what LMDB has, carries out what LMDB has not, grows the tree.
class RollForward {
 public:
  RollForward(Store& store, const std::optional<StoredCheckpoint>& checkpoint)
      : store_(store), checkpoint_(checkpoint), tip_(store.opened_at()) {}

  Result<void> visit(const ScannedEntry& entry) {
    const std::uint64_t seq = entry.record.leaf.seq;
    FLORIN_TRY_VOID(seq < store_.opened_at().next_seq ? compare(entry) : replay(entry));
    tree_.append(entry.record.leaf_hash);
    if (checkpoint_.has_value() && tree_.size() == checkpoint_->note.checkpoint.size) {
      if (tree_.root() != checkpoint_->note.checkpoint.root) {
        return Error(Errc::ledger_mismatch, {}, "The log differs from its last signed checkpoint.",
                     entry.place);
      }
      signed_tree_ = tree_;
    }
    return {};
  }

  Result<void> finish(const LogEnd& end) {
    if (end.entries < store_.opened_at().next_seq) {
      return Error(Errc::ledger_mismatch, {},
                   "The log ends at entry " + std::to_string(end.entries) + place_of(end) +
                       ", the database knows entries up to " +
                       std::to_string(store_.opened_at().next_seq) + ".");
    }
    if (checkpoint_.has_value() && signed_tree_.size() != checkpoint_->note.checkpoint.size) {
      return Error(Errc::ledger_mismatch, {},
                   "The log ends at entry " + std::to_string(end.entries) + place_of(end) +
                       ", its last signed checkpoint has size " +
                       std::to_string(checkpoint_->note.checkpoint.size) + ".");
    }
    return commit();
  }

  [[nodiscard]] const Tip& tip() const noexcept { return tip_; }
  [[nodiscard]] const CompactRange& tree() const noexcept { return tree_; }
  [[nodiscard]] const CompactRange& signed_tree() const noexcept { return signed_tree_; }
  [[nodiscard]] std::uint64_t replayed() const noexcept { return replayed_; }

 private:
  static std::string place_of(const LogEnd& end) {
    return end.place.empty() ? std::string() : " (" + end.place + ")";
  }

  Result<void> compare(const ScannedEntry& entry) {
    const std::uint64_t seq = entry.record.leaf.seq;
    const Tip& known = store_.opened_at();
    const auto differs = [&entry] {
      return Error(Errc::ledger_mismatch, {}, "The database differs from the log.", entry.place);
    };
    if (seq + 1 == known.next_seq && (entry.record.leaf_hash != known.leaf_hash ||
                                      entry.record.leaf.booked_at != known.booked_at)) {
      return differs();
    }
    if (seq + kComparedEntries < known.next_seq) return {};
    FLORIN_TRY(const auto stored, store_.stored_frame(seq));
    ByteWriter expected;
    expected.u64(entry.segment);
    expected.raw(entry.frame_bytes);
    if (!stored.has_value() || !std::ranges::equal(*stored, expected.view())) return differs();
    return {};
  }

  Result<void> replay(const ScannedEntry& entry) {
    if (!transaction_.has_value()) {
      FLORIN_TRY(auto transaction, store_.environment().write());
      transaction_.emplace(std::move(transaction));
    }
    FLORIN_TRY_VOID(project(*transaction_, store_.tables(), store_.keyring(), store_.projectors(),
                            entry.record, {entry.segment, entry.frame}, tip_));
    FLORIN_TRY_VOID(store_frame(*transaction_, store_.tables(), entry.record.leaf.seq,
                                entry.segment, entry.frame_bytes, tip_));
    ++replayed_;
    return replayed_ % kMaxUncommittedEntries == 0 ? commit() : Result<void>{};
  }

  Result<void> commit() {
    if (!transaction_.has_value()) return {};
    FLORIN_TRY_VOID(write_tip(*transaction_, store_.tables(), tip_, store_.projectors().version));
    Result<void> committed = transaction_->commit();
    transaction_.reset();
    return committed;
  }

  Store& store_;
  const std::optional<StoredCheckpoint>& checkpoint_;
  std::optional<lmdb::WriteTransaction> transaction_;
  Tip tip_;
  CompactRange tree_;
  CompactRange signed_tree_;
  std::uint64_t replayed_ = 0;
};

Command genesis_command(const Clock& clock, Entropy& entropy) {
  Command command;
  command.entry_id = new_uuid(clock, entropy);
  command.type = EntryType::genesis;
  command.origin = Origin::system;
  command.note = "ledger created";
  return command;
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
  FLORIN_TRY(const auto checkpoint, read_last_checkpoint(directory / "cp", options.origin));
  FLORIN_TRY(Secret fingerprint_key, keys->derive("command-fingerprint/1"));
  auto keyring = std::make_unique<SegmentKeyring>(std::move(keys), projectors.version);
  FLORIN_TRY(auto store, Store::open(directory / "proj", options.map_bytes, *keyring, projectors));
  RollForward roll(*store, checkpoint);
  FLORIN_TRY(const LogEnd end,
             scan_log(directory / "log", options.tenant, options.mode, *keyring,
                      [&roll](const ScannedEntry& entry) { return roll.visit(entry); }));
  FLORIN_TRY_VOID(roll.finish(end));
  auto segments = std::make_unique<SegmentWriter>(directory / "log", files, options.segment_bytes,
                                                  end.next_segment, end.previous_end);
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
                    files};
  log_opened(parts, end, roll.replayed(), clock.monotonic_ns() - started_ns);
  std::unique_ptr<Ledger> ledger = std::make_unique<LogLedger>(std::move(parts), clock, entropy);
  if (end.entries == 0) {
    FLORIN_TRY_VOID(ledger->append({genesis_command(clock, entropy)}).front());
  }
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
