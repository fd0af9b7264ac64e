#include "hsm/gcm.h"

#include <array>

namespace florin::hsm {
namespace {

constexpr std::array kUsable = {IvRule::caller, IvRule::written_back, IvRule::appended,
                                IvRule::prepended};

}  // namespace

std::span<const IvRule> usable_iv_rules() noexcept {
  return kUsable;
}

std::size_t iv_size(IvRule rule) noexcept {
  return rule == IvRule::appended ? kGcmLongestIvSize : kGcmIvSize;
}

Result<Bytes> gcm_seal(Session& session, IvRule rule, KeyHandle key, BytesView aad, BytesView text,
                       Entropy& entropy) {
  if (rule != IvRule::caller) return session.gcm_encrypt_own_iv(key, rule, aad, text);
  Bytes out(kGcmIvSize);
  entropy.fill(out);
  FLORIN_TRY(const Bytes sealed, session.gcm_encrypt(key, out, aad, text));
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

Result<Secret> gcm_open(Session& session, std::size_t iv_size, KeyHandle key, BytesView aad,
                        BytesView blob) {
  if (blob.size() <= iv_size + kGcmTagSize) {
    session.set_failure(FailureClass::corrupt);
    return Error(Errc::key_unwrap_failed);
  }
  return session.gcm_decrypt(key, blob.first(iv_size), aad, blob.subspan(iv_size));
}

}  // namespace florin::hsm
