// Signatures of people (RFC 8032 vectors) and their keys under a passphrase.
#include "base/ed25519.h"

#include <gtest/gtest.h>

#include "base/passphrase.h"
#include "support/manual_clock.h"

namespace florin::ed25519_test {
namespace {

struct Vector {
  const char* seed;
  const char* key;
  const char* message;
  const char* signature;
};

// RFC 8032 §7.1, tests 1 to 3.
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519, Rfc8032) {
  for (const Vector& row : kVectors) {
    const Secret seed(*from_hex(row.seed));
    const Bytes message = *from_hex(row.message);
    const auto key = ed25519_public_key(seed);
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(to_hex(*key), row.key);
    const auto signature = ed25519_sign(seed, message);
    ASSERT_TRUE(signature.ok());
    EXPECT_EQ(to_hex(*signature), row.signature);
    EXPECT_TRUE(verify_ed25519(*key, message, *signature).ok());
  }
}

TEST(Ed25519, RefusesEverythingElse) {
  const Secret seed(*from_hex(kVectors[1].seed));
  const Ed25519PublicKey key = *ed25519_public_key(seed);
  const Bytes message = *from_hex("72");
  const Ed25519Signature good = *ed25519_sign(seed, message);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Ed25519Signature bad = good;
    bad[i] ^= 1U;
    EXPECT_FALSE(verify_ed25519(key, message, bad).ok()) << i;
  }
  EXPECT_FALSE(verify_ed25519(key, *from_hex("73"), good).ok());
  EXPECT_FALSE(verify_ed25519(key, message, BytesView(good).first(63)).ok());
  EXPECT_FALSE(verify_ed25519(key, message, {}).ok());
  // The key of order 1 would accept signatures that nobody made.
  Ed25519PublicKey identity{};
  identity[0] = 1;
  Ed25519Signature forged{};
  forged[0] = 1;
  const auto refused = verify_ed25519(identity, message, forged);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::signature_invalid);
}

TEST(Ed25519, SeedHasOneSize) {
  EXPECT_FALSE(ed25519_public_key(Secret(31)).ok());
  EXPECT_FALSE(ed25519_sign(Secret(), view_of("x")).ok());
}

TEST(Passphrase, OpensWithTheSameWordsAndContextAlone) {
  test::SeededEntropy entropy(1);
  const PassphraseCost cost{.passes = 1, .memory_kib = 64};
  const Secret secret(view_of("thirty-two bytes of a signing key"));
  const Secret words(view_of("correct horse"));
  auto sealed = seal_with_passphrase(words, view_of("alice"), secret, cost, entropy);
  ASSERT_TRUE(sealed.ok());
  const auto opened = open_with_passphrase(words, view_of("alice"), *sealed);
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(opened->equals(secret.view()));
  const auto code = [&](const Secret& with, std::string_view context) {
    const auto result = open_with_passphrase(with, view_of(context), *sealed);
    return result.ok() ? Errc::internal : result.error().code();
  };
  EXPECT_EQ(code(Secret(view_of("correct house")), "alice"), Errc::decryption_failed);
  EXPECT_EQ(code(words, "bob"), Errc::decryption_failed);
  sealed->ciphertext.back() ^= 1U;
  EXPECT_EQ(code(words, "alice"), Errc::decryption_failed);
  sealed->ciphertext.resize(16);
  EXPECT_EQ(code(words, "alice"), Errc::decryption_failed);
}

TEST(Passphrase, CostIsBounded) {
  test::SeededEntropy entropy(1);
  const Secret words(view_of("words"));
  for (const PassphraseCost cost : {PassphraseCost{0, 64}, PassphraseCost{101, 64},
                                    PassphraseCost{1, 7}, PassphraseCost{1, 1024 * 1024 + 1}}) {
    const auto sealed = seal_with_passphrase(words, {}, Secret(view_of("x")), cost, entropy);
    ASSERT_FALSE(sealed.ok());
    EXPECT_EQ(sealed.error().code(), Errc::malformed_value);
  }
}

}  // namespace
}  // namespace florin::ed25519_test
