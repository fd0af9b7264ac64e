#pragma once
/// All root keys of the appliance: wrapped in an LMDB environment, open in locked memory.
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/tenant_keys.h"
#include "daemon/vault/root_keys.h"
#include "daemon/vault/wrapped_key.h"
#include "hsm/hsm.h"
#include "ledger/lmdb/environment.h"
#include "ledger/lmdb/table.h"

namespace florin::vault {

/// Unwraps every root when opened, so that no payment ever waits for the security module, and a
/// damaged key-encryption key or row is found before anything is served. Thread-safe.
class Keyring {
 public:
  /// `directory` exists and belongs to the keyring alone. The ports outlive the keyring.
  /// Errors: `key_unwrap_failed` (a row is damaged or not where it belongs, or the key-encryption
  /// key is not the one that wrapped it), `hsm_key_missing` (a row needs another one), those of
  /// Hsm::unwrap, `io_failure`, `ledger_corrupt`, `state_conflict`.
  static Result<std::unique_ptr<Keyring>> open(const std::filesystem::path& directory,
                                               hsm::Hsm& hsm, Entropy& entropy, const Clock& clock);

  /// A new random root, made of the kernel's and the token's randomness, wrapped, read back, opened
  /// and only then kept. Errors: `already_initialised` when the name exists, `malformed_value`
  /// (version 0), those of the Hsm, `io_failure`.
  Result<void> create_root(const RootName& name);
  /// The general root of a tenant in its highest version. Error: `not_found`, and `hsm_unavailable`
  /// after zeroise.
  [[nodiscard]] Result<std::shared_ptr<const TenantKeys>> keys_of(const TenantId& tenant) const;
  /// The appliance's own general root. Errors: as keys_of.
  [[nodiscard]] Result<std::shared_ptr<const TenantKeys>> system_keys() const;
  /// Exactly this root. Errors: as keys_of.
  [[nodiscard]] Result<std::shared_ptr<const TenantKeys>> open_root(const RootName& name) const;
  [[nodiscard]] std::size_t size() const;
  /// For backups: writes a copy of the wrapped roots into an empty directory, from which `open`
  /// makes the same keyring. Only the module that wrapped them can use it; what was deleted is not
  /// in it. Error: `io_failure`.
  Result<void> copy_to(const std::filesystem::path& directory) const;

  /// Overwrites every root in memory; whoever holds keys can derive nothing any more.
  void zeroise();

 private:
  Keyring(std::unique_ptr<lmdb::Environment> environment, lmdb::StateDbi rows, hsm::Hsm& hsm,
          Entropy& entropy, const Clock& clock);

  Result<void> load();
  Result<Secret> unwrap(const RootName& name, BytesView blob) const;
  Result<Bytes> wrap_new(const RootName& name, const Secret& root);
  Result<Secret> new_root();
  Result<void> store(const RootName& name, BytesView blob);
  [[nodiscard]] Result<std::shared_ptr<const TenantKeys>> latest(
      const std::optional<TenantId>& tenant) const;

  std::unique_ptr<lmdb::Environment> environment_;
  lmdb::StateDbi rows_;
  hsm::Hsm& hsm_;
  Entropy& entropy_;
  const Clock& clock_;
  std::mutex create_mutex_;  ///< one creation at a time
  mutable std::mutex mutex_;
  std::map<RootName, std::shared_ptr<RootKeys>> roots_;
  bool zeroised_ = false;
};

}  // namespace florin::vault
