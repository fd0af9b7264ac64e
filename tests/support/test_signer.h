#pragma once
/// A signer with an ECDSA P-256 key in memory.
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "base/check.h"
#include "base/signature.h"

namespace florin::test {

class TestSigner final : public Signer {
 public:
  TestSigner() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) { FLORIN_ASSERT(key_ != nullptr); }
  [[nodiscard]] Bytes public_key_der() const override {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    FLORIN_ASSERT(size > 0);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
  }
  Result<Bytes> sign(BytesView message) override {
    ++calls;
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    std::size_t size = 0;
    FLORIN_ASSERT(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) ==
                  1);
    FLORIN_ASSERT(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) ==
                  1);
    Bytes signature(size);
    FLORIN_ASSERT(EVP_DigestSign(context.get(), signature.data(), &size, message.data(),
                                 message.size()) == 1);
    signature.resize(size);
    return signature;
  }
  int calls = 0;

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace florin::test
