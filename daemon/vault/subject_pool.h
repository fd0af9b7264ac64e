#pragma once
/// 1 024 keys of data subjects as one stored blob, each sealed on its own. Pure but for the entropy
/// that comes in.
#include "base/entropy.h"
#include "base/secret.h"
#include "base/subject_keys.h"
#include "base/tenant_keys.h"
#include "daemon/vault/wrapped_key.h"

namespace florin::vault {

inline constexpr std::uint32_t kPoolSlots = 1024;

/// Pools are named like roots: purpose `subjects_test` or `subjects_live`, the version is the
/// number of the pool, from 1. Pool n holds the slots from (n - 1) * 1 024.
[[nodiscard]] constexpr std::uint32_t pool_of(std::uint64_t slot) noexcept {
  return static_cast<std::uint32_t>(slot / kPoolSlots) + 1;
}

/// "SP1" | version u32 of the general root | 1 024 times nonce 12, key 32, tag 16: AES-256-GCM
/// under the subkey "subject-keys/1" with the pool's name and the place in it as AAD. A destroyed
/// key is sixty zero bytes. Errors: those of TenantKeys::derive_in.
Result<Bytes> make_pool(const TenantKeys& keys, const RootName& name, Entropy& entropy);
/// Error: `decryption_failed` when it is not such a blob.
Result<std::uint32_t> pool_version(BytesView blob);
/// One key, `index` below 1 024. `piece` is what stands at pool_piece(index). Errors:
/// `decryption_failed`, those of TenantKeys::derive_in.
Result<SubjectKey> open_piece(const TenantKeys& keys, const RootName& name, std::uint32_t version,
                              std::uint32_t index, BytesView piece);
/// Where one key stands in the blob.
struct PoolPiece {
  std::size_t offset = 0;
  std::size_t size = 0;
};
[[nodiscard]] PoolPiece pool_piece(std::uint32_t index) noexcept;
inline constexpr std::size_t kPoolHeaderSize = 7;
/// The blob without one key. Nothing when the key is destroyed already. Error: `decryption_failed`.
Result<std::optional<Bytes>> without_key(BytesView blob, std::uint32_t index);
/// The same keys under the active version. Errors: as open_piece.
Result<Bytes> reseal_pool(const TenantKeys& keys, const RootName& name, BytesView blob,
                          Entropy& entropy);

struct PoolCount {
  std::uint32_t keys = 0;
  std::uint32_t destroyed = 0;
};
/// Opens every key. Errors: as open_piece.
Result<PoolCount> check_pool(const TenantKeys& keys, const RootName& name, BytesView blob);

}  // namespace florin::vault
