#pragma once
/// Small secrets at rest under a passphrase that a person remembers: Argon2id (RFC 9106) makes the
/// key, XChaCha20-Poly1305 seals.
#include "base/bytes.h"
#include "base/entropy.h"
#include "base/secret.h"

namespace florin {

/// How hard guessing is made; kept beside what is sealed.
struct PassphraseCost {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 64 * 1024;
};

/// What is kept. All of it may be read by anybody; guessing the passphrase is the way in.
struct PassphraseSealed {
  PassphraseCost cost;
  ByteArray<16> salt{};
  ByteArray<24> nonce{};
  Bytes ciphertext;
};

/// `context` is bound, not kept: the same bytes are needed to open. Takes the time and memory that
/// the cost names. Error: `unavailable` when the memory is not there.
Result<PassphraseSealed> seal_with_passphrase(const Secret& passphrase, BytesView context,
                                              const Secret& secret, PassphraseCost cost,
                                              Entropy& entropy);
/// Errors: `decryption_failed` for another passphrase or changed bytes, `malformed_value` for a
/// cost of more than 1 GiB or 100 passes, `unavailable`.
Result<Secret> open_with_passphrase(const Secret& passphrase, BytesView context,
                                    const PassphraseSealed& sealed);

}  // namespace florin
