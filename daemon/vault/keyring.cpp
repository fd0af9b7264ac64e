#include "daemon/vault/keyring.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/hash.h"
#include "base/key_cache.h"
#include "base/log.h"

namespace florin::vault {
namespace {

constexpr const char* kBundleFile = "bundle";
constexpr const char* kDataFile = "data.mdb";

Error refused(std::string what) {
  return Error(Errc::key_unwrap_failed, {}, std::move(what));
}

bool is_sealed(const std::optional<SignedManifest>& manifest, const ManifestSeal& seal) {
  return manifest.has_value() && sha256(view_of(manifest->text)) == seal.sha256;
}

// What an operator must know when the keyring is not the one that the module knows.
Error not_the_newest(const std::optional<SignedManifest>& current, const ManifestSeal& seal) {
  if (!current.has_value()) {
    return refused(fmt::format(
        "The security module knows a keyring of epoch {}, and there is none. Put the key bundle "
        "into the data directory with 'florin key bundle-import'.",
        seal.epoch));
  }
  const auto manifest = decode_manifest(current->text);
  if (!manifest.ok()) return manifest.error();
  return refused(fmt::format(
      "The keyring is of epoch {}, the security module knows epoch {}: this is not the newest "
      "keyring. Put the newest one back.",
      manifest->epoch, seal.epoch));
}

Result<std::string> read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.is_open() || file.bad()) {
    return Error(Errc::io_failure, {}, {}, path.string() + ": cannot be read");
  }
  return std::move(text).str();
}

Result<std::optional<ManifestSeal>> seal_in(KeyGuard& guard) {
  FLORIN_TRY(const auto sealed, guard.read_seal());
  if (!sealed.has_value()) return std::optional<ManifestSeal>();
  FLORIN_TRY(const ManifestSeal seal, decode_seal(*sealed));
  return std::optional<ManifestSeal>(seal);
}

struct JudgedBundle {
  KeyBundle bundle;
  Manifest manifest;
};

// A bundle may be older than what the module knows, as long as no key was destroyed since: nothing
// that was shredded comes back.
Result<JudgedBundle> judge_bundle(const std::filesystem::path& path, KeyGuard& guard,
                                  const ManifestSeal& known) {
  FLORIN_TRY(const std::string text, read_text(path));
  JudgedBundle out;
  FLORIN_TRY(out.bundle, decode_bundle(text));
  FLORIN_TRY(out.manifest, check_bundle(out.bundle, guard.signer().public_key_der()));
  if (out.manifest.epoch < known.destroyed_epoch) {
    return refused(fmt::format(
        "The key bundle is of epoch {}; keys were destroyed in epoch {}. Take a newer key bundle.",
        out.manifest.epoch, known.destroyed_epoch));
  }
  FLORIN_TRY_VOID(guard.use_kek(out.manifest.kek));
  return out;
}

}  // namespace

Keyring::Keyring(std::filesystem::path directory, std::unique_ptr<KeyringStore> store,
                 std::unique_ptr<KeyGuard> guard, Entropy& entropy, const Clock& clock)
    : directory_(std::move(directory)),
      store_(std::move(store)),
      guard_(std::move(guard)),
      entropy_(entropy),
      clock_(clock) {}

Result<std::unique_ptr<Keyring>> Keyring::open(const std::filesystem::path& directory,
                                               std::unique_ptr<KeyGuard> guard, Entropy& entropy,
                                               const Clock& clock) {
  // Before a file is made that looks like a keyring.
  if (!std::filesystem::exists(directory / kDataFile)) {
    FLORIN_TRY(const auto seal, seal_in(*guard));
    if (std::filesystem::exists(directory / kBundleFile)) {
      FLORIN_TRY_VOID(judge_bundle(directory / kBundleFile, *guard, seal.value_or(ManifestSeal{})));
    } else if (seal.has_value()) {
      return not_the_newest(std::nullopt, *seal);
    }
  }
  FLORIN_TRY(std::unique_ptr<KeyringStore> store, KeyringStore::open(directory));
  std::unique_ptr<Keyring> keyring(
      new Keyring(directory, std::move(store), std::move(guard), entropy, clock));
  FLORIN_TRY_VOID(keyring->settle());
  FLORIN_TRY_VOID(keyring->load());
  return keyring;
}

// The module decides between the keyring that counts and the one that was on its way.
Result<void> Keyring::settle() {
  FLORIN_TRY(const auto seal, seal_in(*guard_));
  FLORIN_TRY(const auto current, store_->current());
  FLORIN_TRY(const auto staged, store_->staged());
  const bool has_bundle = std::filesystem::exists(directory_ / kBundleFile);
  if (!seal.has_value()) {
    if (current.has_value()) {
      return refused(
          "The security module knows no keyring, and there is one: it is another module.");
    }
    FLORIN_TRY_VOID(store_->discard());
    return has_bundle ? take_bundle_in({}) : Result<void>();
  }
  if (is_sealed(current, *seal)) {
    FLORIN_TRY_VOID(store_->discard());
    drop_bundle();
    return adopt(*current, *seal);
  }
  if (is_sealed(staged, *seal)) {
    log(LogLevel::notice, "keyring.change_completed", {{"epoch", seal->epoch}});
    FLORIN_TRY_VOID(store_->apply());
    drop_bundle();
    return adopt(*staged, *seal);
  }
  if (!current.has_value() && has_bundle) return take_bundle_in(*seal);
  return not_the_newest(current, *seal);
}

Result<void> Keyring::adopt(const SignedManifest& found, const ManifestSeal& seal) {
  if (!verify_ecdsa_p256(guard_->signer().public_key_der(), view_of(found.text), found.signature)
           .ok()) {
    return refused("The manifest of the keyring is not signed by the audit key of this appliance.");
  }
  FLORIN_TRY(Manifest manifest, decode_manifest(found.text));
  if (seal_of(manifest) != seal)
    return refused("The seal of the keyring contradicts its manifest.");
  const std::lock_guard lock(mutex_);
  manifest_ = std::move(manifest);
  return {};
}

Result<void> Keyring::take_bundle_in(const ManifestSeal& known) {
  FLORIN_TRY(JudgedBundle judged, judge_bundle(directory_ / kBundleFile, *guard_, known));
  Manifest& manifest = judged.manifest;
  Change change;
  for (const auto& [name, blob] : judged.bundle.blobs) change.blobs.emplace(name, blob);
  log(LogLevel::notice, "keyring.bundle_taken_in",
      {{"epoch", manifest.epoch}, {"roots", change.blobs.size()}, {"known_epoch", known.epoch}});
  manifest.epoch = std::max(manifest.epoch, known.epoch);
  manifest.destroyed_epoch = std::max(manifest.destroyed_epoch, known.destroyed_epoch);
  change.manifest = std::move(manifest);
  FLORIN_TRY_VOID(commit(std::move(change)));
  drop_bundle();
  return {};
}

// Wrapped roots must not lie beside the keyring that they were taken into.
void Keyring::drop_bundle() const {
  std::error_code failure;
  std::filesystem::remove(directory_ / kBundleFile, failure);
  if (failure) log(LogLevel::error, "keyring.bundle_not_removed", {{"why", failure.message()}});
}

Result<void> Keyring::load() {
  FLORIN_TRY_VOID(check_rows());
  if (manifest_.epoch == 0) return {};
  FLORIN_TRY_VOID(guard_->use_kek(manifest_.kek));
  for (const auto& [name, row] : manifest_.rows) {
    if (!opens(row.state)) close_root(name);
    if (row.state == KeyState::destroyed || is_pool(name.purpose)) continue;
    FLORIN_TRY(const Bytes blob, checked_blob(name));
    FLORIN_TRY_VOID(load_root(name, row, blob));
  }
  return {};
}

Result<void> Keyring::load_root(const RootName& name, const ManifestRow& row, BytesView blob) {
  FLORIN_TRY(const WrappedKey key, decode_wrapped_key(blob));
  if (key.kek_number != row.kek)
    return refused("The manifest names another key for " + name.text());
  Facts facts{.created_at = static_cast<UnixNanos>(key.created_ns), .check_value = {}};
  // What is disabled stays closed.
  if (row.state != KeyState::disabled) {
    FLORIN_TRY(Secret root, unwrap(name, blob));
    facts.check_value = root_check_value(root);
    if (opens(row.state)) FLORIN_TRY_VOID(open_new(name, std::move(root)));
    if (row.state == KeyState::active && name.purpose == Purpose::general) {
      owner(name.tenant)->activate(name.version);
    }
  }
  const std::lock_guard lock(mutex_);
  facts_.insert_or_assign(name, std::move(facts));
  return {};
}

Result<Secret> Keyring::unwrap(const RootName& name, BytesView blob) const {
  FLORIN_TRY(const WrappedKey key, decode_wrapped_key(blob));
  if (key.name != name) return refused("A wrapped key stands under another name: " + name.text());
  auto root = guard_->unwrap(key.kek_number, key.sealed, wrapped_key_aad(key));
  if (!root.ok() && root.error().code() == Errc::key_unwrap_failed) {
    return Error(Errc::key_unwrap_failed, name.text(),
                 fmt::format("kek/{} does not open the root key {}.", key.kek_number, name.text()),
                 root.error().to_log());
  }
  if (root.ok() && root->size() != RootKeys::kRootSize) {
    return refused("A wrapped root has a wrong length: " + name.text());
  }
  return root;
}

std::shared_ptr<RootKeys> Keyring::owner(const std::optional<TenantId>& owner) const {
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(owner);
  return found == owners_.end() ? nullptr : found->second;
}

// Canaries key nothing, so nobody gets them.
Result<void> Keyring::open_new(const RootName& name, Secret root) {
  if (name.purpose != Purpose::general && name.purpose != Purpose::index) return {};
  const std::lock_guard lock(mutex_);
  if (zeroised_) return Error(Errc::hsm_unavailable);
  std::shared_ptr<RootKeys>& keys = owners_[name.tenant];
  if (keys == nullptr) keys = std::make_shared<RootKeys>();
  if (name.purpose == Purpose::index) {
    keys->put_index(std::move(root));
  } else {
    keys->put(name.version, std::move(root));
  }
  return {};
}

// Nothing when it is not open. An owner without digests has ended.
void Keyring::close_root(const RootName& name) {
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(name.tenant);
  if (found == owners_.end()) return;
  if (name.purpose == Purpose::general) found->second->remove(name.version);
  if (name.purpose != Purpose::index) return;
  found->second->zeroise();
  owners_.erase(found);
}

Result<std::shared_ptr<const TenantKeys>> Keyring::keys_of(const TenantId& tenant) const {
  const std::lock_guard lock(mutex_);
  if (zeroised_) return Error(Errc::hsm_unavailable);
  const auto found = owners_.find(tenant);
  if (found == owners_.end()) return Error(Errc::not_found, {}, "The tenant has no root keys.");
  return std::shared_ptr<const TenantKeys>(found->second);
}

bool Keyring::has_ended(const TenantId& tenant) const {
  const std::lock_guard lock(mutex_);
  const auto first = manifest_.rows.lower_bound(RootName{tenant, Purpose{}, 0});
  auto row = first;
  for (; row != manifest_.rows.end() && row->first.tenant == tenant; ++row) {
    if (row->second.state != KeyState::destroyed) return false;
  }
  return row != first;
}

Result<std::shared_ptr<const TenantKeys>> Keyring::system_keys() const {
  const std::lock_guard lock(mutex_);
  if (zeroised_) return Error(Errc::hsm_unavailable);
  const auto found = owners_.find(std::nullopt);
  if (found == owners_.end()) return Error(Errc::not_found, {}, "There are no root keys yet.");
  return std::shared_ptr<const TenantKeys>(found->second);
}

std::vector<RootInfo> Keyring::roots() const {
  const std::lock_guard lock(mutex_);
  std::vector<RootInfo> out;
  for (const auto& [name, row] : manifest_.rows) {
    if (is_pool(name.purpose)) continue;
    const auto facts = facts_.find(name);
    const Facts known = facts == facts_.end() ? Facts{} : facts->second;
    out.push_back({name, row.state, row.kek, known.created_at, known.check_value, row.request});
  }
  return out;
}

std::uint64_t Keyring::epoch() const {
  const std::lock_guard lock(mutex_);
  return manifest_.epoch;
}

std::uint32_t Keyring::kek() const {
  const std::lock_guard lock(mutex_);
  return manifest_.kek;
}

Result<void> Keyring::may_change(const RootName& name, KeyState to) const {
  const std::lock_guard lock(mutex_);
  return vault::may_change(manifest_, name, to);
}

std::size_t Keyring::wrapped_by(std::uint32_t kek) const {
  const std::lock_guard lock(mutex_);
  return manifest_.wrapped_by(kek);
}

Result<KeyBundle> Keyring::bundle() const {
  const std::lock_guard changing(change_mutex_);
  KeyBundle out;
  FLORIN_TRY(out.blobs, store_->blobs());
  FLORIN_TRY(const auto manifest, store_->current());
  if (!manifest.has_value()) return Error(Errc::not_initialised);
  out.manifest = *manifest;
  FLORIN_TRY_VOID(check_bundle(out, guard_->signer().public_key_der()));
  return out;
}

void Keyring::zeroise() {
  {
    const std::lock_guard lock(mutex_);
    zeroised_ = true;
    for (const auto& [name, keys] : owners_) keys->zeroise();
    owners_.clear();
  }
  forget_keys();
}

}  // namespace florin::vault
