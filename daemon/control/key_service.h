#pragma once
/// What two people may do with keys: versions, rotation, the end of a tenant, bundles. The keyring
/// knows keys; this knows what hangs from them.
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "daemon/control/appliance.h"
#include "daemon/control/key_audit.h"
#include "daemon/control/operation.h"
#include "daemon/domain/subject.h"
#include "daemon/vault/keyring.h"

namespace florin::control {

struct KeySources {
  std::filesystem::path bundle_directory;  ///< where key bundles are written
  /// Makes everybody let go of a ledger that was closed for good. May be called on any thread.
  std::function<void(const ledger::TenantLedger&)> let_go;
};

/// What still needs a version of a root.
struct KeyNeed {
  std::uint64_t segments = 0;  ///< of logs, with the rows of LMDB that their entries wrote
  std::uint64_t records = 0;   ///< whose secrets are sealed under it, pools of subject keys too
};

/// Thread-safe; changes wait for each other. Calls block on module and disk. What it refers to
/// outlives it.
class KeyService {
 public:
  KeyService(KeySources sources, Appliance& appliance, vault::Keyring& keyring, const Clock& clock,
             Entropy& entropy);

  /// Completes what an earlier run did not: tenants and subjects whose end is in the books and
  /// whose keys are not destroyed, tenants whose keys are destroyed and whose end a restore took
  /// out of the books, secrets that are still sealed under an older version. Errors: those of
  /// keyring and ledgers.
  Result<void> resume();

  /// Everything that is known of each key, without secrets.
  [[nodiscard]] json::array list() const;
  /// One key, with what needs it. Error: `not_found` with field "key".
  [[nodiscard]] Result<json::object> show(std::string_view name) const;
  /// Opens every key anew. Errors: those of Keyring::verify.
  Result<json::object> verify();
  /// Errors: those of the ledgers.
  [[nodiscard]] Result<KeyNeed> need_of(const vault::RootName& name) const;

  // The operations; `key` is canonical. Each tells what it did, after the audit entry is durable.
  Result<json::object> rotate(const std::string& key, const ApprovedRequest& request);
  Result<json::object> rewrap(const ApprovedRequest& request);
  Result<json::object> revoke(const std::string& key, const std::string& state,
                              const ApprovedRequest& request);
  Result<json::object> shred_tenant(const TenantId& tenant, const ApprovedRequest& request);
  Result<json::object> export_bundle(const ApprovedRequest& request);
  Result<json::object> shred_subject(const ledger::TenantLedger& ledger,
                                     const domain::SubjectId& id, const ApprovedRequest& request);

  // What the operations propose to.
  /// "kek", "system", "sys/gen", "t/<tenant>/gen", a tenant's name or identifier: gives "kek",
  /// "sys/gen" or "t/<tenant>/gen". Error: `not_found`.
  [[nodiscard]] Result<std::string> canonical_key(const std::string& text) const;
  /// A root's name, or "kek/<n>". Error: `not_found`.
  [[nodiscard]] Result<vault::RootInfo> find(std::string_view name) const;
  /// That a version may come into a state and that nothing needs it. Error: `state_conflict` naming
  /// the parameter, that says what does.
  [[nodiscard]] Result<void> check_revocation(const vault::RootName& name,
                                              vault::KeyState to) const;
  /// Tenant by name or identifier. Errors: `not_found`, `malformed_value` with fields "tenant" and
  /// "mode".
  [[nodiscard]] Result<ledger::TenantLedger> subject_ledger(const std::string& tenant,
                                                            const std::string& mode) const;
  /// Errors: `not_found`, `state_conflict` when he is erased or an outcome of his is open.
  [[nodiscard]] Result<void> check_erasable(const ledger::TenantLedger& ledger,
                                            const domain::SubjectId& id) const;
  [[nodiscard]] Appliance& appliance() const noexcept { return appliance_; }
  [[nodiscard]] vault::Keyring& keyring() const noexcept { return keyring_; }

 private:
  struct WrittenBundle {
    std::filesystem::path file;
    std::string sha256;
    std::size_t keys = 0;
    std::uint64_t epoch = 0;
  };
  Result<WrittenBundle> write_bundle() const;
  Result<void> resume_subjects();
  Result<void> complete_end(const TenantId& tenant);
  static constexpr const char* kKeyringEpoch = "keyring epoch";
  /// Adds the epoch unless the last line tells it.
  Result<json::object> conclude(const std::string& operation, const std::string& note,
                                std::vector<RecordLine> lines, const ApprovedRequest& request);
  Result<std::uint64_t> settle_owner(const std::optional<TenantId>& owner);
  [[nodiscard]] std::vector<std::shared_ptr<ledger::Ledger>> books_of(
      const std::optional<TenantId>& owner) const;

  KeySources sources_;
  Appliance& appliance_;
  vault::Keyring& keyring_;
  const Clock& clock_;
  Entropy& entropy_;
  std::mutex mutex_;  ///< one change at a time
};

/// key.rotate, key.rewrap, key.revoke, key.shred-tenant, key.shred-subject, key.bundle-export.
/// `keys` gives the service at the time of the call, or null while the appliance does not serve.
std::vector<Operation> key_operations(const std::function<KeyService*()>& keys);

}  // namespace florin::control
