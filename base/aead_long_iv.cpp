#include "base/aead_long_iv.h"

#include <openssl/evp.h>

#include <memory>

#include "base/aead.h"

namespace florin {
namespace {

constexpr std::size_t kLongestIv = 16;

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

Bytes aead_seal_long_iv(BytesView key, BytesView iv, BytesView aad, BytesView plaintext) {
  FLORIN_ASSERT(key.size() == kAeadKeySize && !iv.empty() && iv.size() <= kLongestIv);
  const std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree> context(EVP_CIPHER_CTX_new());
  FLORIN_ASSERT(context != nullptr);
  EVP_CIPHER_CTX* const at = context.get();
  FLORIN_ASSERT(EVP_EncryptInit_ex(at, EVP_aes_256_gcm(), nullptr, nullptr, nullptr) == 1);
  FLORIN_ASSERT(
      EVP_CIPHER_CTX_ctrl(at, EVP_CTRL_GCM_SET_IVLEN, static_cast<int>(iv.size()), nullptr) == 1);
  FLORIN_ASSERT(EVP_EncryptInit_ex(at, nullptr, nullptr, key.data(), iv.data()) == 1);
  int size = 0;
  FLORIN_ASSERT(EVP_EncryptUpdate(at, nullptr, &size, aad.data(), static_cast<int>(aad.size())) ==
                1);
  Bytes out(plaintext.size() + kAeadTagSize);
  FLORIN_ASSERT(EVP_EncryptUpdate(at, out.data(), &size, plaintext.data(),
                                  static_cast<int>(plaintext.size())) == 1);
  std::uint8_t* const tag = out.data() + plaintext.size();
  int rest = 0;
  FLORIN_ASSERT(EVP_EncryptFinal_ex(at, tag, &rest) == 1);
  FLORIN_ASSERT(EVP_CIPHER_CTX_ctrl(at, EVP_CTRL_GCM_GET_TAG, kAeadTagSize, tag) == 1);
  return out;
}

}  // namespace florin
