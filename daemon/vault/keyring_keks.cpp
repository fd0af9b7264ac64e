// Key-encryption keys: a new one, wrapping anew under it, the end of an old one.
#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/log.h"
#include "daemon/vault/keyring.h"

namespace florin::vault {
namespace {

constexpr std::size_t kRootsInOneChange = 256;

RootName canary_of(std::uint32_t kek) {
  return {std::nullopt, Purpose::canary, kek};
}

bool moves(const RootName& name, const ManifestRow& row, std::uint32_t kek) {
  return name.purpose != Purpose::canary && !is_pool(name.purpose) &&
         row.state != KeyState::destroyed && row.kek != kek;
}

}  // namespace

Result<std::uint32_t> Keyring::rotate_kek(const Uuid& request) {
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  const RootName before = canary_of(manifest_.kek);
  if (manifest_.rows.at(before).request == request && !request.is_nil()) return manifest_.kek;
  // One that a ceremony which was cut short has made is taken.
  std::vector<std::uint32_t> known = guard_->keks();
  std::uint32_t number = known.empty() ? 0 : known.back();
  if (number <= manifest_.kek) {
    FLORIN_TRY(number, guard_->create_next_kek());
  }
  const RootName canary = canary_of(number);
  FLORIN_TRY_VOID(guard_->use_kek(number));
  Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
  change.manifest.kek = number;
  change.manifest.rows[before].state = KeyState::decrypt_only;
  auto changed = add_root(change, canary, KeyState::active, request);
  if (changed.ok()) changed = commit(std::move(change));
  if (!changed.ok()) {
    // What is wrapped until it is known must not hang from a key that may not count.
    if (!unsettled_) FLORIN_TRY_VOID(guard_->use_kek(manifest_.kek));
    return std::move(changed).error();
  }
  log(LogLevel::notice, "key.kek_rotated", {{"kek", number}});
  return number;
}

std::size_t Keyring::left_to_rewrap() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      manifest_.rows.begin(), manifest_.rows.end(),
      [this](const auto& row) { return moves(row.first, row.second, manifest_.kek); }));
}

Result<std::size_t> Keyring::rewrap() {
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
  for (auto& [name, row] : change.manifest.rows) {
    if (change.blobs.size() == kRootsInOneChange) break;
    if (!moves(name, row, manifest_.kek)) continue;
    FLORIN_TRY(const Bytes blob, checked_blob(name));
    FLORIN_TRY(const WrappedKey old, decode_wrapped_key(blob));
    FLORIN_TRY(Secret root, unwrap(name, blob));
    FLORIN_TRY(Bytes moved, wrap_as(name, root, static_cast<UnixNanos>(old.created_ns)));
    row.kek = manifest_.kek;
    row.blob_sha256 = sha256(moved);
    change.blobs[name.text()] = std::move(moved);
    // What is disabled keeps its check value to itself.
    if (row.state != KeyState::disabled) change.expected.emplace(name, std::move(root));
  }
  const std::size_t count = change.blobs.size();
  if (count > 0) FLORIN_TRY_VOID(commit(std::move(change)));
  return count;
}

Result<void> Keyring::destroy_kek(std::uint32_t number) {
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  const RootName canary = canary_of(number);
  FLORIN_TRY_VOID(vault::may_change(manifest_, canary, KeyState::destroyed));
  if (manifest_.rows.at(canary).state != KeyState::destroyed) {
    Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
    ManifestRow& row = change.manifest.rows[canary];
    row = {KeyState::destroyed, 0, {}, row.request};
    change.blobs[canary.text()] = std::nullopt;
    FLORIN_TRY_VOID(commit(std::move(change)));
  }
  // After the keyring: what is destroyed there is needed by nobody.
  const std::vector<std::uint32_t> known = guard_->keks();
  if (std::find(known.begin(), known.end(), number) != known.end()) {
    FLORIN_TRY_VOID(guard_->destroy_kek(number));
  }
  log(LogLevel::notice, "key.kek_destroyed", {{"kek", number}});
  return {};
}

}  // namespace florin::vault
