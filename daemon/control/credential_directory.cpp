#include "daemon/control/credential_directory.h"

#include "daemon/control/record_store.h"
#include "daemon/vault/sealed_secret.h"

namespace florin::control {

Result<void> CredentialDirectory::load(const ledger::TenantLedger& ledger) {
  FLORIN_TRY(std::vector<domain::Credential> all,
             all_records<domain::Credential>(*ledger.books, domain::Kind::credential,
                                             domain::decode_credential));
  for (const domain::Credential& credential : all) put(ledger, credential);
  return {};
}

void CredentialDirectory::put(const ledger::TenantLedger& ledger,
                              const domain::Credential& credential) {
  const std::lock_guard lock(mutex_);
  if (credential.by_certificate_alone()) {
    by_certificate_[credential.certificate].insert(credential.id);
  }
  known_.insert_or_assign(credential.id, KnownCredential{ledger, credential});
}

void CredentialDirectory::remove(const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [&tenant](const auto& row) { return row.second.ledger.tenant == tenant; });
  for (auto& [certificate, ids] : by_certificate_) {
    std::erase_if(ids, [this](const CredentialId& id) { return !known_.contains(id); });
  }
  std::erase_if(by_certificate_, [](const auto& row) { return row.second.empty(); });
}

std::optional<KnownCredential> CredentialDirectory::find(std::string_view key_id) const {
  const auto id = CredentialId::parse(key_id);
  if (!id.ok()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(*id);
  if (found == known_.end() || !found->second.credential.active) return std::nullopt;
  return found->second;
}

std::optional<KnownCredential> CredentialDirectory::find_by_certificate(
    const std::string& thumbprint) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_certificate_.find(thumbprint);
  if (found == by_certificate_.end()) return std::nullopt;
  std::optional<KnownCredential> only;
  for (const CredentialId& id : found->second) {
    const KnownCredential& known = known_.at(id);
    if (!known.credential.active) continue;
    if (only) return std::nullopt;
    only = known;
  }
  return only;
}

Result<Secret> CredentialDirectory::secret_of(const KnownCredential& known) {
  const std::string place = vault::secret_place(known.ledger.tenant.text(), "credential",
                                                known.credential.id.text(), "secret");
  return vault::open_secret(*known.ledger.keys, "cred", place, known.credential.sealed_secret);
}

}  // namespace florin::control
