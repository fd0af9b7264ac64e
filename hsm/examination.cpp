#include "hsm/examination.h"

#include <algorithm>

#include "base/aead.h"
#include "base/aead_long_iv.h"
#include "hsm/connection.h"
#include "hsm/dialect.h"
#include "hsm/gcm.h"
#include "hsm/self_test.h"

namespace florin::hsm {
namespace {

constexpr std::string_view kContext = "florin hsm examination";

/// Runs proofs one after the other; a failed one leaves a fresh session behind.
class Examiner {
 public:
  Examiner(Session& session, const KeyTable& keys, Entropy& entropy)
      : session_(session), keys_(keys), entropy_(entropy) {}

  void all(std::vector<Finding>& out) {
    note(out, "AES-GCM: changed ciphertext, tag, context and IV are refused; encryptions differ",
         test_encryption(session_, keys_.iv_rule, keys_.probe, entropy_));
    note(out, "AES-GCM: the output is what OpenSSL makes of the same key, IV and context",
         compare_with_openssl());
    note(out, "AES-GCM: a ciphertext without its tag is refused", refuse_without_tag());
    for (const auto& [number, key] : keys_.audit) {
      note(out, "ECDSA: a signature of " + key.spec.label + " verifies in OpenSSL",
           test_signature(session_, key, entropy_));
    }
    note(out, "key values cannot be read", values_unreadable());
    note(out, "keys cannot be made readable or extractable", attributes_hold());
  }

 private:
  void note(std::vector<Finding>& out, std::string property, const Result<void>& done) {
    Finding finding{.property = std::move(property)};
    if (!done.ok()) {
      const bool impossible = done.error().code() == Errc::not_implemented;
      finding.proof = impossible ? Proof::not_possible : Proof::failed;
      finding.detail = done.error().message();
      if (!done.error().detail().empty()) finding.detail += " (" + done.error().detail() + ")";
      static_cast<void>(session_.renew().ok());
    }
    out.push_back(std::move(finding));
  }

  // A known key shows what the device does with IV, context and tag: one that takes its own IV, or
  // none, gives another output.
  Result<void> compare_with_openssl() {
    Secret value(kAeadKeySize);
    entropy_.fill(value.writable());
    auto key = session_.create_test_key(value);
    if (!key.ok()) {
      return Error(Errc::not_implemented, {}, "the device takes no test key from outside");
    }
    Bytes text(40);
    entropy_.fill(text);
    const Result<Bytes> made =
        gcm_seal(session_, keys_.iv_rule, *key, view_of(kContext), text, entropy_);
    static_cast<void>(session_.destroy_object(key->object).ok());
    if (!made.ok()) return made.error();
    const std::size_t iv = iv_size(keys_.iv_rule);
    const Bytes expected =
        aead_seal_long_iv(value.view(), BytesView(*made).first(iv), view_of(kContext), text);
    if (!std::ranges::equal(BytesView(*made).subspan(iv), expected)) {
      return Error(Errc::hsm_failure, {},
                   "the output is another one: IV, context or tag is not the one that was named");
    }
    return {};
  }

  Result<void> refuse_without_tag() {
    Bytes text(64);
    entropy_.fill(text);
    const KeyHandle probe = keys_.probe.handle;
    FLORIN_TRY(Bytes blob,
               gcm_seal(session_, keys_.iv_rule, probe, view_of(kContext), text, entropy_));
    blob.resize(blob.size() - kGcmTagSize);
    session_.forget_failure();
    return check_refused(session_,
                         gcm_open(session_, iv_size(keys_.iv_rule), probe, view_of(kContext), blob),
                         "a ciphertext without tag was accepted");
  }

  template <class Check>
  Result<void> each_key(const Check& check) {
    for (const auto& [number, key] : keys_.kek) FLORIN_TRY_VOID(check(key));
    for (const auto& [number, key] : keys_.audit) FLORIN_TRY_VOID(check(key));
    return check(keys_.probe);
  }

  Result<void> values_unreadable() {
    return each_key([this](const KeyOnToken& key) { return test_value_unreadable(session_, key); });
  }

  Result<void> attributes_hold() {
    // Tried on the probe key alone: were it to succeed, no real key has been weakened.
    for (const auto& [type, value] : {std::pair{CKA_SENSITIVE, false}, {CKA_EXTRACTABLE, true}}) {
      session_.forget_failure();
      FLORIN_TRY_VOID(
          check_refused(session_, session_.set_flag(keys_.probe.handle, type, value),
                        "an attribute of the probe key could be relaxed: destroy this key"));
    }
    return {};
  }

  Session& session_;
  const KeyTable& keys_;
  Entropy& entropy_;
};

}  // namespace

std::string_view proof_name(Proof proof) noexcept {
  switch (proof) {
    case Proof::passed:
      return "passed";
    case Proof::failed:
      return "failed";
    case Proof::not_possible:
      break;
  }
  return "not possible";
}

bool Examination::fit() const noexcept {
  return std::ranges::none_of(findings,
                              [](const Finding& one) { return one.proof == Proof::failed; });
}

Result<Examination> Connection::examine() {
  if (!session_.has_value()) return Error(Errc::hsm_unavailable);
  const Dialect& dialect = dialect_of(token_.info.manufacturer, token_.info.model);
  Examination out{.dialect = std::string(dialect.name),
                  .tried = dialect.tried,
                  .facts = std::string(dialect.facts),
                  .iv_rule = std::string(iv_rule_name(generation()->keys.iv_rule)),
                  .recommended_lanes = dialect.lanes,
                  .recommended_timeout = dialect.op_timeout,
                  .findings = {}};
  const KeyTable keys = generation()->keys;
  Examiner(*session_, keys, entropy_).all(out.findings);
  Finding survival{.property =
                       "keys survive a new start of the module, and open what they wrapped"};
  ByteArray<32> text{};
  entropy_.fill(text);
  const KeyOnToken kek = keys.kek.begin()->second;
  FLORIN_TRY(const Bytes canary, write_canary(kek, text));
  Result<void> started = start(nullptr, [] {});
  if (started.ok()) started = check_canary(kek.spec, canary, text);
  if (!started.ok()) {
    survival.proof = Proof::failed;
    survival.detail = started.error().message();
  }
  out.findings.push_back(std::move(survival));
  return out;
}

}  // namespace florin::hsm
