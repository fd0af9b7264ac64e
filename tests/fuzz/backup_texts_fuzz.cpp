// Texts of a backup and of a restore: what parses has exactly one spelling.
#include "base/check.h"
#include "ledger/verify/backup_text.h"
#include "ledger/verify/restore_marker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace florin::verify;  // NOLINT(google-build-using-namespace)
  const std::string_view text = florin::text_of({data, size});
  if (const auto manifest = parse_backup_manifest(text); manifest.ok()) {
    FLORIN_ASSERT(format_backup_manifest(*manifest) == text);
    for (const BackupLedger& ledger : manifest->ledgers) {
      FLORIN_ASSERT(is_backup_path(ledger.path));
      FLORIN_ASSERT(!backup_ledger_name(ledger).empty());
    }
  }
  if (const auto marker = parse_restore_marker(text); marker.ok()) {
    FLORIN_ASSERT(format_restore_marker(*marker) == text);
  }
  if (is_backup_path(text)) FLORIN_ASSERT(text.find("..") != 0 && text.front() != '/');
  return 0;
}
