#pragma once
/// AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
#include "base/bytes.h"
#include "base/secret.h"

namespace florin {

inline constexpr std::size_t kAeadKeySize = 32;
inline constexpr std::size_t kAeadNonceSize = 12;
inline constexpr std::size_t kAeadTagSize = 16;
using AeadNonce = ByteArray<kAeadNonceSize>;

/// Ciphertext followed by the tag. The caller guarantees that a nonce is used once per key.
Bytes aead_seal(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView plaintext);
/// Error: `decryption_failed` when key, nonce, aad, ciphertext or tag do not belong together.
Result<Bytes> aead_open(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView sealed);

}  // namespace florin
