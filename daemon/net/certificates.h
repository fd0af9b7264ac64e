#pragma once
/// The certificates that a TLS server shows, one for each domain, and whom it trusts as a client.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace florin::net {

/// Whether a domain asks its clients for a certificate.
enum class ClientPolicy : std::uint8_t { none, optional, required };
std::string_view client_policy_name(ClientPolicy policy) noexcept;

/// One domain: the name that clients ask for (SNI, RFC 6066 §3) and its files, all PEM.
struct DomainFiles {
  std::string domain;  ///< "pay.bank.example", or "*.bank.example" for one label in its place
  std::filesystem::path chain;
  std::filesystem::path key;
  std::string tenant;  ///< whose credentials it takes; empty = everybody's
  ClientPolicy clients = ClientPolicy::none;
  std::filesystem::path client_anchors;      ///< certificate authorities; needed unless `none`
  std::filesystem::path client_revocations;  ///< CRLs; empty = revocation is not checked
};

struct CertificateFiles {
  std::filesystem::path chain;  ///< shown for no name and for unknown ones
  std::filesystem::path key;
  std::vector<DomainFiles> domains;
};

/// What people want to know of one certificate.
struct CertificateStatus {
  std::string domain;              ///< empty: the default certificate
  std::vector<std::string> names;  ///< DNS names and addresses that it is for
  UnixNanos not_before = 0;
  UnixNanos not_after = 0;
  std::string tenant;
  ClientPolicy clients = ClientPolicy::none;
  UnixNanos revocations_until = 0;  ///< earliest nextUpdate of its CRLs; 0 = there are none
};

/// A checked set of certificates, ready to serve. Never changes; thread-safe.
class Certificates {
 public:
  /// Reads and checks everything or nothing: keys closed to group and others and fitting their
  /// certificates, certificates that cover their domains, a default one that names none of them,
  /// anchors that are authorities. What time has overtaken is not an error but in the status.
  /// Error: `tls_failed`, naming the file and the reason.
  static Result<std::shared_ptr<const Certificates>> load(const CertificateFiles& files);

  virtual ~Certificates() = default;
  /// The default certificate first, then the domains in the order given.
  [[nodiscard]] virtual const std::vector<CertificateStatus>& status() const noexcept = 0;
};

/// A client's certificate as far as it says who the client is. The common name says nothing.
struct ClientCertificate {
  std::string thumbprint;          ///< SHA-256 of the whole certificate, 64 hexadecimal digits
  std::vector<std::string> names;  ///< URI and DNS names (subjectAltName)
  UnixNanos not_after = 0;
};

/// Reads the first certificate of a PEM text. Errors: `malformed_value` when there is none, or none
/// that could be a client's: without URI or DNS name, without clientAuth, an authority's.
Result<ClientCertificate> read_client_certificate(std::string_view pem);

/// What the handshake proved about the other end.
struct TlsPeer {
  std::string domain;  ///< that the client asked for; empty for the default certificate
  std::string tenant;  ///< to which the domain belongs; empty = to nobody
  std::unique_ptr<const ClientCertificate> certificate;  ///< null when none was shown
};

}  // namespace florin::net
