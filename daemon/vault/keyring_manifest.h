#pragma once
/// What the keyring must contain, signed: whoever puts back an older keyring, takes a row away or
/// swaps a blob has no such paper for it. Pure.
#include <map>
#include <string>

#include "base/clock.h"
#include "base/signature.h"
#include "base/uuid.h"
#include "daemon/vault/key_state.h"
#include "daemon/vault/wrapped_key.h"

namespace florin::vault {

/// One version of one root.
struct ManifestRow {
  KeyState state = KeyState::pending;
  std::uint32_t kek = 0;  ///< that wraps it; 0 once destroyed, and of pools
  Hash32 blob_sha256{};   ///< of the wrapped form; zero once destroyed
  /// The order that made it; nil for those that no person ordered. Of a pool of subject keys: the
  /// life of the books that it serves.
  Uuid request;

  bool operator==(const ManifestRow&) const = default;
};

/// Rows stay for ever, so a version number is never used twice.
struct Manifest {
  std::uint64_t epoch = 0;            ///< grows by one with each change
  std::uint64_t destroyed_epoch = 0;  ///< of the last change that destroyed a key; 0 when none did
  UnixNanos written_at = 0;
  std::uint32_t kek = 0;  ///< the key-encryption key that wraps what is new
  std::map<RootName, ManifestRow> rows;

  bool operator==(const Manifest&) const = default;
  /// The active version of a name; nothing when there is none.
  [[nodiscard]] std::optional<RootName> active(const std::optional<TenantId>& tenant,
                                               Purpose purpose) const;
  /// The highest version that ever was, 0 when there was none.
  [[nodiscard]] std::uint32_t highest(const std::optional<TenantId>& tenant, Purpose purpose) const;
  /// How many rows a key-encryption key still wraps, its canary not counted.
  [[nodiscard]] std::size_t wrapped_by(std::uint32_t kek) const;
};

/// Text, each line with a line feed: "keyring-manifest/1", "epoch <n>", "destroyed <epoch>",
/// "written <time>", "kek <n>", "rows <n>", then for each row "<name> <state> <kek> <SHA-256 of the
/// blob, hex, or -> <request or ->".
std::string encode_manifest(const Manifest& manifest);
/// Takes exactly what encode_manifest writes. Error: `key_unwrap_failed`.
Result<Manifest> decode_manifest(std::string_view text);
/// One active version per name at most; index roots have one version only; the key-encryption key
/// has a canary. Error: `key_unwrap_failed` that says what is wrong.
Result<void> check_manifest(const Manifest& manifest);

/// Whether a person may bring a version into a state, as far as the manifest tells: what opens data
/// may be needed all the same. Rotation has rules of its own. Errors with field "key": `not_found`,
/// `state_conflict` that says why.
Result<void> may_change(const Manifest& manifest, const RootName& name, KeyState to);

/// What the module keeps of the newest manifest.
struct ManifestSeal {
  std::uint64_t epoch = 0;
  std::uint64_t destroyed_epoch = 0;
  Hash32 sha256{};  ///< of its text

  bool operator==(const ManifestSeal&) const = default;
};
ManifestSeal seal_of(const Manifest& manifest);
/// "KS1" | epoch u64 | destroyed epoch u64 | SHA-256 32.
Bytes encode_seal(const ManifestSeal& seal);
/// Error: `key_unwrap_failed`.
Result<ManifestSeal> decode_seal(BytesView bytes);

}  // namespace florin::vault
