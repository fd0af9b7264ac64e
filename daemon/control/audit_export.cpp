#include "daemon/control/audit_export.h"

#include <algorithm>

#include "ledger/export.h"

namespace florin::control {
namespace {

// A name is one path component that cannot be mistaken for an option or hidden.
Result<void> check_export_name(const std::string& name) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const bool good = !name.empty() && name.size() <= 64 && alphanumeric(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return alphanumeric(c) || c == '-' || c == '_' || c == '.';
                    });
  if (good) return {};
  return Error(Errc::malformed_value, "/name",
               "expected 1 to 64 letters, digits, hyphens, underscores and full stops");
}

}  // namespace

Result<json::object> export_audit(const ledger::TenantLedger& ledger, Signer& signer,
                                  const std::filesystem::path& parent, const std::string& name) {
  FLORIN_TRY_VOID(check_export_name(name));
  if (std::error_code error; std::filesystem::exists(parent / name, error)) {
    return Error(Errc::state_conflict, "/name", "an export of this name exists");
  }
  FLORIN_TRY_VOID(ledger.books->checkpoint(signer));
  FLORIN_TRY(std::optional<std::string> note, ledger.books->last_checkpoint());
  if (!note) return Error(Errc::unavailable, {}, "the ledger has no signed checkpoint yet");
  FLORIN_TRY(ledger::ExportSummary summary,
             ledger::export_package(*ledger.books, {.directory = parent / name},
                                    signer.public_key_der(), *note));
  return json::object{{"directory", summary.directory.string()},
                      {"entries", summary.entries},
                      {"size", summary.size},
                      {"root", to_hex(summary.root)},
                      {"sha256", to_hex(summary.sums_sha256)}};
}

}  // namespace florin::control
