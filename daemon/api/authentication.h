#pragma once
/// From a request to the merchant who sent it.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/control/credential_directory.h"
#include "daemon/engine/context_registry.h"
#include "daemon/engine/payment_service.h"
#include "daemon/http/message.h"
#include "daemon/identity/nonce_cache.h"
#include "daemon/net/certificates.h"

namespace florin::api {

/// A proven sender.
struct Sender {
  engine::ContextPtr context;
  engine::Caller caller;  ///< idempotency key and fingerprint are empty for reads
  std::string idempotency_key;
};

/// One request as it arrived.
struct Arrival {
  const http::Request& request;
  const net::TlsPeer* peer;  ///< null on a connection without TLS
  bool is_write;
  std::string_view request_id;  ///< unique for ever
};

class Authentication {
 public:
  /// Which tenant a name means; nothing when there is none.
  using TenantOf = std::function<std::optional<TenantId>(const std::string& name)>;

  Authentication(const control::CredentialDirectory& directory,
                 const engine::ContextRegistry& contexts, const Clock& clock, TenantOf tenant_of)
      : directory_(directory),
        contexts_(contexts),
        clock_(clock),
        tenant_of_(std::move(tenant_of)),
        nonces_(clock.now(), kNonces) {}

  /// A signed request is checked in this order: headers, key, Idempotency-Key (writes), time
  /// window, signature, client certificate if the key is bound to one, nonce. A request without
  /// Authorization is its client certificate's. At a domain of one tenant, the credentials of all
  /// others are unknown. Errors: `credential_invalid`, `idempotency_key_missing`,
  /// `idempotency_key_invalid`, `timestamp_skew`, `signature_invalid`, `nonce_reused`,
  /// `overloaded`.
  Result<Sender> authenticate(const Arrival& arrival);

 private:
  using Known = std::optional<control::KnownCredential>;
  Result<Sender> by_signature(const Arrival& arrival, std::string_view header);
  Result<Sender> by_certificate(const Arrival& arrival);
  Result<Sender> sender_of(const Known& known, const Arrival& arrival, std::string key,
                           std::string_view nonce) const;
  [[nodiscard]] Known admitted(Known known, const Arrival& arrival) const;

  static constexpr std::size_t kNonces = 1'000'000;
  const control::CredentialDirectory& directory_;
  const engine::ContextRegistry& contexts_;
  const Clock& clock_;
  TenantOf tenant_of_;
  identity::NonceCache nonces_;
};

}  // namespace florin::api
