#pragma once
/// Writes the whole log as static files after c2sp.org/tlog-tiles, from which any reader of that
/// standard (a monitor, a witness, Tessera's fsck) derives the signed root again.
#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "ledger/ledger.h"

namespace florin::ledger {

struct TlogSummary {
  std::filesystem::path directory;
  std::uint64_t size = 0;
  Hash32 root{};
  std::uint64_t files = 0;
};

/// Writes what `signed_note` covers, from the first entry on: `checkpoint`, `key.vkey` (verifier
/// key of c2sp.org/signed-note), `pub.pem`, `tile/entries/…` and `tile/<level>/…`. Equal arguments
/// give equal bytes. Written to `<directory>.partial`, then renamed; after a failure nothing is
/// left. Blocks on the disk. Errors: `validation_failed` (directory exists), `signature_invalid`,
/// `unavailable` (reads do not see all entries yet), `ledger_mismatch`, `io_failure`.
Result<TlogSummary> export_tlog(const Ledger& ledger, const std::filesystem::path& directory,
                                BytesView public_key_der, const std::string& signed_note);

/// The path of a tile's or bundle's number: 1234067 is "x001/x234/067".
std::string tlog_number_path(std::uint64_t number);

}  // namespace florin::ledger
