#pragma once
/// Ed25519 (RFC 8032) for signatures that people make; deterministic, over the whole message.
#include "base/bytes.h"
#include "base/secret.h"

namespace florin {

inline constexpr std::size_t kEd25519SeedSize = 32;
inline constexpr std::size_t kEd25519SignatureSize = 64;
using Ed25519PublicKey = ByteArray<32>;
using Ed25519Signature = ByteArray<kEd25519SignatureSize>;

/// `seed` has 32 bytes. Error: `malformed_value`.
Result<Ed25519PublicKey> ed25519_public_key(const Secret& seed);
/// Error: `malformed_value` when the seed has another size.
Result<Ed25519Signature> ed25519_sign(const Secret& seed, BytesView message);
/// Refuses keys and signatures of small order and those that are not canonical. Errors:
/// `signature_invalid`.
Result<void> verify_ed25519(const Ed25519PublicKey& key, BytesView message, BytesView signature);

}  // namespace florin
