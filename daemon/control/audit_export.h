#pragma once
/// What auditors take home: export packages, and proofs about one payment.
#include <filesystem>

#include "base/json.h"
#include "daemon/control/audit_period.h"
#include "ledger/tenant_ledger.h"

namespace florin::control {

struct ExportOrder {
  std::string name;
  PeriodAsked period{};
  std::string form{};  ///< "package", also when empty, or "tiles": see ledger/tlog_export.h
};

/// Signs the head of the ledger and writes `<parent>/<name>`. Tiles are always of the whole ledger.
/// Waits for signer and disk. Errors: `malformed_value` (name, form, period), `state_conflict` when
/// the name exists, those of the ledger.
Result<json::object> export_audit(const ledger::TenantLedger& ledger, Signer& signer,
                                  const std::filesystem::path& parent, const ExportOrder& order);

/// Signs the head of the ledger and proves every entry about `subject` against it; the member
/// `proof` is the text of a proof file. Waits for the signer. Errors: `not_found`, those of the
/// ledger.
Result<json::object> prove_audit(const ledger::TenantLedger& ledger, Signer& signer,
                                 const Uuid& subject);

}  // namespace florin::control
