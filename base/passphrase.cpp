#include "base/passphrase.h"

#include <sodium.h>

#include <tuple>

namespace florin {
namespace {

constexpr std::uint32_t kMaxPasses = 100;
constexpr std::uint32_t kMaxMemory_kib = 1024 * 1024;

static_assert(crypto_pwhash_SALTBYTES == std::tuple_size_v<decltype(PassphraseSealed::salt)>);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES ==
              std::tuple_size_v<decltype(PassphraseSealed::nonce)>);

Result<Secret> key_of(const Secret& passphrase, const PassphraseSealed& sealed) {
  const PassphraseCost& cost = sealed.cost;
  if (cost.passes == 0 || cost.passes > kMaxPasses || cost.memory_kib < 8 ||
      cost.memory_kib > kMaxMemory_kib) {
    return Error(Errc::malformed_value, {}, "the cost of the passphrase is out of range");
  }
  Secret key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  const std::string_view text = text_of(passphrase.view());
  if (crypto_pwhash(key.writable().data(), key.size(), text.data(), text.size(), sealed.salt.data(),
                    cost.passes, std::size_t{cost.memory_kib} * 1024,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error(Errc::unavailable, {}, "there is not enough memory to try the passphrase");
  }
  return key;
}

}  // namespace

Result<PassphraseSealed> seal_with_passphrase(const Secret& passphrase, BytesView context,
                                              const Secret& secret, PassphraseCost cost,
                                              Entropy& entropy) {
  PassphraseSealed sealed{.cost = cost, .salt = {}, .nonce = {}, .ciphertext = {}};
  entropy.fill(sealed.salt);
  entropy.fill(sealed.nonce);
  FLORIN_TRY(const Secret key, key_of(passphrase, sealed));
  sealed.ciphertext.resize(secret.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.ciphertext.data(), nullptr, secret.view().data(), secret.size(), context.data(),
      context.size(), nullptr, sealed.nonce.data(), key.view().data());
  return sealed;
}

Result<Secret> open_with_passphrase(const Secret& passphrase, BytesView context,
                                    const PassphraseSealed& sealed) {
  if (sealed.ciphertext.size() <= crypto_aead_xchacha20poly1305_ietf_ABYTES) {
    return Error(Errc::decryption_failed);
  }
  FLORIN_TRY(const Secret key, key_of(passphrase, sealed));
  Secret secret(sealed.ciphertext.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret.writable().data(), nullptr, nullptr,
                                                 sealed.ciphertext.data(), sealed.ciphertext.size(),
                                                 context.data(), context.size(),
                                                 sealed.nonce.data(), key.view().data()) != 0) {
    return Error(Errc::decryption_failed);
  }
  return secret;
}

}  // namespace florin
