#pragma once
/// Private to this room: AES-GCM as this token does it. What is sealed by any rule is opened with
/// the IV that stands before it.
#include "base/entropy.h"
#include "hsm/dialect.h"
#include "hsm/session.h"

namespace florin::hsm {

/// The rules under which a token can be used, the most wanted first.
std::span<const IvRule> usable_iv_rules() noexcept;
/// Bytes of the IV that comes with this rule.
std::size_t iv_size(IvRule rule) noexcept;

/// IV, ciphertext, tag (16 bytes). The IV is ours or the device's, as the rule says. Errors: as the
/// module says; `hsm_failure` when the output is not of this rule.
Result<Bytes> gcm_seal(Session& session, IvRule rule, KeyHandle key, BytesView aad, BytesView text,
                       Entropy& entropy);
/// Undoes it; the IV has `iv_size` bytes. Errors: as Session::gcm_decrypt; `key_unwrap_failed` when
/// the blob is too short.
Result<Secret> gcm_open(Session& session, std::size_t iv_size, KeyHandle key, BytesView aad,
                        BytesView blob);

}  // namespace florin::hsm
