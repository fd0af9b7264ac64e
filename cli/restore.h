#pragma once
/// `florin backup restore`: makes a data directory of a verified backup. Needs no daemon and no
/// security module; what needs keys is done by the daemon's next start.
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/verify/backup.h"

namespace florin::cli {

struct RestoreOptions {
  std::filesystem::path backup;
  std::filesystem::path target;                ///< must be absent or empty
  std::optional<std::string> public_key_pem;   ///< see verify::BackupOptions
  std::map<std::string, std::uint64_t> sizes;  ///< ledger name to the number of entries it keeps
};

struct RestoreSummary {
  verify::BackupReport report;                   ///< when it has findings, nothing was written
  std::map<std::string, std::uint64_t> entries;  ///< by ledger name
  std::uint64_t files = 0;
  bool deliveries = false;  ///< the deliveries of webhooks were restored
};

/// Durable when it returns. Errors: `state_conflict` (the target is not empty), `malformed_value`
/// (a ledger or size that the backup has not), `not_found`, `io_failure`; a target that was begun
/// stays, with the file `restoring` in it, which keeps the daemon from starting on it.
Result<RestoreSummary> restore_backup(const RestoreOptions& options);

}  // namespace florin::cli
