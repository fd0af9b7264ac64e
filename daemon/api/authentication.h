#pragma once
/// From a request to the merchant who sent it.
#include <string>

#include "daemon/control/credential_directory.h"
#include "daemon/engine/context_registry.h"
#include "daemon/engine/payment_service.h"
#include "daemon/http/message.h"
#include "daemon/identity/nonce_cache.h"

namespace florin::api {

/// A proven sender.
struct Sender {
  engine::ContextPtr context;
  engine::Caller caller;  ///< idempotency key and fingerprint are empty for reads
  std::string idempotency_key;
};

class Authentication {
 public:
  Authentication(const control::CredentialDirectory& directory,
                 const engine::ContextRegistry& contexts, const Clock& clock)
      : directory_(directory), contexts_(contexts), clock_(clock), nonces_(clock.now(), kNonces) {}

  /// Checks in this order: headers, key, Idempotency-Key (writes), time window, signature, nonce.
  /// Errors: `credential_invalid`, `idempotency_key_missing`, `idempotency_key_invalid`,
  /// `timestamp_skew`, `signature_invalid`, `nonce_reused`, `overloaded`.
  Result<Sender> authenticate(const http::Request& request, bool is_write);

 private:
  static constexpr std::size_t kNonces = 1'000'000;
  const control::CredentialDirectory& directory_;
  const engine::ContextRegistry& contexts_;
  const Clock& clock_;
  identity::NonceCache nonces_;
};

}  // namespace florin::api
