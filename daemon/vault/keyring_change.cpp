// How the keyring changes: new roots, new versions, states.
#include <fmt/format.h>

#include "base/hash.h"
#include "base/key_cache.h"
#include "base/log.h"
#include "daemon/vault/keyring.h"

namespace florin::vault {
namespace {

Error no_such_root(std::string_view name) {
  return Error(Errc::not_found, "key", fmt::format("there is no root key {}", name));
}

}  // namespace

Result<Secret> Keyring::new_root() {
  Secret root(RootKeys::kRootSize);
  Secret from_token(RootKeys::kRootSize);
  entropy_.fill(root.writable());
  FLORIN_TRY_VOID(guard_->random(from_token.writable()));
  // A bad source on one side does no harm while the other is good.
  for (std::size_t i = 0; i < root.size(); ++i) root.writable()[i] ^= from_token.view()[i];
  return root;
}

Result<Bytes> Keyring::wrap_as(const RootName& name, const Secret& root, UnixNanos created_at) {
  WrappedKey key;
  key.kek_number = guard_->kek_in_use();
  entropy_.fill(key.key_id);
  key.name = name;
  key.created_ns = static_cast<std::uint64_t>(created_at);
  FLORIN_TRY(key.sealed, guard_->wrap(root.view(), wrapped_key_aad(key)));
  return encode_wrapped_key(key);
}

// An earlier change may have ended without anybody knowing how; the module knows.
Result<void> Keyring::begin_change() {
  {
    const std::lock_guard lock(mutex_);
    if (zeroised_) return Error(Errc::hsm_unavailable);
  }
  if (!unsettled_) return {};
  FLORIN_TRY_VOID(settle());
  FLORIN_TRY_VOID(load());
  unsettled_ = false;
  forget_keys();
  return {};
}

Result<void> Keyring::add_root(Change& change, const RootName& name, KeyState state,
                               const Uuid& request) {
  FLORIN_TRY(Secret root, new_root());
  FLORIN_TRY(Bytes blob, wrap_as(name, root, clock_.now()));
  change.manifest.rows[name] = {state, guard_->kek_in_use(), sha256(blob), request};
  change.blobs[name.text()] = std::move(blob);
  change.expected.emplace(name, std::move(root));
  return {};
}

// A root that cannot be opened again from where it is kept must never encrypt anything.
Result<void> Keyring::check_staged(const Change& change) {
  FLORIN_TRY(const BlobChanges staged, store_->staged_blobs());
  if (staged != change.blobs)
    return Error(Errc::io_failure, {}, {}, "staged keys read back differ");
  for (const auto& [text, blob] : staged) {
    if (!blob.has_value()) continue;
    FLORIN_TRY(const RootName name, parse_root_name(text));
    if (is_pool(name.purpose)) {
      // A bundle is taken in before the roots are open.
      const auto keys = owner(name.tenant);
      if (keys != nullptr) FLORIN_TRY_VOID(check_pool(*keys, name, *blob));
      continue;
    }
    FLORIN_TRY(const Secret root, unwrap(name, *blob));
    const auto expected = change.expected.find(name);
    if (expected != change.expected.end() && !root.equals(expected->second.view())) {
      return Error(Errc::hsm_failure, {}, {}, text + " does not open to what was wrapped");
    }
  }
  return {};
}

Result<void> Keyring::commit(Change change) {
  Manifest& next = change.manifest;
  ++next.epoch;
  next.written_at = clock_.now();
  bool destroys = change.destroys;
  for (const auto& [name, blob] : change.blobs) destroys = destroys || !blob.has_value();
  if (destroys) next.destroyed_epoch = next.epoch;
  FLORIN_TRY_VOID(check_manifest(next));
  SignedManifest signed_next{encode_manifest(next), {}};
  FLORIN_TRY(signed_next.signature, guard_->signer().sign(view_of(signed_next.text)));
  FLORIN_TRY_VOID(verify_ecdsa_p256(guard_->signer().public_key_der(), view_of(signed_next.text),
                                    signed_next.signature));
  FLORIN_TRY_VOID(store_->stage(signed_next, change.blobs));
  FLORIN_TRY_VOID(check_staged(change));
  // From here on the module decides which of the two counts.
  unsettled_ = true;
  FLORIN_TRY_VOID(guard_->write_seal(encode_seal(seal_of(next))));
  FLORIN_TRY_VOID(store_->apply());
  unsettled_ = false;
  const std::lock_guard lock(mutex_);
  manifest_ = std::move(next);
  for (const auto& [name, root] : change.expected) {
    FLORIN_TRY(const WrappedKey key, decode_wrapped_key(*change.blobs.at(name.text())));
    facts_[name] = {static_cast<UnixNanos>(key.created_ns), root_check_value(root)};
  }
  std::erase_if(facts_, [this](const auto& row) {
    const auto kept = manifest_.rows.find(row.first);
    return kept == manifest_.rows.end() || kept->second.state == KeyState::destroyed;
  });
  return {};
}

Result<void> Keyring::create_owner(const std::optional<TenantId>& owner) {
  if (owner.has_value() && owner->value.is_nil()) {
    return Error(Errc::malformed_value, {}, {}, "a root needs a real tenant");
  }
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
  const RootName general{owner, Purpose::general, 1};
  const RootName index{owner, Purpose::index, 1};
  if (manifest_.rows.contains(general)) {
    return Error(Errc::already_initialised, {}, "The root key exists already.");
  }
  if (manifest_.epoch == 0) {
    change.manifest.kek = guard_->kek_in_use();
    const RootName canary{std::nullopt, Purpose::canary, change.manifest.kek};
    FLORIN_TRY_VOID(add_root(change, canary, KeyState::active, {}));
  }
  for (const RootName& name : {general, index}) {
    FLORIN_TRY_VOID(add_root(change, name, KeyState::active, {}));
  }
  Secret general_root = change.expected.at(general).clone();
  Secret index_root = change.expected.at(index).clone();
  FLORIN_TRY_VOID(commit(std::move(change)));
  FLORIN_TRY_VOID(open_new(general, std::move(general_root)));
  FLORIN_TRY_VOID(open_new(index, std::move(index_root)));
  if (const auto keys = this->owner(owner)) keys->activate(1);
  return {};
}

Result<std::uint32_t> Keyring::rotate(const std::optional<TenantId>& owner, const Uuid& request) {
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  const auto active = manifest_.active(owner, Purpose::general);
  const auto keys = this->owner(owner);
  if (!active.has_value() || keys == nullptr) return no_such_root("of this tenant");
  if (manifest_.rows.at(*active).request == request && !request.is_nil()) return active->version;
  RootName name{owner, Purpose::general, manifest_.highest(owner, Purpose::general)};
  // One that a rotation which was cut short has made is taken.
  if (manifest_.rows.at(name).state != KeyState::pending) {
    ++name.version;
    Change made{.manifest = manifest_, .blobs = {}, .expected = {}};
    FLORIN_TRY_VOID(add_root(made, name, KeyState::pending, request));
    FLORIN_TRY_VOID(commit(std::move(made)));
  }
  FLORIN_TRY(const Bytes blob, checked_blob(name));
  FLORIN_TRY(Secret root, unwrap(name, blob));
  Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
  change.manifest.rows[*active].state = KeyState::decrypt_only;
  change.manifest.rows[name].state = KeyState::active;
  change.manifest.rows[name].request = request;
  FLORIN_TRY_VOID(commit(std::move(change)));
  keys->put(name.version, std::move(root));
  keys->activate(name.version);
  log(LogLevel::notice, "key.rotated", {{"key", name.text()}});
  return name.version;
}

Result<void> Keyring::change_state(const RootName& name, KeyState to) {
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  if (name.purpose == Purpose::canary) {
    return Error(Errc::state_conflict, "key", "a key-encryption key has an end of its own");
  }
  FLORIN_TRY_VOID(vault::may_change(manifest_, name, to));
  if (manifest_.rows.at(name).state == to) return {};
  Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
  ManifestRow& row = change.manifest.rows[name];
  row.state = to;
  if (to == KeyState::destroyed) {
    row = {KeyState::destroyed, 0, {}, row.request};
    change.blobs[name.text()] = std::nullopt;
  }
  FLORIN_TRY_VOID(commit(std::move(change)));
  if (to == KeyState::decrypt_only) {
    FLORIN_TRY(const Bytes blob, checked_blob(name));
    return load_root(name, manifest_.rows.at(name), blob);
  }
  if (to == KeyState::disabled) {
    const std::lock_guard lock(mutex_);
    facts_[name].check_value.clear();
  }
  close_root(name);
  forget_keys();
  return {};
}

Result<void> Keyring::destroy_owner(const TenantId& tenant) {
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
  bool known = false;
  for (auto& [name, row] : change.manifest.rows) {
    if (name.tenant != tenant) continue;
    known = true;
    if (row.state == KeyState::destroyed) continue;
    row = {KeyState::destroyed, 0, {}, row.request};
    change.blobs[name.text()] = std::nullopt;
  }
  if (!known) return no_such_root("of this tenant");
  if (!change.blobs.empty()) FLORIN_TRY_VOID(commit(std::move(change)));
  close_root({tenant, Purpose::index, 1});
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(sources_, [&](const auto& source) { return source.first.first == tenant; });
  }
  forget_keys();
  log(LogLevel::notice, "key.tenant_destroyed", {{"tenant", tenant.text()}});
  return {};
}

}  // namespace florin::vault
