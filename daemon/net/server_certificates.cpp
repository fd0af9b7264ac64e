#include "daemon/net/server_certificates.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/log.h"
#include "daemon/net/certificate_facts.h"
#include "daemon/net/host_name.h"
#include "daemon/net/tls_settings.h"

namespace florin::net {
namespace {

using Domain = ServerCertificates::Domain;

Error file_error(const std::filesystem::path& file, const std::string& what) {
  return Error(Errc::tls_failed, "", file.string() + ": " + what, openssl_reason());
}

int domain_slot() {
  static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

Result<void> check_private(const std::filesystem::path& key) {
  struct stat status{};
  if (::stat(key.c_str(), &status) != 0) return file_error(key, "the private key cannot be read");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return file_error(key, "the private key may be readable by its owner only (mode 0600)");
  }
  return {};
}

Result<void> use_files(SSL_CTX* context, const DomainFiles& files) {
  FLORIN_TRY_VOID(check_private(files.key));
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.chain.c_str()) != 1) {
    return file_error(files.chain, "the certificate chain cannot be used");
  }
  const BioPtr in(BIO_new_file(files.key.c_str(), "r"));
  const EvpKeyPtr key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr,
                                                   SSL_CTX_get_default_passwd_cb(context), nullptr)
                         : nullptr);
  if (!key) return file_error(files.key, "the private key cannot be used");
  if (X509_check_private_key(SSL_CTX_get0_certificate(context), key.get()) != 1) {
    return file_error(files.key, "the private key does not belong to the certificate");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return file_error(files.key, "the private key cannot be used");
  }
  return {};
}

/// A host name that only a certificate for this domain covers.
std::string probe_name(const std::string& domain) {
  return domain.starts_with("*.") ? "any-name-at-all" + domain.substr(1) : domain;
}

bool covers(X509* certificate, const std::string& domain, unsigned flags) {
  const std::string name = probe_name(domain);
  return X509_check_host(certificate, name.c_str(), name.size(),
                         flags | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

/// The name that a hello asks for (RFC 6066 §3); empty when there is none. OpenSSL checks the
/// extension's form later and ends the handshake over a bad one.
std::string_view asked_name(SSL* ssl) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  constexpr std::size_t kBeforeName = 5;  // length of the list, kind of name, length of the name
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) != 1) return {};
  if (size < kBeforeName || data[2] != TLSEXT_NAMETYPE_host_name) return {};
  const std::size_t length = (std::size_t{data[3]} << 8U) | data[4];
  if (length != size - kBeforeName) return {};
  return text_of({data + kBeforeName, length});
}

int on_client_certificate(int ok, X509_STORE_CTX* verification) {
  const int verdict = ClientTrust::judge(ok, verification);
  if (verdict == 1) return 1;
  const auto* const ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const int error = X509_STORE_CTX_get_error(verification);
  X509* const certificate = X509_STORE_CTX_get_current_cert(verification);
  const std::string_view fault = error == X509_V_ERR_INVALID_PURPOSE && certificate != nullptr
                                     ? client_fault(certificate)
                                     : std::string_view();
  // Without a current list nobody gets in: that is for people to mend, not a client's fault.
  const bool ours = error == X509_V_ERR_CRL_HAS_EXPIRED || error == X509_V_ERR_UNABLE_TO_GET_CRL ||
                    error == X509_V_ERR_CRL_NOT_YET_VALID;
  log(ours ? LogLevel::error : LogLevel::notice, "tls.client_refused",
      {{"domain", ServerCertificates::chosen(ssl).files.domain},
       {"reason", fault.empty() ? X509_verify_cert_error_string(error) : std::string(fault)},
       {"depth", X509_STORE_CTX_get_error_depth(verification)}});
  return 0;
}

CertificateStatus status_of(const Domain& domain) {
  X509* const certificate = SSL_CTX_get0_certificate(domain.context.get());
  return {.domain = domain.files.domain,
          .names = server_names(certificate),
          .not_before = unix_time(X509_get0_notBefore(certificate)),
          .not_after = unix_time(X509_get0_notAfter(certificate)),
          .tenant = domain.files.tenant,
          .clients = domain.files.clients,
          .revocations_until = domain.trust ? domain.trust->revocations_until() : 0};
}

}  // namespace

std::string_view client_policy_name(ClientPolicy policy) noexcept {
  switch (policy) {
    case ClientPolicy::none:
      return "none";
    case ClientPolicy::optional:
      return "optional";
    case ClientPolicy::required:
      return "required";
  }
  return "";
}

Result<std::shared_ptr<const Certificates>> Certificates::load(const CertificateFiles& files) {
  FLORIN_TRY(std::shared_ptr<const ServerCertificates> made, ServerCertificates::make(files));
  return std::shared_ptr<const Certificates>(std::move(made));
}

Result<std::shared_ptr<const ServerCertificates>> ServerCertificates::make(
    const CertificateFiles& files) {
  const std::shared_ptr<ServerCertificates> set(new ServerCertificates);
  DomainFiles standard;
  standard.chain = files.chain;
  standard.key = files.key;
  FLORIN_TRY_VOID(set->add(standard));
  for (const DomainFiles& domain : files.domains) FLORIN_TRY_VOID(set->add(domain));
  // It is shown to anybody who asks: a tenant's name on it would tell who banks here.
  X509* const shown = SSL_CTX_get0_certificate(set->domains_.front()->context.get());
  for (const DomainFiles& domain : files.domains) {
    if (covers(shown, domain.domain, X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT)) {
      return file_error(files.chain, "the default certificate names the domain " + domain.domain);
    }
  }
  SSL_CTX* const first = set->domains_.front()->context.get();
  SSL_CTX_set_client_hello_cb(first, on_hello, set.get());
  return std::shared_ptr<const ServerCertificates>(set);
}

Result<void> ServerCertificates::add(const DomainFiles& files) {
  auto domain = std::make_unique<Domain>();
  domain->files = files;
  domain->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = domain->context.get();
  if (context == nullptr || !restrict_context(context)) return Error(Errc::tls_failed);
  FLORIN_TRY_VOID(use_files(context, files));
  // Sessions live in tickets only, under keys of this set, and for the one domain.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  const Hash32 sessions = sha256(view_of(files.domain));
  SSL_CTX_set_session_id_context(context, sessions.data(), sessions.size());
  select_http11(context);
  if (!files.domain.empty()) {
    if (!valid_domain(files.domain)) return file_error(files.domain, "is not a domain's name");
    if (!by_name_.emplace(files.domain, domains_.size()).second) {
      return file_error(files.domain, "there are two folders for this domain");
    }
    if (!covers(SSL_CTX_get0_certificate(context), files.domain,
                X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)) {
      return file_error(files.chain, "the certificate is not for " + files.domain);
    }
  }
  if (files.clients != ClientPolicy::none) {
    FLORIN_TRY(domain->trust, ClientTrust::load(files.client_anchors, files.client_revocations));
    if (!domain->trust->use_in(context)) return Error(Errc::tls_failed);
  }
  status_.push_back(status_of(*domain));
  domains_.push_back(std::move(domain));
  return {};
}

SslPtr ServerCertificates::accept() const {
  return SslPtr(SSL_new(domains_.front()->context.get()));
}

const Domain& ServerCertificates::domain_of(std::string_view host) const {
  const std::string name = normal_host(host);
  auto found = by_name_.find(name);
  if (found == by_name_.end()) found = by_name_.find(wildcard_of(name));
  return *domains_[found == by_name_.end() ? 0 : found->second];
}

const Domain& ServerCertificates::chosen(const SSL* ssl) {
  return *static_cast<const Domain*>(SSL_get_ex_data(ssl, domain_slot()));
}

int ServerCertificates::on_hello(SSL* ssl, int* alert, void* argument) {
  static_cast<const ServerCertificates*>(argument)->choose(ssl);
  if (SSL_get_ex_data(ssl, domain_slot()) != nullptr) return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_INTERNAL_ERROR;
  return SSL_CLIENT_HELLO_ERROR;
}

void ServerCertificates::choose(SSL* ssl) const {
  const std::string_view name = asked_name(ssl);
  // A port is no part of a name here.
  const Domain& domain =
      name.find(':') == std::string_view::npos ? domain_of(name) : *domains_.front();
  if (SSL_set_SSL_CTX(ssl, domain.context.get()) == nullptr) return;
  if (domain.trust) {
    const bool required = domain.files.clients == ClientPolicy::required;
    SSL_set_verify(ssl, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                   on_client_certificate);
    domain.trust->restrict(SSL_get0_param(ssl));
    // A resumed session would skip the check of time and revocation.
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_num_tickets(ssl, 0);
  }
  // The set is not changed through this pointer; OpenSSL's slots know no const.
  SSL_set_ex_data(ssl, domain_slot(), const_cast<Domain*>(&domain));
}

Standing ServerCertificates::review(const Domain& then, SSL* ssl) const {
  const Domain& now = domain_of(then.files.domain.starts_with("*.") ? probe_name(then.files.domain)
                                                                    : then.files.domain);
  if (now.files.domain != then.files.domain || now.files.tenant != then.files.tenant) {
    return Standing::misdirected;
  }
  const X509Ptr certificate(SSL_get1_peer_certificate(ssl));
  if (!certificate) {
    return now.files.clients == ClientPolicy::required ? Standing::untrusted : Standing::good;
  }
  const std::string fault = now.trust
                                ? now.trust->verify(certificate.get(), SSL_get_peer_cert_chain(ssl))
                                : "the domain takes no client certificates any more";
  if (fault.empty()) return Standing::good;
  log(LogLevel::notice, "tls.client_refused",
      {{"domain", now.files.domain}, {"reason", fault}, {"open_connection", true}});
  return Standing::untrusted;
}

}  // namespace florin::net
