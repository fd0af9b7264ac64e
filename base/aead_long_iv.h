#pragma once
/// AES-256-GCM with an IV of any length, which some devices make by themselves. Ours have 96 bits:
/// see aead.h.
#include "base/bytes.h"

namespace florin {

/// Ciphertext followed by the 128-bit tag (NIST SP 800-38D section 7.1). `key` has 32 bytes, `iv` 1
/// to 16. Keeps no key, so it costs more than aead_seal.
Bytes aead_seal_long_iv(BytesView key, BytesView iv, BytesView aad, BytesView plaintext);

}  // namespace florin
