#include "hsm/self_test.h"

#include <algorithm>

#include "base/hash.h"
#include "base/signature.h"
#include "hsm/encoding.h"
#include "hsm/gcm.h"

namespace florin::hsm {
namespace {

constexpr std::string_view kContext = "florin hsm probe";

std::string failed(std::string property) {
  return "The token failed its self-test: " + std::move(property) + ".";
}

Error fault(std::string property) {
  return Error(Errc::hsm_failure, {}, failed(std::move(property)));
}

Result<void> expect_refusal(Session& session, const KeyOnToken& key, std::size_t iv_size,
                            BytesView aad, BytesView blob, const char* what) {
  session.forget_failure();
  return check_refused(session, gcm_open(session, iv_size, key.handle, aad, blob),
                       failed(std::string("a changed ") + what + " was accepted"));
}

}  // namespace

Result<void> test_encryption(Session& session, IvRule rule, const KeyOnToken& key,
                             Entropy& entropy) {
  Bytes text(32);
  entropy.fill(text);
  const BytesView aad = view_of(kContext);
  const std::size_t iv = iv_size(rule);
  FLORIN_TRY(const Bytes first, gcm_seal(session, rule, key.handle, aad, text, entropy));
  FLORIN_TRY(const Bytes second, gcm_seal(session, rule, key.handle, aad, text, entropy));
  if (std::ranges::equal(BytesView(first).first(iv), BytesView(second).first(iv)) ||
      std::ranges::equal(BytesView(first).subspan(iv), BytesView(second).subspan(iv))) {
    return fault("two encryptions with one IV, or with none");
  }
  FLORIN_TRY(const Secret back, gcm_open(session, iv, key.handle, aad, first));
  if (!back.equals(text)) return fault("decryption does not give back the text");
  Bytes changed = first;
  changed[iv] ^= 1;
  FLORIN_TRY_VOID(expect_refusal(session, key, iv, aad, changed, "ciphertext"));
  changed = first;
  changed.back() ^= 1;
  FLORIN_TRY_VOID(expect_refusal(session, key, iv, aad, changed, "tag"));
  FLORIN_TRY_VOID(expect_refusal(session, key, iv, aad.first(aad.size() - 1), first, "context"));
  changed = first;
  changed.pop_back();
  FLORIN_TRY_VOID(expect_refusal(session, key, iv, aad, changed, "tag length"));
  changed = first;
  std::copy_n(second.begin(), iv, changed.begin());
  return expect_refusal(session, key, iv, aad, changed, "IV");
}

Result<IvRule> prove_iv_rule(Session& session, const KeyOnToken& key, Entropy& entropy) {
  std::optional<Error> refused;
  for (const IvRule rule : usable_iv_rules()) {
    session.forget_failure();
    Result<void> tested = test_encryption(session, rule, key, entropy);
    if (tested.ok()) return rule;
    const FailureClass failure = session.last_failure();
    if (!refused.has_value()) refused = tested.error();
    // A device that fails says nothing about whose IV it takes.
    if (failure != FailureClass::none && failure != FailureClass::caller_bug) break;
    FLORIN_TRY_VOID(session.renew());
  }
  return std::move(*refused);
}

Result<void> test_signature(Session& session, const KeyOnToken& key, Entropy& entropy) {
  ByteArray<32> message{};
  entropy.fill(message);
  FLORIN_TRY(const Bytes raw, session.sign_ecdsa(key.handle, sha256(message)));
  FLORIN_TRY(const Bytes signature, ecdsa_signature_der(raw));
  if (!verify_ecdsa_p256(key.public_key_der, message, signature).ok()) {
    return fault("a signature does not verify with the public key");
  }
  return {};
}

Result<void> test_value_unreadable(Session& session, const KeyOnToken& key) {
  session.forget_failure();
  const Result<Bytes> value = session.attribute(key.handle.object, CKA_VALUE);
  // Some say "no length" without an error: nothing can be read there either.
  if (!value.ok() && session.last_failure() == FailureClass::none) return session.renew();
  return check_refused(session, value, failed("the value of " + key.spec.label + " can be read"));
}

Result<void> probe_token(Session& session, const KeyTable& keys, Entropy& entropy) {
  ByteArray<32> text{};
  entropy.fill(text);
  const KeyHandle probe = keys.probe.handle;
  FLORIN_TRY(const Bytes blob,
             gcm_seal(session, keys.iv_rule, probe, view_of(kContext), text, entropy));
  FLORIN_TRY(const Secret back,
             gcm_open(session, iv_size(keys.iv_rule), probe, view_of(kContext), blob));
  if (!back.equals(text)) return fault("decryption does not give back the text");
  return {};
}

Result<void> self_test(Session& session, KeyTable& keys, Entropy& entropy) {
  if (keys.iv_rule == IvRule::unknown) {
    FLORIN_TRY(keys.iv_rule, prove_iv_rule(session, keys.probe, entropy));
  } else {
    FLORIN_TRY_VOID(test_encryption(session, keys.iv_rule, keys.probe, entropy));
  }
  FLORIN_TRY_VOID(test_value_unreadable(session, keys.probe));
  for (const auto& [number, key] : keys.audit) {
    FLORIN_TRY_VOID(test_signature(session, key, entropy));
    FLORIN_TRY_VOID(test_value_unreadable(session, key));
  }
  for (const auto& [number, key] : keys.kek) {
    FLORIN_TRY_VOID(test_value_unreadable(session, key));
  }
  return {};
}

}  // namespace florin::hsm
