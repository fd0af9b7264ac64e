#pragma once
/// Private to this room: a token must prove its properties, its mechanism list proves nothing.
#include "base/entropy.h"
#include "hsm/key_table.h"

namespace florin::hsm {

/// Encrypts and decrypts with the probe key. Error: `hsm_failure` or as the module says.
Result<void> probe_token(Session& session, const KeyTable& keys, Entropy& entropy);

/// What a call that must be refused has proven; the session has forgotten earlier failures before
/// it, and is replaced, since a refused call may have spoiled it. Only a refusal counts: an answer
/// is `hsm_failure` with the text `accepted`, also where our own checks did not like it, and a
/// failure for any other reason is given back as it is.
template <class T>
Result<void> check_refused(Session& session, const Result<T>& answer, std::string accepted) {
  const FailureClass failure = session.last_failure();
  if (answer.ok() || failure == FailureClass::none) {
    return Error(Errc::hsm_failure, {}, std::move(accepted));
  }
  const bool refused = failure == FailureClass::corrupt || failure == FailureClass::ambiguous ||
                       failure == FailureClass::caller_bug;
  if (!refused) return answer.error();
  return session.renew();
}

/// Single properties. Error: `hsm_failure` that names the property.
Result<void> test_encryption(Session& session, IvRule rule, const KeyOnToken& key,
                             Entropy& entropy);
Result<void> test_signature(Session& session, const KeyOnToken& key, Entropy& entropy);
Result<void> test_value_unreadable(Session& session, const KeyOnToken& key);

/// The first rule under which the key passes test_encryption; whatever the vendor, this is proven
/// and not looked up. Errors: those of the first rule; as the module says, when it fails for a
/// reason that is not the rule's.
Result<IvRule> prove_iv_rule(Session& session, const KeyOnToken& key, Entropy& entropy);

/// All of it: two encryptions of one text differ; a changed ciphertext, tag or context is refused;
/// a signature verifies outside the token; no key value can be read. Error: `hsm_failure` that
/// names the property. Fills in the IV rule where it is unknown; a known one must still hold.
Result<void> self_test(Session& session, KeyTable& keys, Entropy& entropy);

}  // namespace florin::hsm
