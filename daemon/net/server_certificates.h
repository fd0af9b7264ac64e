#pragma once
/// The contexts behind a set of certificates, and the choice among them in a handshake. Private to
/// this room.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/net/certificates.h"
#include "daemon/net/client_trust.h"
#include "daemon/net/openssl_handles.h"
#include "daemon/net/wire.h"

namespace florin::net {

class ServerCertificates final : public Certificates {
 public:
  struct Domain {
    DomainFiles files;  ///< no name: the default certificate
    SslContextPtr context;
    std::unique_ptr<const ClientTrust> trust;  ///< null: clients are not asked
  };

  static Result<std::shared_ptr<const ServerCertificates>> make(const CertificateFiles& files);
  [[nodiscard]] const std::vector<CertificateStatus>& status() const noexcept override {
    return status_;
  }

  /// A handle for one accepted connection; the set must outlive it. Null when out of memory.
  [[nodiscard]] SslPtr accept() const;
  /// The domain of a host or SNI name; the default one for every other.
  [[nodiscard]] const Domain& domain_of(std::string_view host) const;
  /// The domain that a handshake of this set has chosen.
  [[nodiscard]] static const Domain& chosen(const SSL* ssl);
  /// What this set says of a connection that an earlier one has accepted as `then`.
  [[nodiscard]] Standing review(const Domain& then, SSL* ssl) const;

 private:
  ServerCertificates() = default;
  Result<void> add(const DomainFiles& files);
  void choose(SSL* ssl) const;
  static int on_hello(SSL* ssl, int* alert, void* argument);

  std::vector<std::unique_ptr<const Domain>> domains_;  ///< the default one first
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::vector<CertificateStatus> status_;
};

}  // namespace florin::net
