#include "daemon/api/authentication.h"

#include "base/log.h"
#include "daemon/identity/signed_request.h"

namespace florin::api {
namespace {

Result<std::string> idempotency_key_of(const http::Request& request, bool is_write) {
  constexpr std::string_view name = "Idempotency-Key";
  const std::size_t count = request.headers.count(name);
  if (count == 0 && is_write) return Error(Errc::idempotency_key_missing, std::string(name), {});
  // A read has no effect to repeat; its key is ignored, but it is still one of the signed lines.
  if (count == 0) return std::string();
  const auto value = request.headers.get(name);
  if (!value)
    return Error(Errc::idempotency_key_invalid, std::string(name), "given more than once");
  return identity::parse_idempotency_key(*value);
}

}  // namespace

Result<Sender> Authentication::authenticate(const http::Request& request, bool is_write) {
  const auto header = request.headers.get("Authorization");
  if (!header) {
    return Error(Errc::credential_invalid, "Authorization",
                 request.headers.count("Authorization") == 0
                     ? "the header is missing"
                     : "the header is given more than once");
  }
  FLORIN_TRY(identity::Claim claim, identity::parse_authorization(*header));
  FLORIN_TRY(std::string key, idempotency_key_of(request, is_write));
  const auto known = directory_.find(claim.key_id);
  Secret secret;
  if (known) {
    FLORIN_TRY(secret, control::CredentialDirectory::secret_of(*known));
  }
  const UnixNanos now = clock_.now();
  FLORIN_TRY_VOID(identity::verify_claim(request, claim, key, known ? &secret : nullptr, now));
  FLORIN_TRY_VOID(nonces_.remember(claim.key_id, claim.nonce, claim.timestamp_s, !is_write, now));
  Sender sender{.context = nullptr, .caller = {}, .idempotency_key = std::move(key)};
  FLORIN_TRY(sender.context, contexts_.find(known->ledger.tenant, known->ledger.mode));
  sender.caller.merchant = known->credential.merchant;
  sender.caller.credential = known->credential.id;
  sender.caller.nonce_key = sender.context->nonce_key(claim.key_id, claim.nonce);
  if (is_write) {
    sender.caller.idempotency_key =
        sender.context->idempotency_key(sender.caller.merchant, sender.idempotency_key);
  }
  return sender;
}

}  // namespace florin::api
