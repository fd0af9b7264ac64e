#pragma once
/// The standing order of the appliance: tenants in the system ledger, their two ledgers each, and
/// what operators keep in them: merchants, credentials, connectors, webhook endpoints.
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "daemon/control/anchor_store.h"
#include "daemon/control/credential_directory.h"
#include "daemon/domain/records.h"
#include "daemon/vault/keyring.h"
#include "ledger/disk_room.h"
#include "ledger/tenant_ledger.h"

namespace florin::control {

struct ApplianceOptions {
  std::filesystem::path data_directory;
  std::string origin;        ///< of checkpoints, e.g. "bank.example/ledger"
  bool evaluation = false;   ///< stamped into every genesis entry
  Bytes checkpoint_key_der;  ///< what the stored checkpoints must be signed with
  AnchoredHeads anchors;     ///< heads that the ledgers must contain
  bool restored = false;     ///< the anchor was given up for a restore: all ledgers must say so
};

/// Who gives an order: the uid that the kernel names.
struct Person {
  std::uint32_t uid = 0;
};

/// What a backup copies: no tenant is missing that the copied part of the system ledger names, and
/// none is there that it does not.
struct Snapshot {
  ledger::DurableLog system;
  std::vector<ledger::TenantLedger> ledgers;  ///< their own extents are taken afterwards
};

/// What a credential is to be.
struct CredentialOrder {
  std::string label;
  std::string certificate;  ///< thumbprint as in domain::Credential; empty = signed requests only
  std::string identity;
  bool signs = true;  ///< false: no secret is made, the certificate alone is the proof
};

/// Times of an account at an acquirer, as far as they differ from what its kind usually has.
struct AuthorizationOrder {
  std::optional<std::int64_t> validity_s;
  std::optional<std::int64_t> margin_s;
};

/// A record and, once, the secret that was made for it.
struct NewCredential {
  domain::Credential credential;
  Secret secret;  ///< 48 bytes; empty when the certificate alone is the proof
};
struct NewEndpoint {
  domain::Endpoint endpoint;
  Secret secret;  ///< 48 bytes
};

/// Thread-safe. Creating calls wait for the ledger's flush: not on the I/O thread.
class Appliance {
 public:
  using LedgerObserver = std::function<void(const ledger::TenantLedger&)>;

  /// Opens (or creates) the system ledger and opens the ledgers of every tenant. What it refers to
  /// outlives it. `observer` is called for each tenant ledger, now and when one is created later.
  static Result<std::unique_ptr<Appliance>> open(ApplianceOptions options, vault::Keyring& keyring,
                                                 const Clock& clock, Entropy& entropy,
                                                 LedgerObserver observer);

  /// Errors of all creating calls: `malformed_value` and `value_too_long` naming the field,
  /// `unique_violation` for a name in use, those of keyring and ledger.
  Result<domain::Tenant> create_tenant(const std::string& name, const std::string& display,
                                       Person person);
  [[nodiscard]] std::vector<domain::Tenant> tenants() const;
  /// By name or identifier. Error: `not_found` with field "tenant", also for one whose keys were
  /// destroyed.
  [[nodiscard]] Result<domain::Tenant> tenant(std::string_view name_or_id) const;
  [[nodiscard]] Result<ledger::TenantLedger> ledger_of(const TenantId& tenant,
                                                       ledger::Mode mode) const;
  [[nodiscard]] std::vector<ledger::TenantLedger> ledgers() const;
  /// Writes the end of a tenant into the system ledger with `command`, which says who and why, and
  /// lets go of its ledgers; returns them, for others to let go of too. None when it has ended.
  /// Errors: `not_found`, those of the ledger.
  Result<std::vector<ledger::TenantLedger>> end_tenant(const TenantId& tenant,
                                                       ledger::Command command);
  /// Seals the secrets of a ledger's records under the active key. Errors: as reseal_secrets.
  Result<std::uint64_t> reseal(const ledger::TenantLedger& ledger);
  [[nodiscard]] std::shared_ptr<const TenantKeys> system_keys() const { return system_keys_; }
  /// Waits for a tenant that is being created. Errors: those of Ledger::durable_log.
  Result<Snapshot> snapshot();
  [[nodiscard]] std::shared_ptr<ledger::Ledger> system_ledger() const { return system_; }

  Result<domain::Merchant> create_merchant(
      const ledger::TenantLedger& ledger, const std::string& name, const std::string& display,
      Person person, domain::LateSuccess late_success = domain::LateSuccess::reverse,
      bool unique_references = false);
  /// A branch of the merchant. Errors besides: `state_conflict` with field "/parent" when that is a
  /// branch itself, is not active or has all branches that one may have.
  Result<domain::Merchant> create_branch(const ledger::TenantLedger& ledger,
                                         const domain::Merchant& parent, const std::string& name,
                                         const std::string& display, Person person);
  /// By name or identifier. Error: `not_found` with field "merchant".
  [[nodiscard]] Result<domain::Merchant> merchant(const ledger::TenantLedger& ledger,
                                                  std::string_view name_or_id) const;
  /// A certificate can be the sole proof of one credential in the appliance, else
  /// `unique_violation` with field "/client_certificate".
  Result<NewCredential> create_credential(const ledger::TenantLedger& ledger,
                                          const MerchantId& merchant, const CredentialOrder& order,
                                          Person person);
  /// Errors: also those of check_authorization_time.
  Result<domain::Connector> create_connector(const ledger::TenantLedger& ledger,
                                             const std::string& name, const std::string& kind,
                                             const std::string& base_url, const Secret& api_key,
                                             Person person, const AuthorizationOrder& times = {});
  /// By name or identifier. Error: `not_found` with field "connector".
  [[nodiscard]] Result<domain::Connector> connector(const ledger::TenantLedger& ledger,
                                                    std::string_view name_or_id) const;
  /// What its notices are signed with from now on; the secret before is still taken. Errors:
  /// `state_conflict` (no notices of this kind), those of NoticeVerifier::check_secret with field
  /// "/secret".
  Result<void> set_notice_secret(const ledger::TenantLedger& ledger,
                                 const domain::Connector& connector, const Secret& secret,
                                 Person person);
  Result<NewEndpoint> create_endpoint(const ledger::TenantLedger& ledger,
                                      const MerchantId& merchant, const std::string& url,
                                      Person person);

  /// Each merchant in the order in which they were made, his branches behind him.
  [[nodiscard]] Result<std::vector<domain::Merchant>> merchants(
      const ledger::TenantLedger& ledger) const;
  [[nodiscard]] Result<std::vector<domain::Merchant>> branches(const ledger::TenantLedger& ledger,
                                                               const MerchantId& merchant) const;
  [[nodiscard]] Result<std::vector<domain::Connector>> connectors(
      const ledger::TenantLedger& ledger) const;
  [[nodiscard]] Result<std::vector<domain::Credential>> credentials(
      const ledger::TenantLedger& ledger, const MerchantId& merchant) const;
  [[nodiscard]] Result<std::vector<domain::Endpoint>> endpoints(const ledger::TenantLedger& ledger,
                                                                const MerchantId& merchant) const;

  [[nodiscard]] const CredentialDirectory& credential_directory() const { return directory_; }

 private:
  Appliance(ApplianceOptions options, vault::Keyring& keyring, const Clock& clock, Entropy& entropy,
            LedgerObserver observer);
  [[nodiscard]] ledger::OpenOptions ledger_options(const std::filesystem::path& directory,
                                                   const Uuid& tenant, ledger::Mode mode,
                                                   std::string origin) const;
  [[nodiscard]] Result<void> check_complete() const;
  [[nodiscard]] bool has_ended(const std::string& origin) const;
  [[nodiscard]] std::string origin_of(const TenantId& tenant, ledger::Mode mode) const;
  Result<void> open_system();
  [[nodiscard]] Result<void> check_stamp() const;
  [[nodiscard]] Result<std::unique_ptr<ledger::Ledger>> open_books(
      const std::filesystem::path& directory, const Uuid& tenant, ledger::Mode mode,
      const std::string& origin, std::shared_ptr<const TenantKeys> keys) const;
  Result<void> open_tenants();
  Result<std::vector<ledger::TenantLedger>> open_ledgers(const TenantId& tenant);
  Result<void> write_merchant(const ledger::TenantLedger& ledger, const domain::Merchant& merchant,
                              const std::string& note, Person person);
  Result<std::shared_ptr<SubjectKeys>> open_subjects(const ledger::TenantLedger& ledger);
  Result<void> keep(const domain::Tenant& tenant, const std::vector<ledger::TenantLedger>& ledgers);

  ApplianceOptions options_;
  vault::Keyring& keyring_;
  const Clock& clock_;
  Entropy& entropy_;
  LedgerObserver observer_;
  std::shared_ptr<ledger::DiskRoom> room_ = std::make_shared<ledger::DiskRoom>();
  std::shared_ptr<const TenantKeys> system_keys_;
  std::shared_ptr<ledger::Ledger> system_;
  CredentialDirectory directory_;
  std::mutex create_mutex_;
  std::mutex branch_mutex_;       ///< from the count of branches to one more
  std::mutex certificate_mutex_;  ///< from the look for a certificate to its credential
  mutable std::mutex mutex_;
  std::map<TenantId, domain::Tenant> tenants_;
  std::map<std::pair<TenantId, ledger::Mode>, ledger::TenantLedger> ledgers_;
};

}  // namespace florin::control
