#include "daemon/net/certificate_facts.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "base/bytes.h"
#include "daemon/net/openssl_handles.h"

namespace florin::net {
namespace {

using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

std::string text_of_string(const ASN1_STRING* text) {
  const auto* const bytes = ASN1_STRING_get0_data(text);
  const int size = ASN1_STRING_length(text);
  if (bytes == nullptr || size <= 0) return {};
  std::string out(text_of({bytes, static_cast<std::size_t>(size)}));
  // A name with anything but printable ASCII is no DNS name and no URI (RFC 5280 §4.2.1.6).
  for (const char c : out) {
    if (c <= ' ' || c > '~') return {};
  }
  return out;
}

std::string text_of_address(const ASN1_OCTET_STRING* address) {
  const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(address) != 16) return {};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (inet_ntop(family, ASN1_STRING_get0_data(address), out.data(), out.size()) == nullptr) {
    return {};
  }
  return out.data();
}

NamesPtr alternative_names(X509* certificate) {
  return NamesPtr(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

std::vector<std::string> client_names(X509* certificate) {
  std::vector<std::string> out;
  const NamesPtr names = alternative_names(certificate);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    std::string text;
    if (name->type == GEN_URI) text = text_of_string(name->d.uniformResourceIdentifier);
    if (name->type == GEN_DNS) text = text_of_string(name->d.dNSName);
    if (!text.empty()) out.push_back(std::move(text));
  }
  return out;
}

}  // namespace

UnixNanos unix_time(const ASN1_TIME* time) noexcept {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<UnixNanos>(timegm(&parts)) * kNanosPerSecond;
}

std::vector<std::string> server_names(X509* certificate) {
  std::vector<std::string> out;
  const NamesPtr names = alternative_names(certificate);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    std::string text;
    if (name->type == GEN_DNS) text = text_of_string(name->d.dNSName);
    if (name->type == GEN_IPADD) text = text_of_address(name->d.iPAddress);
    if (!text.empty()) out.push_back(std::move(text));
  }
  return out;
}

std::string_view client_fault(X509* certificate) {
  if (X509_check_ca(certificate) != 0) return "it is an authority's certificate";
  const auto usage = X509_get_extended_key_usage(certificate);
  // Without the extension OpenSSL says that everything is allowed; here it has to be said.
  if (usage == UINT32_MAX || (usage & XKU_SSL_CLIENT) == 0) {
    return "its extended key usage does not name clientAuth";
  }
  if (client_names(certificate).empty()) return "it has neither a URI nor a DNS name";
  return {};
}

ClientCertificate client_facts(X509* certificate) {
  ClientCertificate out;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1) {
    out.thumbprint = to_hex({digest.data(), size});
  }
  out.names = client_names(certificate);
  out.not_after = unix_time(X509_get0_notAfter(certificate));
  return out;
}

Result<ClientCertificate> read_client_certificate(std::string_view pem) {
  const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr certificate(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (!certificate) return Error(Errc::malformed_value, "", "expected a certificate as PEM");
  if (const std::string_view fault = client_fault(certificate.get()); !fault.empty()) {
    return Error(Errc::malformed_value, "",
                 "the certificate cannot be a client's: " + std::string(fault));
  }
  return client_facts(certificate.get());
}

}  // namespace florin::net
