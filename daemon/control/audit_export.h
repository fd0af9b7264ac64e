#pragma once
/// Export packages for auditors.
#include <filesystem>

#include "base/json.h"
#include "ledger/tenant_ledger.h"

namespace florin::control {

/// Signs the head of the ledger and writes `<parent>/<name>`. Waits for signer and disk.
/// Errors: `malformed_value` (name), `state_conflict` when the name exists, those of the ledger.
Result<json::object> export_audit(const ledger::TenantLedger& ledger, Signer& signer,
                                  const std::filesystem::path& parent, const std::string& name);

}  // namespace florin::control
