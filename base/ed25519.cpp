#include "base/ed25519.h"

#include <sodium.h>

#include <tuple>

namespace florin {
namespace {

static_assert(crypto_sign_SEEDBYTES == kEd25519SeedSize);
static_assert(crypto_sign_BYTES == kEd25519SignatureSize);
static_assert(crypto_sign_PUBLICKEYBYTES == std::tuple_size_v<Ed25519PublicKey>);

struct KeyPair {
  Ed25519PublicKey public_key{};
  Secret secret_key{crypto_sign_SECRETKEYBYTES};
};

Result<KeyPair> key_pair(const Secret& seed) {
  if (seed.size() != kEd25519SeedSize) {
    return Error(Errc::malformed_value, {}, "an Ed25519 seed has 32 bytes");
  }
  KeyPair pair;
  if (crypto_sign_seed_keypair(pair.public_key.data(), pair.secret_key.writable().data(),
                               seed.view().data()) != 0) {
    return Error(Errc::internal, {}, {}, "Ed25519 key pair");
  }
  return pair;
}

}  // namespace

Result<Ed25519PublicKey> ed25519_public_key(const Secret& seed) {
  FLORIN_TRY(const KeyPair pair, key_pair(seed));
  return pair.public_key;
}

Result<Ed25519Signature> ed25519_sign(const Secret& seed, BytesView message) {
  FLORIN_TRY(const KeyPair pair, key_pair(seed));
  Ed25519Signature signature{};
  if (crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                           pair.secret_key.view().data()) != 0) {
    return Error(Errc::internal, {}, {}, "Ed25519 signature");
  }
  return signature;
}

Result<void> verify_ed25519(const Ed25519PublicKey& key, BytesView message, BytesView signature) {
  if (signature.size() != kEd25519SignatureSize ||
      crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) !=
          0) {
    return Error(Errc::signature_invalid);
  }
  return {};
}

}  // namespace florin
