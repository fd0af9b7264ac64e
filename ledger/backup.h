#pragma once
/// Writes a backup (ledger/FORMAT.md, "Backup"): copies of ledgers that go on being written, and
/// whatever else is handed in, under a signed list. Only the log and the checkpoints of a ledger
/// are copied; its database is made anew from them.
#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/signature.h"
#include "ledger/ledger.h"

namespace florin::ledger {

struct BackupSummary {
  std::filesystem::path directory;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t ledgers = 0;
  std::uint64_t entries = 0;  ///< of all ledgers
  Hash32 manifest_sha256{};   ///< names the whole backup
};

/// A directory `<name>.partial` that becomes `<name>` when all went well and vanishes otherwise.
/// One thread at a time. Errors of all members: `io_failure`, `overloaded` (the disk is nearly
/// full), `shutting_down` (`cancelled` was set).
class BackupDirectory {
 public:
  /// `cancelled` outlives it. Error: `state_conflict` when the name exists.
  static Result<std::unique_ptr<BackupDirectory>> create(const std::filesystem::path& parent,
                                                         const std::string& name,
                                                         const std::atomic<bool>& cancelled);
  ~BackupDirectory();
  BackupDirectory(const BackupDirectory&) = delete;
  BackupDirectory& operator=(const BackupDirectory&) = delete;

  /// Copies the log of `ledger` up to `extent`, which came from it, and its checkpoints up to
  /// there. `path` is that of its directory below the data directory. Errors: `ledger_corrupt`,
  /// `ledger_mismatch` when log and extent do not fit.
  Result<void> add_ledger(const Ledger& ledger, const DurableLog& extent, const std::string& path);
  /// Makes `path` (below the data directory) and lets `write` fill it with files.
  Result<void> add_directory(
      const std::string& path,
      const std::function<Result<void>(const std::filesystem::path&)>& write);
  /// A file of the data directory with this content.
  Result<void> add_file(const std::string& path, std::string_view text);
  /// Writes list, manifest and signature, flushes everything and renames.
  Result<BackupSummary> publish(const std::string& id, UnixNanos created_at, Signer& signer);

 private:
  struct State;
  explicit BackupDirectory(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace florin::ledger
