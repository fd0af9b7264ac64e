#pragma once
/// Secrets in records, moved to the active version of a tenant's root.
#include "daemon/control/credential_directory.h"
#include "ledger/tenant_ledger.h"

namespace florin::control {

/// Seals every secret of the ledger's records that is under another version anew, each as a new
/// version of its record, reads it back and opens it. Goes on where an earlier run ended, since
/// what is done needs nothing. Returns how many it moved. Errors: `decryption_failed`,
/// `version_conflict` when somebody changed a record meanwhile (call again), those of the ledger.
Result<std::uint64_t> reseal_secrets(const ledger::TenantLedger& ledger,
                                     CredentialDirectory& directory, const Clock& clock,
                                     Entropy& entropy);
/// How many records have a secret under this version.
Result<std::uint64_t> count_sealed(const ledger::Ledger& books, std::uint32_t version);

}  // namespace florin::control
