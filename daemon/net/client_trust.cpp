#include "daemon/net/client_trust.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <functional>

#include "daemon/net/certificate_facts.h"

namespace florin::net {
namespace {

/// Certificates between the client's and the anchor.
constexpr int kIntermediates = 4;
constexpr int kSecurityLevel = 2;

Error trust_error(const std::filesystem::path& file, const std::string& what) {
  return Error(Errc::tls_failed, "", file.string() + ": " + what, openssl_reason());
}

/// Reads PEM objects until the end of the file; false when something else comes first.
template <class Read>
bool read_all(const std::filesystem::path& file, Read read_one) {
  const BioPtr in(BIO_new_file(file.c_str(), "r"));
  if (!in) return false;
  while (read_one(in.get())) {
  }
  const unsigned long last = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (at_end) ERR_clear_error();
  return at_end;
}

bool may_sign_certificates(X509* certificate) {
  if (X509_check_ca(certificate) != 1) return false;
  const std::uint32_t usage = X509_get_key_usage(certificate);
  return usage == UINT32_MAX || (usage & KU_KEY_CERT_SIGN) != 0;
}

}  // namespace

Result<std::unique_ptr<const ClientTrust>> ClientTrust::load(
    const std::filesystem::path& anchors, const std::filesystem::path& revocations) {
  ERR_clear_error();
  std::unique_ptr<ClientTrust> trust(new ClientTrust);
  if (!trust->store_) return Error(Errc::tls_failed);
  FLORIN_TRY_VOID(trust->read_anchors(anchors));
  if (!revocations.empty()) FLORIN_TRY_VOID(trust->read_revocations(revocations));
  return std::unique_ptr<const ClientTrust>(std::move(trust));
}

Result<void> ClientTrust::read_anchors(const std::filesystem::path& file) {
  const bool whole = read_all(file, [this](BIO* in) {
    X509Ptr certificate(PEM_read_bio_X509(in, nullptr, nullptr, nullptr));
    if (!certificate) return false;
    anchors_.push_back(std::move(certificate));
    return true;
  });
  if (!whole || anchors_.empty()) return trust_error(file, "expected certificates as PEM");
  for (const X509Ptr& anchor : anchors_) {
    if (!may_sign_certificates(anchor.get())) {
      return trust_error(file, "holds a certificate that is no certificate authority's");
    }
    if (X509_STORE_add_cert(store_.get(), anchor.get()) != 1) {
      return trust_error(file, "a certificate cannot be used");
    }
  }
  return {};
}

Result<void> ClientTrust::read_revocations(const std::filesystem::path& file) {
  std::vector<X509CrlPtr> lists;
  const bool whole = read_all(file, [&lists](BIO* in) {
    X509CrlPtr list(PEM_read_bio_X509_CRL(in, nullptr, nullptr, nullptr));
    if (!list) return false;
    lists.push_back(std::move(list));
    return true;
  });
  if (!whole || lists.empty()) return trust_error(file, "expected revocation lists as PEM");
  for (const X509CrlPtr& list : lists) {
    const UnixNanos until = unix_time(X509_CRL_get0_nextUpdate(list.get()));
    if (until == 0) return trust_error(file, "a revocation list does not say until when it counts");
    until_ = until_ == 0 ? until : std::min(until_, until);
    if (X509_STORE_add_crl(store_.get(), list.get()) != 1) {
      return trust_error(file, "a revocation list cannot be used");
    }
  }
  revocation_ = true;
  return {};
}

bool ClientTrust::use_in(SSL_CTX* context) const {
  SSL_CTX_set1_cert_store(context, store_.get());
  return std::all_of(anchors_.begin(), anchors_.end(), [context](const X509Ptr& anchor) {
    return SSL_CTX_add_client_CA(context, anchor.get()) == 1;
  });
}

void ClientTrust::restrict(X509_VERIFY_PARAM* parameters) const {
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (revocation_) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_VERIFY_PARAM_set_flags(parameters, flags);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_depth(parameters, kIntermediates);
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
}

int ClientTrust::judge(int ok, X509_STORE_CTX* verification) {
  const int depth = X509_STORE_CTX_get_error_depth(verification);
  if (ok == 0) {
    // An anchor is trusted because it was configured; who issued it, and its list, do not matter.
    const auto* const chain = X509_STORE_CTX_get0_chain(verification);
    const bool anchor = chain != nullptr && depth > 0 && depth == sk_X509_num(chain) - 1;
    const int error = X509_STORE_CTX_get_error(verification);
    if (!anchor || error != X509_V_ERR_UNABLE_TO_GET_CRL) return 0;
    X509_STORE_CTX_set_error(verification, X509_V_OK);
    return 1;
  }
  if (depth != 0) return 1;
  X509* const certificate = X509_STORE_CTX_get_current_cert(verification);
  if (certificate == nullptr || !client_fault(certificate).empty()) {
    X509_STORE_CTX_set_error(verification, X509_V_ERR_INVALID_PURPOSE);
    return 0;
  }
  return 1;
}

std::string ClientTrust::verify(X509* certificate, STACK_OF(X509) * intermediates) const {
  const X509StoreContextPtr verification(X509_STORE_CTX_new());
  if (!verification ||
      X509_STORE_CTX_init(verification.get(), store_.get(), certificate, intermediates) != 1) {
    return "cannot be verified";
  }
  restrict(X509_STORE_CTX_get0_param(verification.get()));
  X509_STORE_CTX_set_verify_cb(verification.get(), judge);
  const bool good = X509_verify_cert(verification.get()) == 1;
  ERR_clear_error();
  if (good) return {};
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(verification.get()));
}

}  // namespace florin::net
