#pragma once
/// Which tenant, mode and merchant a key id belongs to. Kept in memory: the key id is the first
/// thing a request tells, before any tenant is known.
#include <map>
#include <mutex>
#include <optional>

#include "daemon/domain/records.h"
#include "ledger/tenant_ledger.h"

namespace florin::control {

struct KnownCredential {
  ledger::TenantLedger ledger;
  domain::Credential credential;
};

/// Thread-safe.
class CredentialDirectory {
 public:
  /// Reads every credential of a ledger.
  Result<void> load(const ledger::TenantLedger& ledger);
  void put(const ledger::TenantLedger& ledger, const domain::Credential& credential);
  /// Forgets every credential of a tenant.
  void remove(const TenantId& tenant);
  /// Nothing when the text is no key id, the key is unknown or not active.
  [[nodiscard]] std::optional<KnownCredential> find(std::string_view key_id) const;
  /// The credential's secret; opened for each use, so that it is not kept in clear.
  /// Errors: `decryption_failed`, `hsm_unavailable`.
  [[nodiscard]] static Result<Secret> secret_of(const KnownCredential& known);

 private:
  mutable std::mutex mutex_;
  std::map<CredentialId, KnownCredential> known_;
};

}  // namespace florin::control
