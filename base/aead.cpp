#include "base/aead.h"

#include <openssl/evp.h>

#include <memory>

namespace florin {
namespace {

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

EVP_CIPHER_CTX* context_of_thread() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree> context(
      EVP_CIPHER_CTX_new());
  FLORIN_ASSERT(context != nullptr);
  return context.get();
}

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  FLORIN_ASSERT(cipher != nullptr);
  return cipher;
}

}  // namespace

Bytes aead_seal(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView plaintext) {
  FLORIN_ASSERT(key.size() == kAeadKeySize);
  EVP_CIPHER_CTX* const context = context_of_thread();
  FLORIN_ASSERT(EVP_EncryptInit_ex2(context, aes_256_gcm(), key.data(), nonce.data(), nullptr) ==
                1);
  int size = 0;
  if (!aad.empty()) {
    FLORIN_ASSERT(
        EVP_EncryptUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())) == 1);
  }
  Bytes out(plaintext.size() + kAeadTagSize);
  if (!plaintext.empty()) {
    FLORIN_ASSERT(EVP_EncryptUpdate(context, out.data(), &size, plaintext.data(),
                                    static_cast<int>(plaintext.size())) == 1);
  }
  FLORIN_ASSERT(EVP_EncryptFinal_ex(context, out.data() + plaintext.size(), &size) == 1);
  FLORIN_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kAeadTagSize,
                                    out.data() + plaintext.size()) == 1);
  return out;
}

Result<Bytes> aead_open(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView sealed) {
  FLORIN_ASSERT(key.size() == kAeadKeySize);
  if (sealed.size() < kAeadTagSize) return Error(Errc::decryption_failed);
  const BytesView ciphertext = sealed.first(sealed.size() - kAeadTagSize);
  Bytes tag = to_bytes(sealed.last(kAeadTagSize));
  EVP_CIPHER_CTX* const context = context_of_thread();
  FLORIN_ASSERT(EVP_DecryptInit_ex2(context, aes_256_gcm(), key.data(), nonce.data(), nullptr) ==
                1);
  int size = 0;
  if (!aad.empty()) {
    FLORIN_ASSERT(
        EVP_DecryptUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())) == 1);
  }
  Bytes out(ciphertext.size());
  if (!ciphertext.empty()) {
    FLORIN_ASSERT(EVP_DecryptUpdate(context, out.data(), &size, ciphertext.data(),
                                    static_cast<int>(ciphertext.size())) == 1);
  }
  FLORIN_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kAeadTagSize, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(context, out.data() + out.size(), &size) != 1) {
    wipe(out);
    return Error(Errc::decryption_failed);
  }
  return out;
}

}  // namespace florin
