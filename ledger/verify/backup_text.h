#pragma once
/// The texts of a backup (ledger/FORMAT.md, "Backup"). Strict: one manifest has one spelling.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace florin::verify {

inline constexpr std::string_view kBackupFormat = "ledger-backup/1";
inline constexpr std::string_view kBackupManifestFile = "manifest.json";
inline constexpr std::string_view kBackupSignatureFile = "manifest.sig";
inline constexpr std::string_view kBackupKeyFile = "audit-key.pem";
inline constexpr std::string_view kBackupSumsFile = "SHA256SUMS";
/// What stands below this is laid out as the data directory.
inline constexpr std::string_view kBackupDataDirectory = "data";

struct BackupLedger {
  std::string path;    ///< below the data directory, e.g. "tenants/tnt_…/live/epoch-1"
  std::string tenant;  ///< 26 characters; of zeroes for the system ledger
  std::string mode;
  std::string origin;  ///< of its checkpoints
  std::uint64_t entries = 0;
  Hash32 root{};  ///< over these entries
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;        ///< of its segments
  std::uint64_t signed_size = 0;  ///< of the newest checkpoint in the backup, 0 when none
  Hash32 signed_root{};
  bool operator==(const BackupLedger&) const = default;
};

struct BackupManifest {
  std::string id;          ///< 26 characters
  std::string created_at;  ///< RFC 3339
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  Hash32 sums_sha256{};  ///< SHA-256 of SHA256SUMS, which names every file
  std::vector<BackupLedger> ledgers;
  bool operator==(const BackupManifest&) const = default;
};

std::string format_backup_manifest(const BackupManifest& manifest);
/// Error: `malformed_value`.
Result<BackupManifest> parse_backup_manifest(std::string_view text);

/// How people call a ledger of a backup: "system" or "<tenant id>/<mode>".
std::string backup_ledger_name(const BackupLedger& ledger);

/// True for what may stand in SHA256SUMS: a relative path of plain components.
bool is_backup_path(std::string_view path);

}  // namespace florin::verify
