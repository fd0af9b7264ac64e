#include "hsm/self_test.h"

#include "base/hash.h"
#include "base/signature.h"
#include "hsm/encoding.h"

namespace florin::hsm {
namespace {

constexpr std::string_view kContext = "florin hsm probe";
using Iv = ByteArray<kGcmIvSize>;

std::string failed(std::string property) {
  return "The token failed its self-test: " + std::move(property) + ".";
}

Error fault(std::string property) {
  return Error(Errc::hsm_failure, {}, failed(std::move(property)));
}

Iv new_iv(Entropy& entropy) {
  Iv iv{};
  entropy.fill(iv);
  return iv;
}

Result<void> expect_refusal(Session& session, const KeyOnToken& key, BytesView iv, BytesView aad,
                            BytesView sealed, const char* what) {
  session.forget_failure();
  return check_refused(session, session.gcm_decrypt(key.handle, iv, aad, sealed),
                       failed(std::string("a changed ") + what + " was accepted"));
}

}  // namespace

Result<void> test_encryption(Session& session, const KeyOnToken& key, Entropy& entropy) {
  Bytes text(32);
  entropy.fill(text);
  const Iv first_iv = new_iv(entropy);
  const Iv second_iv = new_iv(entropy);
  const BytesView aad = view_of(kContext);
  FLORIN_TRY(const Bytes first, session.gcm_encrypt(key.handle, first_iv, aad, text));
  FLORIN_TRY(const Bytes second, session.gcm_encrypt(key.handle, second_iv, aad, text));
  if (first == second) return fault("the token does not use the given IV");
  FLORIN_TRY(const Secret back, session.gcm_decrypt(key.handle, first_iv, aad, first));
  if (!back.equals(text)) return fault("decryption does not give back the text");
  Bytes changed = first;
  changed.front() ^= 1;
  FLORIN_TRY_VOID(expect_refusal(session, key, first_iv, aad, changed, "ciphertext"));
  changed = first;
  changed.back() ^= 1;
  FLORIN_TRY_VOID(expect_refusal(session, key, first_iv, aad, changed, "tag"));
  FLORIN_TRY_VOID(
      expect_refusal(session, key, first_iv, aad.first(aad.size() - 1), first, "context"));
  changed = first;
  changed.pop_back();
  FLORIN_TRY_VOID(expect_refusal(session, key, first_iv, aad, changed, "tag length"));
  return expect_refusal(session, key, second_iv, aad, first, "IV");
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

Result<void> probe_token(Session& session, const KeyOnToken& probe, Entropy& entropy) {
  ByteArray<32> text{};
  entropy.fill(text);
  const Iv iv = new_iv(entropy);
  FLORIN_TRY(const Bytes sealed, session.gcm_encrypt(probe.handle, iv, view_of(kContext), text));
  FLORIN_TRY(const Secret back, session.gcm_decrypt(probe.handle, iv, view_of(kContext), sealed));
  if (!back.equals(text)) return fault("decryption does not give back the text");
  return {};
}

Result<void> self_test(Session& session, const KeyTable& keys, Entropy& entropy) {
  FLORIN_TRY_VOID(test_encryption(session, keys.probe, entropy));
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
