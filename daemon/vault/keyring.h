#pragma once
/// All root keys of the appliance: wrapped in an LMDB environment, open in locked memory.
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/tenant_keys.h"
#include "daemon/vault/key_bundle.h"
#include "daemon/vault/key_guard.h"
#include "daemon/vault/keyring_store.h"
#include "daemon/vault/root_keys.h"
#include "daemon/vault/subject_source.h"

namespace florin::vault {

/// One version of one root, as it may be shown.
struct RootInfo {
  RootName name;
  KeyState state{};
  std::uint32_t kek = 0;     ///< that wraps it; 0 once destroyed
  UnixNanos created_at = 0;  ///< 0 once destroyed
  std::string check_value;   ///< six hexadecimal digits; empty for one that is not open
  Uuid request;              ///< the order that made it, nil when none did
};

/// Pools of subject keys, every key opened.
struct SubjectReport {
  std::size_t pools = 0;
  std::size_t keys = 0;                           ///< that are there, given or not
  std::size_t destroyed = 0;                      ///< of subjects that were erased
  std::map<std::uint32_t, std::size_t> versions;  ///< pools by the version that seals them
};

/// What verify() looked at.
struct KeyringReport {
  std::uint64_t epoch = 0;
  std::size_t roots = 0;            ///< opened anew and equal to what is in memory
  std::vector<std::uint32_t> keks;  ///< whose canaries opened
  SubjectReport subjects;
};

/// Unwraps every root that opens data when it is opened itself, so that no payment ever waits for
/// the security module, and damage is found before anything is served.
///
/// A change is staged, read back and opened, sealed in the module, applied: whatever cuts it short,
/// the next open finds the keyring before it or behind it. Thread-safe; changes wait for each other
/// and for the module.
class Keyring {
 public:
  /// `directory` exists and belongs to the keyring alone. Takes a key bundle in that lies there
  /// when there is no keyring yet. The ports outlive the keyring. Errors: `key_unwrap_failed` that
  /// says why (a damaged, missing or foreign row, a manifest that is not signed or not the newest
  /// that the module knows, a key-encryption key that is not the one that wrapped),
  /// `hsm_key_missing`, those of KeyGuard, `io_failure`, `ledger_corrupt`, `state_conflict`.
  static Result<std::unique_ptr<Keyring>> open(const std::filesystem::path& directory,
                                               std::unique_ptr<KeyGuard> guard, Entropy& entropy,
                                               const Clock& clock);
  /// Waits for a pool of subject keys that is being made.
  ~Keyring();
  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;

  /// New roots of an owner (none: the appliance itself), made of the kernel's and the token's
  /// randomness. Errors: `already_initialised`, `malformed_value` (nil tenant), those of KeyGuard,
  /// `io_failure`.
  Result<void> create_owner(const std::optional<TenantId>& owner);
  /// The roots of a tenant. Error: `not_found`, and `hsm_unavailable` after zeroise.
  [[nodiscard]] Result<std::shared_ptr<const TenantKeys>> keys_of(const TenantId& tenant) const;
  /// True when the tenant had roots and all of them are destroyed.
  [[nodiscard]] bool has_ended(const TenantId& tenant) const;
  /// The appliance's own. Errors: as keys_of.
  [[nodiscard]] Result<std::shared_ptr<const TenantKeys>> system_keys() const;
  /// Everything, in order of names.
  [[nodiscard]] std::vector<RootInfo> roots() const;
  [[nodiscard]] std::uint64_t epoch() const;
  /// The key-encryption key that wraps what is new.
  [[nodiscard]] std::uint32_t kek() const;

  /// A new version of the owner's general root becomes the active one; the one before opens only.
  /// Returns its number. With the same request again: nothing but the number. Errors: `not_found`,
  /// those of KeyGuard, `io_failure`.
  Result<std::uint32_t> rotate(const std::optional<TenantId>& owner, const Uuid& request);
  /// Disables a version, takes that back, or destroys a version for ever; the caller has made sure
  /// that nothing needs it. Nothing when it is in that state. Errors: `not_found`,
  /// `state_conflict`.
  Result<void> change_state(const RootName& name, KeyState to);
  /// Whether change_state would take it, or destroy_kek for a canary. Errors: theirs.
  [[nodiscard]] Result<void> may_change(const RootName& name, KeyState to) const;
  /// How many roots a key-encryption key wraps.
  [[nodiscard]] std::size_t wrapped_by(std::uint32_t kek) const;
  /// Destroys all versions of all roots of a tenant and overwrites them in memory, with everything
  /// that this process keeps expanded. Nothing when they are destroyed. Errors: as rotate.
  Result<void> destroy_owner(const TenantId& tenant);

  /// Makes a further key-encryption key and uses it for what is new; returns its number. With the
  /// same request again: nothing but the number. What others wrapped is moved by rewrap.
  Result<std::uint32_t> rotate_kek(const Uuid& request);
  /// Wraps everything under the key-encryption key in use, at most 256 roots in one change, and
  /// tells how many it moved; nothing is left when it returns 0.
  Result<std::size_t> rewrap();
  /// How many roots are wrapped by another key-encryption key than the one in use.
  [[nodiscard]] std::size_t left_to_rewrap() const;
  /// Destroys a key-encryption key in the module. Errors: `state_conflict` that says how many roots
  /// need it, or that it is in use; `not_found`.
  Result<void> destroy_kek(std::uint32_t number);

  /// The subject keys of one ledger; the same object each time. Errors: as keys_of.
  Result<std::shared_ptr<SubjectSource>> subjects_of(const TenantId& tenant, Purpose purpose);
  /// Before the first key is taken: `next` is above every slot that the books know. `life` changes
  /// when books are restored: slots that they may have forgotten are not given again, because keys
  /// come only from pools of this life. Errors: as keys_of.
  Result<void> begin_subjects(const SubjectBooks& books, const Uuid& life, std::uint64_t next);
  /// Has a pool made soon, on another thread. Thread-safe, never waits.
  void ask_for_subjects(const SubjectBooks& books) { queue_->ask(books); }
  /// Makes a further pool when less than half of one is ready. Happens by itself when keys are
  /// taken. Errors: as rotate.
  Result<void> supply_subjects(const SubjectBooks& books);
  /// Destroys keys for ever, in one change, and tells how many were there. What the keyring does
  /// not have is not there. Errors: as rotate.
  Result<std::size_t> destroy_subjects(const SubjectBooks& books,
                                       const std::vector<std::uint64_t>& slots);
  /// Seals the pools of a tenant under its active root and tells how many it moved. Errors: as
  /// rotate.
  Result<std::size_t> reseal_subjects(const TenantId& tenant);
  /// Of one tenant or of all. Errors: `key_unwrap_failed`, `io_failure`.
  [[nodiscard]] Result<SubjectReport> subject_report(const std::optional<TenantId>& tenant) const;

  /// Reads everything anew: manifest, seal, canaries, every root; signs and verifies. Errors: as
  /// open, `signature_invalid`.
  Result<KeyringReport> verify();
  /// Everything that a keyring can be made of again beside the module: wrapped roots and manifest.
  [[nodiscard]] Result<KeyBundle> bundle() const;

  /// Overwrites every root in memory, and what this process keeps expanded: whoever holds keys can
  /// derive nothing any more.
  void zeroise();

 private:
  struct Change {
    Manifest manifest;
    BlobChanges blobs;
    std::map<RootName, Secret> expected;  ///< what the new blobs must open to, where it is known
    bool destroys = false;                ///< a key inside a blob; a blob taken away says it itself
  };
  struct Facts {
    UnixNanos created_at = 0;
    std::string check_value;
  };

  Keyring(std::filesystem::path directory, std::unique_ptr<KeyringStore> store,
          std::unique_ptr<KeyGuard> guard, Entropy& entropy, const Clock& clock);

  // How a keyring becomes the one that counts (keyring.cpp).
  Result<void> settle();
  Result<void> adopt(const SignedManifest& found, const ManifestSeal& seal);
  Result<void> take_bundle_in(const ManifestSeal& known);
  void drop_bundle() const;
  Result<void> load();
  Result<void> load_root(const RootName& name, const ManifestRow& row, BytesView blob);
  void close_root(const RootName& name);
  /// That the store has what was signed and nothing else; holds a page of it at a time
  /// (keyring_check.cpp).
  [[nodiscard]] Result<void> check_rows() const;
  [[nodiscard]] Result<Bytes> checked_blob(const RootName& name) const;
  Result<Secret> unwrap(const RootName& name, BytesView blob) const;

  // How it changes (keyring_change.cpp).
  Result<void> begin_change();
  Result<void> add_root(Change& change, const RootName& name, KeyState state, const Uuid& request);
  Result<void> commit(Change change);
  Result<void> check_staged(const Change& change);
  Result<Secret> new_root();
  Result<Bytes> wrap_as(const RootName& name, const Secret& root, UnixNanos created_at);
  [[nodiscard]] std::shared_ptr<RootKeys> owner(const std::optional<TenantId>& owner) const;
  Result<void> open_new(const RootName& name, Secret root);

  // Subject keys (keyring_subjects.cpp).
  void supply_all();
  Result<SubjectReport> report_subjects(const std::optional<TenantId>& tenant) const;

  std::filesystem::path directory_;
  std::shared_ptr<KeyringStore> store_;
  std::unique_ptr<KeyGuard> guard_;
  Entropy& entropy_;
  const Clock& clock_;
  mutable std::mutex change_mutex_;  ///< one change at a time; before mutex_
  bool unsettled_ = false;           ///< a change ended and nobody knows how
  mutable std::mutex mutex_;         ///< guards what follows
  Manifest manifest_;
  std::map<RootName, Facts> facts_;
  std::map<std::optional<TenantId>, std::shared_ptr<RootKeys>> owners_;
  std::map<SubjectBooks, std::shared_ptr<SubjectSource>> sources_;
  bool zeroised_ = false;
  std::shared_ptr<SupplyQueue> queue_ = std::make_shared<SupplyQueue>();
  std::thread supplier_;  ///< makes pools; lives from the first source on
};

}  // namespace florin::vault
