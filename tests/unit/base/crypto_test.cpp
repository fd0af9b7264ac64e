// Published vectors for every primitive that the house builds on.
#include <gtest/gtest.h>

#include "base/aead.h"
#include "base/aead_long_iv.h"
#include "base/hash.h"
#include "base/signature.h"

namespace florin::crypto_test {
namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}
Bytes repeat(std::uint8_t byte, std::size_t count) {
  return Bytes(count, byte);
}

TEST(Sha256, Fips180Examples) {
  EXPECT_EQ(to_hex(sha256(BytesView{})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(view_of("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(view_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, PartsAreJoined) {
  EXPECT_EQ(sha256({view_of("a"), BytesView{}, view_of("bc")}), sha256(view_of("abc")));
}

TEST(HmacSha256, Rfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256(repeat(0x0B, 20), {view_of("Hi There")})),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(
      to_hex(hmac_sha256(view_of("Jefe"), {view_of("what do ya want "), view_of("for nothing?")})),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(repeat(0xAA, 20), {repeat(0xDD, 50)})),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(
      to_hex(hmac_sha256(repeat(0xAA, 131),
                         {view_of("Test Using Larger Than Block-Size Key - Hash Key First")})),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, AnEmptyKeyDoesNotReuseTheLastKey) {
  (void)hmac_sha256(view_of("a key before"), {view_of("x")});
  EXPECT_EQ(to_hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HkdfSha256, Rfc5869) {
  EXPECT_EQ(to_hex(hkdf_sha256(repeat(0x0B, 22), hex("000102030405060708090a0b0c"),
                               hex("f0f1f2f3f4f5f6f7f8f9"), 42)
                       .view()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(to_hex(hkdf_sha256(repeat(0x0B, 22), {}, {}, 42).view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Crc32c, Rfc3720Examples) {
  Bytes rising;
  for (std::uint8_t i = 0; i < 32; ++i) rising.push_back(i);
  const Bytes falling(rising.rbegin(), rising.rend());
  EXPECT_EQ(crc32c(repeat(0x00, 32)), 0x8A9136AAU);
  EXPECT_EQ(crc32c(repeat(0xFF, 32)), 0x62A8AB43U);
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
  EXPECT_EQ(crc32c(falling), 0x113FDB5CU);
  EXPECT_EQ(crc32c(view_of("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, TablesAndInstructionAgreeAtEveryLengthAndOffset) {
  Bytes bytes;
  std::uint32_t state = 7;
  for (int i = 0; i < 300; ++i) {
    state = state * 1664525U + 1013904223U;
    bytes.push_back(static_cast<std::uint8_t>(state >> 24U));
  }
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; from + size <= bytes.size(); ++size) {
      const BytesView part = BytesView(bytes).subspan(from, size);
      ASSERT_EQ(crc32c(part, state), crc32c_portable(part, state)) << from << " " << size;
    }
  }
}

TEST(Crc32c, ContinuesFromASeed) {
  EXPECT_EQ(crc32c(view_of("6789"), crc32c(view_of("12345"))), 0xE3069283U);
}

struct GcmVector {
  const char* key;
  const char* nonce;
  const char* aad;
  const char* plaintext;
  const char* sealed;
};

// Test cases 13, 14 and 16 of the GCM submission to NIST.
constexpr GcmVector kGcmVectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
     "b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
     "8838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST(Aead, NistVectors) {
  for (const GcmVector& vector : kGcmVectors) {
    AeadNonce nonce{};
    const Bytes nonce_bytes = hex(vector.nonce);
    std::copy(nonce_bytes.begin(), nonce_bytes.end(), nonce.begin());
    const Bytes sealed = aead_seal(hex(vector.key), nonce, hex(vector.aad), hex(vector.plaintext));
    EXPECT_EQ(to_hex(sealed), vector.sealed);
    const auto opened = aead_open(hex(vector.key), nonce, hex(vector.aad), sealed);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(to_hex(*opened), vector.plaintext);
  }
}

// Test case 17: an IV that does not have 96 bits; one that has them gives what aead_seal does.
TEST(Aead, IvsOfOtherLengths) {
  const Bytes key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes text = hex(kGcmVectors[2].plaintext);
  EXPECT_EQ(
      to_hex(aead_seal_long_iv(key, hex("cafebabefacedbad"), aad, text)),
      "c3762df1ca787d32ae47c13bf19844cbaf1ae14d0b976afac52ff7d79bba9de0feb582d33934a4f0954cc236"
      "3bc73f7862ac430e64abe499f47c9b1f3a337dbf46a792c45e454913fe2ea8f2");
  EXPECT_EQ(to_hex(aead_seal_long_iv(key, hex(kGcmVectors[2].nonce), aad, text)),
            kGcmVectors[2].sealed);
}

// More keys than a thread keeps ready, in every order, with refusals in between.
TEST(Aead, KeysTakeTurns) {
  AeadNonce nonce{};
  std::array<Bytes, 5> sealed;
  for (std::uint8_t round = 0; round < 40; ++round) {
    const auto which = static_cast<std::uint8_t>(round * round % sealed.size());
    const Bytes key = repeat(which, kAeadKeySize);
    const Bytes fresh = aead_seal(key, nonce, view_of("aad"), view_of("text"));
    if (sealed[which].empty()) sealed[which] = fresh;
    EXPECT_EQ(fresh, sealed[which]);
    const Bytes other = repeat(static_cast<std::uint8_t>(which + 1), kAeadKeySize);
    EXPECT_FALSE(aead_open(other, nonce, view_of("aad"), fresh).ok());
    EXPECT_TRUE(aead_open(key, nonce, view_of("aad"), fresh).ok());
  }
}

TEST(Aead, EveryFlippedBitIsRefused) {
  const Bytes key = repeat(7, kAeadKeySize);
  AeadNonce nonce{};
  const Bytes aad = {1, 2, 3};
  const Bytes sealed = aead_seal(key, nonce, aad, view_of("four thousand"));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes broken = sealed;
    broken[bit / 8] = static_cast<std::uint8_t>(broken[bit / 8] ^ (1U << (bit % 8)));
    const auto opened = aead_open(key, nonce, aad, broken);
    ASSERT_FALSE(opened.ok()) << bit;
    EXPECT_EQ(opened.error().code(), Errc::decryption_failed);
  }
  EXPECT_FALSE(aead_open(key, nonce, {}, sealed).ok());
  EXPECT_FALSE(aead_open(repeat(8, kAeadKeySize), nonce, aad, sealed).ok());
  nonce[0] = 1;
  EXPECT_FALSE(aead_open(key, nonce, aad, sealed).ok());
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(aead_open(key, {}, aad, BytesView(sealed).first(size)).ok()) << size;
  }
}

// RFC 6979 appendix A.2.5, message "sample", SHA-256.
constexpr std::string_view kPublicKey =
    "3059301306072a8648ce3d020106082a8648ce3d030107034200"
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
constexpr std::string_view kSignature =
    "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

TEST(EcdsaP256, Rfc6979VectorVerifies) {
  const auto verified = verify_ecdsa_p256(hex(kPublicKey), view_of("sample"), hex(kSignature));
  EXPECT_TRUE(verified.ok());
}

TEST(EcdsaP256, RefusesAnythingElse) {
  const Bytes key = hex(kPublicKey);
  const Bytes signature = hex(kSignature);
  const auto refused = [](BytesView der, std::string_view message, BytesView signed_by) {
    const auto verified = verify_ecdsa_p256(der, view_of(message), signed_by);
    return !verified.ok() && verified.error().code() == Errc::signature_invalid;
  };
  EXPECT_TRUE(refused(key, "Sample", signature));
  EXPECT_TRUE(refused({}, "sample", signature));
  EXPECT_TRUE(refused(key, "sample", {}));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes broken = signature;
    broken[i] ^= 1U;
    EXPECT_TRUE(refused(key, "sample", broken)) << i;
  }
  Bytes longer = key;
  longer.push_back(0);
  EXPECT_TRUE(refused(longer, "sample", signature)) << "bytes behind the key";
  // An Ed25519 key (RFC 8410 section 10.1) is not on P-256.
  EXPECT_TRUE(refused(hex("302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb"
                          "0c5c38ad703166e1"),
                      "sample", signature));
}

TEST(PublicKeyPem, RoundTrips) {
  const Bytes der = hex(kPublicKey);
  const std::string pem = public_key_pem(der);
  EXPECT_TRUE(pem.starts_with("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"));
  EXPECT_TRUE(pem.ends_with("\n-----END PUBLIC KEY-----\n"));
  const auto back = public_key_from_pem(pem);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, der);
}

TEST(PublicKeyPem, RefusesOtherTexts) {
  const std::string pem = public_key_pem(hex(kPublicKey));
  const std::string begin = "-----BEGIN PUBLIC KEY-----\n";
  const std::string end = "-----END PUBLIC KEY-----\n";
  for (const std::string& text :
       {std::string(), begin, end, begin + "!!!!\n" + end, "x" + pem, pem + "x",
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
    const auto parsed = public_key_from_pem(text);
    EXPECT_FALSE(parsed.ok()) << text;
  }
}

}  // namespace
}  // namespace florin::crypto_test
