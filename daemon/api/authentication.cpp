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

Result<Sender> Authentication::authenticate(const Arrival& arrival) {
  const http::Headers& headers = arrival.request.headers;
  if (const auto header = headers.get("Authorization")) return by_signature(arrival, *header);
  if (headers.count("Authorization") > 0) {
    return Error(Errc::credential_invalid, "Authorization", "the header is given more than once");
  }
  if (arrival.peer == nullptr || !arrival.peer->certificate) {
    return Error(Errc::credential_invalid, "Authorization", "the header is missing");
  }
  return by_certificate(arrival);
}

Result<Sender> Authentication::by_signature(const Arrival& arrival, std::string_view header) {
  FLORIN_TRY(identity::Claim claim, identity::parse_authorization(header));
  FLORIN_TRY(std::string key, idempotency_key_of(arrival.request, arrival.is_write));
  Known known = admitted(directory_.find(claim.key_id), arrival);
  if (known && known->credential.by_certificate_alone()) known.reset();
  Secret secret;
  if (known) {
    FLORIN_TRY(secret, control::CredentialDirectory::secret_of(*known));
  }
  const UnixNanos now = clock_.now();
  FLORIN_TRY_VOID(
      identity::verify_claim(arrival.request, claim, key, known ? &secret : nullptr, now));
  // The signature is proven, so this tells nothing to a stranger.
  const std::string& bound = known->credential.certificate;
  const net::ClientCertificate* const shown =
      arrival.peer == nullptr ? nullptr : arrival.peer->certificate.get();
  if (!bound.empty() && (shown == nullptr || shown->thumbprint != bound)) {
    return Error(Errc::credential_invalid, "Authorization",
                 "the key counts only with its client certificate");
  }
  FLORIN_TRY_VOID(
      nonces_.remember(claim.key_id, claim.nonce, claim.timestamp_s, !arrival.is_write, now));
  return sender_of(known, arrival, std::move(key), claim.nonce);
}

// TLS has proven the key and that nobody repeats bytes; what is left is whose certificate it is.
Result<Sender> Authentication::by_certificate(const Arrival& arrival) {
  FLORIN_TRY(std::string key, idempotency_key_of(arrival.request, arrival.is_write));
  const Known known =
      admitted(directory_.find_by_certificate(arrival.peer->certificate->thumbprint), arrival);
  if (!known) {
    return Error(Errc::credential_invalid, "", "the client certificate is no merchant's");
  }
  return sender_of(known, arrival, std::move(key), arrival.request_id);
}

Authentication::Known Authentication::admitted(Known known, const Arrival& arrival) const {
  if (!known || arrival.peer == nullptr || arrival.peer->tenant.empty()) return known;
  // A tenant that does not exist has no credentials.
  if (tenant_of_(arrival.peer->tenant) != known->ledger.tenant) return std::nullopt;
  return known;
}

Result<Sender> Authentication::sender_of(const Known& known, const Arrival& arrival,
                                         std::string key, std::string_view nonce) const {
  Sender sender{.context = nullptr, .caller = {}, .idempotency_key = std::move(key)};
  FLORIN_TRY(sender.context, contexts_.find(known->ledger.tenant, known->ledger.mode));
  sender.caller.merchant = known->credential.merchant;
  sender.caller.credential = known->credential.id;
  sender.caller.nonce_key = sender.context->nonce_key(known->credential.id.text(), nonce);
  if (arrival.is_write) {
    sender.caller.idempotency_key =
        sender.context->idempotency_key(sender.caller.merchant, sender.idempotency_key);
  }
  return sender;
}

}  // namespace florin::api
