#include "hsm/wrapping.h"

#include "hsm/gcm.h"
#include "hsm/self_test.h"

namespace florin::hsm {
namespace {

Error missing(const KeySpec& spec) {
  return Error(Errc::hsm_key_missing, spec.label,
               "The key " + spec.label + " is not on the token.");
}

// A handle that names another object by now would wrap under a key that nobody keeps.
Result<void> check_still_same(Session& session, const KeyOnToken& key) {
  FLORIN_TRY(const std::string now, check_value_now(session, key.handle.object));
  if (now == key.check_value) return {};
  return Error(Errc::hsm_key_unfit, key.spec.label,
               "The key " + key.spec.label + " is another one than at the start.");
}

// The blob does not say how long its IV is, its tag does: a device that makes long ones may have
// taken ours before it was switched to that, or be switched back.
Result<Secret> open_blob(Call& call, KeyHandle key, BytesView blob, BytesView context) {
  const std::size_t own = iv_size(call.keys.iv_rule);
  Result<Secret> plain = gcm_open(call.session, own, key, context, blob);
  const FailureClass failure = call.session.last_failure();
  const bool refused = failure == FailureClass::corrupt || failure == FailureClass::ambiguous;
  if (plain.ok() || !refused) return plain;
  FLORIN_TRY_VOID(call.session.renew());
  call.session.forget_failure();
  const std::size_t other = own == kGcmIvSize ? kGcmLongestIvSize : kGcmIvSize;
  Result<Secret> second = gcm_open(call.session, other, key, context, blob);
  // Too short for the other one: the first answer stands, and what it meant is still to be found.
  if (blob.size() <= other + kGcmTagSize) call.session.set_failure(failure);
  return second.ok() ? std::move(second) : std::move(plain);
}

}  // namespace

Result<const KeyOnToken*> key_in(const std::map<std::uint32_t, KeyOnToken>& keys,
                                 const KeySpec& spec) {
  const auto at = keys.find(spec.number);
  if (at == keys.end()) return missing(spec);
  return &at->second;
}

Result<Bytes> wrap_with(Call& call, const KeySpec& spec, BytesView text, BytesView context) {
  FLORIN_TRY(const KeyOnToken* const key, key_in(call.keys.kek, spec));
  FLORIN_TRY_VOID(check_still_same(call.session, *key));
  return gcm_seal(call.session, call.keys.iv_rule, key->handle, context, text, call.entropy);
}

Result<Secret> unwrap_with(Call& call, const KeySpec& spec, BytesView blob, BytesView context) {
  FLORIN_TRY(const KeyOnToken* const key, key_in(call.keys.kek, spec));
  Result<Secret> plain = open_blob(call, key->handle, blob, context);
  if (plain.ok()) return plain;
  const FailureClass failure = call.session.last_failure();
  if (failure == FailureClass::corrupt) return Error(Errc::key_unwrap_failed);
  if (failure != FailureClass::ambiguous) return plain;
  // The same code means a bad blob or a sick token; the probe key tells which.
  FLORIN_TRY_VOID(call.session.renew());
  call.session.forget_failure();
  if (const Result<void> probed = probe_token(call.session, call.keys, call.entropy);
      !probed.ok()) {
    // Once a token answers every call like this, only a new start of the module heals it.
    call.session.set_failure(FailureClass::token_lost);
    return plain;
  }
  call.session.set_failure(FailureClass::corrupt);
  return Error(Errc::key_unwrap_failed);
}

}  // namespace florin::hsm
