#pragma once
/// A throw-away certificate authority and a server certificate, made anew for each test run.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace florin::test {

/// Writes roots.pem, chain.pem and key.pem (mode 0600) into a directory of its own, removed at the
/// end.
class TestCertificates {
 public:
  /// `names` as in an OpenSSL subjectAltName value.
  explicit TestCertificates(const std::string& names = "DNS:localhost,IP:127.0.0.1",
                            long valid_s = 3600) {
    std::string pattern = (std::filesystem::temp_directory_path() / "certificates-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    const Key authority_key(EVP_EC_gen("P-256"));
    const Key server_key(EVP_EC_gen("P-256"));
    const Certificate authority = issue("Test Root", authority_key.get(), nullptr,
                                        authority_key.get(), 1, valid_s, "CA:TRUE", "");
    const Certificate server = issue("localhost", server_key.get(), authority.get(),
                                     authority_key.get(), 2, valid_s, "CA:FALSE", names);
    write(roots(), [&](std::FILE* file) { PEM_write_X509(file, authority.get()); });
    write(chain(), [&](std::FILE* file) { PEM_write_X509(file, server.get()); });
    write(key(), [&](std::FILE* file) {
      PEM_write_PrivateKey(file, server_key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  ~TestCertificates() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  [[nodiscard]] std::filesystem::path directory() const { return directory_; }
  [[nodiscard]] std::filesystem::path roots() const { return directory_ / "roots.pem"; }
  [[nodiscard]] std::filesystem::path chain() const { return directory_ / "chain.pem"; }
  [[nodiscard]] std::filesystem::path key() const { return directory_ / "key.pem"; }

 private:
  struct KeyFree {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  struct CertificateFree {
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, KeyFree>;
  using Certificate = std::unique_ptr<X509, CertificateFree>;

  static void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer == nullptr ? certificate : issuer, certificate, nullptr,
                   nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) std::abort();
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static Certificate issue(const std::string& name, EVP_PKEY* key, X509* issuer,
                           EVP_PKEY* issuer_key, long serial, long valid_s,
                           const std::string& constraints, const std::string& names) {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_s);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate.get(),
                         issuer == nullptr ? subject : X509_get_subject_name(issuer));
    extend(certificate.get(), issuer, NID_basic_constraints, "critical," + constraints);
    extend(certificate.get(), issuer, NID_subject_key_identifier, "hash");
    if (!names.empty()) extend(certificate.get(), issuer, NID_subject_alt_name, names);
    X509_sign(certificate.get(), issuer_key, EVP_sha256());
    return certificate;
  }

  template <class Writer>
  static void write(const std::filesystem::path& path, Writer writer) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    if (file == nullptr) std::abort();
    ::fchmod(::fileno(file), 0600);
    writer(file);
    std::fclose(file);
  }

  std::filesystem::path directory_;
};

}  // namespace florin::test
