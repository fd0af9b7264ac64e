#pragma once
/// A root key wrapped by the key-encryption key, as the keyring stores it. Pure.
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"

namespace florin::vault {

/// What a root is for. Values are stored; they are never reused.
enum class Purpose : std::uint8_t {
  general = 1,  ///< ledger, personal data, secrets; rotated
  card = 2,     ///< card tokens; apart, so that scope and rotation are
  index = 3,    ///< keyed digests that name rows; one version for ever
  canary = 4,   ///< proves a key-encryption key, whose number is the version; keys nothing
  // Pools of keys of data subjects, sealed under the general root and never wrapped by a
  // key-encryption key; the version is the number of the pool.
  subjects_test = 5,
  subjects_live = 6,
};
[[nodiscard]] constexpr bool is_pool(Purpose purpose) noexcept {
  return purpose == Purpose::subjects_test || purpose == Purpose::subjects_live;
}

/// Names one version of one root. No tenant: the appliance's own.
struct RootName {
  std::optional<TenantId> tenant;
  Purpose purpose = Purpose::general;
  std::uint32_t version = 1;

  auto operator<=>(const RootName&) const = default;
  /// "sys/gen/1" or "t/<tenant>/pan/1".
  [[nodiscard]] std::string text() const;
};

/// Takes exactly what RootName::text gives. Error: `malformed_value`.
Result<RootName> parse_root_name(std::string_view text);

/// "WK1" | suite u8 | kek u32 | key id 16 | purpose u8 | tenant 16 | version u32 | created u64 |
/// iv_len u8 | iv | ct_len u16 | ciphertext and tag; integers little-endian, tenant zero for the
/// appliance. Everything before iv_len is the AAD: a blob cannot move to another name.
struct WrappedKey {
  std::uint32_t kek_number = 0;
  Key16 key_id{};
  RootName name;
  std::uint64_t created_ns = 0;
  Bytes sealed;  ///< IV (12 bytes), ciphertext, tag (16 bytes)
};

/// The bytes that wrapping authenticates.
Bytes wrapped_key_aad(const WrappedKey& key);
Bytes encode_wrapped_key(const WrappedKey& key);
/// Takes exactly what encode_wrapped_key writes. Error: `key_unwrap_failed`.
Result<WrappedKey> decode_wrapped_key(BytesView blob);

}  // namespace florin::vault
