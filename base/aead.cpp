#include "base/aead.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/key_cache.h"

namespace florin {
namespace {

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  FLORIN_ASSERT(cipher != nullptr);
  return cipher;
}

enum class Direction : std::uint8_t { seal, open };

// Expanding a key costs more than sealing a short record. So each thread keeps the contexts of the
// keys that it used last: a ledger's writer alternates between two or three.
class RecentKeys final : public KeyCache {
 public:
  explicit RecentKeys(Direction direction) : direction_(direction) { enter(); }
  RecentKeys(const RecentKeys&) = delete;
  RecentKeys& operator=(const RecentKeys&) = delete;
  ~RecentKeys() { leave(); }

  // A context with the key expanded, ready for the nonce. Only while held.
  EVP_CIPHER_CTX* context(BytesView key, const AeadNonce& nonce) {
    const auto found = std::find_if(slots_.begin(), slots_.end(), [key](const Slot& slot) {
      return slot.context != nullptr && slot.key.equals(key);
    });
    const bool known = found != slots_.end();
    // The most recent one comes first; the last one gives way.
    std::rotate(slots_.begin(), known ? found : slots_.end() - 1, known ? found + 1 : slots_.end());
    Slot& slot = slots_.front();
    if (slot.context == nullptr) slot.context.reset(EVP_CIPHER_CTX_new());
    FLORIN_ASSERT(slot.context != nullptr);
    if (slot.key.empty()) slot.key = Secret(kAeadKeySize);
    if (!known) std::copy_n(key.begin(), slot.key.size(), slot.key.writable().begin());
    EVP_CIPHER_CTX* const context = slot.context.get();
    const EVP_CIPHER* const cipher = known ? nullptr : aes_256_gcm();
    const std::uint8_t* const new_key = known ? nullptr : key.data();
    FLORIN_ASSERT((direction_ == Direction::seal
                       ? EVP_EncryptInit_ex2(context, cipher, new_key, nonce.data(), nullptr)
                       : EVP_DecryptInit_ex2(context, cipher, new_key, nonce.data(), nullptr)) ==
                  1);
    return context;
  }

  // Freeing a context overwrites the expanded key, releasing a Secret the key.
  std::size_t forget() override {
    std::size_t count = 0;
    for (Slot& slot : slots_) {
      if (slot.context != nullptr) ++count;
      slot = Slot();
    }
    return count;
  }

 private:
  struct Slot {
    Secret key;
    std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree> context;
  };
  Direction direction_;
  std::array<Slot, 3> slots_;
};

}  // namespace

Bytes aead_seal(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView plaintext) {
  FLORIN_ASSERT(key.size() == kAeadKeySize);
  thread_local RecentKeys keys(Direction::seal);
  const auto held = keys.hold();
  EVP_CIPHER_CTX* const context = keys.context(key, nonce);
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
  ByteArray<kAeadTagSize> tag{};
  std::copy_n(sealed.last(kAeadTagSize).begin(), tag.size(), tag.begin());
  thread_local RecentKeys keys(Direction::open);
  const auto held = keys.hold();
  EVP_CIPHER_CTX* const context = keys.context(key, nonce);
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
