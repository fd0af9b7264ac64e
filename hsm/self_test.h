#pragma once
/// Private to this room: a token must prove its properties, its mechanism list proves nothing.
#include "base/entropy.h"
#include "hsm/key_table.h"

namespace florin::hsm {

/// Encrypts and decrypts with the probe key. Error: `hsm_failure` or as the module says.
Result<void> probe_token(Session& session, const KeyOnToken& probe, Entropy& entropy);

/// Single properties. Error: `hsm_failure` that names the property.
Result<void> test_encryption(Session& session, const KeyOnToken& key, Entropy& entropy);
Result<void> test_signature(Session& session, const KeyOnToken& key, Entropy& entropy);
Result<void> test_value_unreadable(Session& session, const KeyOnToken& key);

/// All of it: two encryptions of one text differ; a changed ciphertext, tag or context is refused;
/// a signature verifies outside the token; no key value can be read. Error: `hsm_failure` that
/// names the property.
Result<void> self_test(Session& session, const KeyTable& keys, Entropy& entropy);

}  // namespace florin::hsm
