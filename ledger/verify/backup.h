#pragma once
/// Verifies a backup offline and without keys: sums, signature, and the order, length and checksums
/// of every ledger's segments.
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "ledger/verify/backup_text.h"
#include "ledger/verify/report.h"

namespace florin::verify {

struct BackupOptions {
  /// PEM of the key that must have signed, from a place that is trusted more than the backup.
  /// Without it the backup's own key is used, which proves only that it fits itself.
  std::optional<std::string> public_key_pem{};
};

struct BackupReport {
  std::vector<Finding> findings;
  BackupManifest manifest;                  ///< as far as it could be read
  std::map<std::string, std::string> sums;  ///< path to SHA-256 in hexadecimal, as listed
  bool key_trusted = false;
  std::string key_sha256;  ///< of the DER SubjectPublicKeyInfo, hexadecimal
  [[nodiscard]] bool ok() const noexcept { return findings.empty(); }
};

/// Reads only. What is wrong with the backup is in the report; errors are what keeps us from
/// looking: `not_found` (no such directory), `malformed_value` (an unusable key).
Result<BackupReport> verify_backup(const std::filesystem::path& directory,
                                   const BackupOptions& options = {});

}  // namespace florin::verify
