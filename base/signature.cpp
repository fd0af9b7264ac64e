#include "base/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace florin {
namespace {

struct KeyFree {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct MdContextFree {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// Drops what OpenSSL queues between construction and destruction.
class ErrorQueueMark {
 public:
  ErrorQueueMark() noexcept { ERR_set_mark(); }
  ~ErrorQueueMark() { ERR_pop_to_mark(); }
  ErrorQueueMark(const ErrorQueueMark&) = delete;
  ErrorQueueMark& operator=(const ErrorQueueMark&) = delete;
};

constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----\n";
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----\n";

}  // namespace

Result<void> verify_ecdsa_p256(BytesView public_key_der, BytesView message,
                               BytesView signature_der) {
  const Error invalid(Errc::signature_invalid);
  // A refusal leaves entries in this thread's error queue, where the next TLS call would see them.
  const ErrorQueueMark mark;
  const unsigned char* at = public_key_der.data();
  const std::unique_ptr<EVP_PKEY, KeyFree> key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key_der.size())));
  char group[32] = {};
  std::size_t group_size = 0;
  const bool whole = at == public_key_der.data() + public_key_der.size();
  if (key == nullptr || !whole ||
      EVP_PKEY_get_group_name(key.get(), group, sizeof group, &group_size) != 1 ||
      std::string_view(group) != "prime256v1") {
    return invalid;
  }
  const std::unique_ptr<EVP_MD_CTX, MdContextFree> context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestVerify(context.get(), signature_der.data(), signature_der.size(), message.data(),
                       message.size()) != 1) {
    return invalid;
  }
  return {};
}

std::string public_key_pem(BytesView der) {
  const std::string base64 = to_base64(der);
  std::string out(kBegin);
  for (std::size_t i = 0; i < base64.size(); i += 64) out += base64.substr(i, 64) + "\n";
  return out + std::string(kEnd);
}

Result<Bytes> public_key_from_pem(std::string_view pem) {
  const Error malformed(Errc::malformed_value, {}, "not a PEM public key");
  if (!pem.starts_with(kBegin) || !pem.ends_with(kEnd)) return malformed;
  std::string base64;
  for (const char letter : pem.substr(kBegin.size(), pem.size() - kBegin.size() - kEnd.size())) {
    if (letter != '\n') base64.push_back(letter);
  }
  if (base64.empty()) return malformed;
  return from_base64(base64);
}

}  // namespace florin
