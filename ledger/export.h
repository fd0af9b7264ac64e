#pragma once
/// Writes an export package: a directory from which an auditor proves, with tools that he has, that
/// the entries of a period are complete and unchanged (ledger/export_assets/README.txt).
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "ledger/ledger.h"

namespace florin::ledger {

struct ExportRequest {
  std::filesystem::path directory;  ///< is created; must not exist
  /// The period, both included; all that the checkpoint covers when absent.
  std::optional<std::uint64_t> from_seq{};
  std::optional<std::uint64_t> to_seq{};
  /// An older signed note that the package shall be shown to continue.
  std::optional<std::string> previous_checkpoint{};
};

struct ExportSummary {
  std::filesystem::path directory;
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  std::uint64_t size = 0;  ///< of the signed tree
  Hash32 root{};
  std::uint64_t entries = 0;
  std::uint64_t postings = 0;
  std::uint64_t accounts = 0;
  std::uint64_t bytes = 0;  ///< of all files
  Hash32 sums_sha256{};     ///< SHA-256 of SHA256SUMS: names the whole package
};

/// Exports what `signed_note` covers; equal arguments give equal bytes. Everything is verified on
/// the way out. Written to `<directory>.partial`, flushed, then renamed; after a failure nothing is
/// left. Blocks on the disk: not for the I/O thread. Errors: `validation_failed` (period, directory
/// exists), `signature_invalid`, `unavailable` (reads do not see all entries yet),
/// `ledger_mismatch`, `ledger_corrupt`, `io_failure`.
Result<ExportSummary> export_package(const Ledger& ledger, const ExportRequest& request,
                                     BytesView public_key_der, const std::string& signed_note);

}  // namespace florin::ledger
