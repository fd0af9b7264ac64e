#include "daemon/vault/sealed_secret.h"

#include <gtest/gtest.h>

#include <set>

#include "base/aead.h"
#include "base/hash.h"
#include "daemon/vault/root_keys.h"

namespace florin::vault {
namespace {

RootKeys keys_with(std::uint8_t fill) {
  return RootKeys(Secret(BytesView(Bytes(32, fill))));
}

class SealedSecret : public ::testing::Test {
 protected:
  Errc open_error(const TenantKeys& keys, std::string_view label, std::string_view place,
                  BytesView record) {
    const auto opened = open_secret(keys, label, place, record);
    return opened.ok() ? Errc::internal : opened.error().code();
  }
  SystemEntropy entropy_;
  const RootKeys keys_ = keys_with(1);
  const std::string place_ = secret_place("tnt_a", "credential", "ak_1", "secret");
  const Bytes record_ = *seal_secret(keys_, "cred", place_, view_of("s3cret"), entropy_);
};

TEST_F(SealedSecret, OpensWhereItWasSealed) {
  EXPECT_EQ(place_, "tnt_a|credential|ak_1|secret");
  EXPECT_EQ(record_.size(), 1U + 8U + 12U + 6U + 16U);
  EXPECT_EQ(record_[0], 1);
  const auto opened = open_secret(keys_, "cred", place_, record_);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(text_of(opened->view()), "s3cret");
  const Bytes empty = *seal_secret(keys_, "cred", place_, {}, entropy_);
  ASSERT_TRUE(open_secret(keys_, "cred", place_, empty).ok());
  EXPECT_EQ(seal_secret(keys_, "cred", place_, Bytes(65'537), entropy_).error().code(),
            Errc::value_too_long);
}

TEST_F(SealedSecret, FormatIsWhatItSays) {
  // Opened by hand: subkey = HKDF(root, label), AAD = version, key id, place.
  const Bytes root(32, 1);
  const Secret subkey = hkdf_sha256(root, {}, view_of("cred"), 32);
  const Secret id = hkdf_sha256(root, {}, view_of("cred|id"), 32);
  const BytesView record = record_;
  EXPECT_EQ(to_hex(record.subspan(1, 8)), to_hex(id.view().first(8)));
  AeadNonce nonce{};
  std::copy_n(record.begin() + 9, 12, nonce.begin());
  Bytes aad = to_bytes(record.first(9));
  for (const char letter : place_) aad.push_back(static_cast<std::uint8_t>(letter));
  const auto plain = aead_open(subkey.view(), nonce, aad, record.subspan(21));
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(text_of(*plain), "s3cret");
}

TEST_F(SealedSecret, OpensNowhereElse) {
  EXPECT_EQ(open_error(keys_with(2), "cred", place_, record_), Errc::decryption_failed);
  EXPECT_EQ(open_error(keys_, "whsec", place_, record_), Errc::decryption_failed);
  for (const auto& place : {secret_place("tnt_b", "credential", "ak_1", "secret"),
                            secret_place("tnt_a", "endpoint", "ak_1", "secret"),
                            secret_place("tnt_a", "credential", "ak_2", "secret"),
                            secret_place("tnt_a", "credential", "ak_1", "other"), std::string()}) {
    EXPECT_EQ(open_error(keys_, "cred", place, record_), Errc::decryption_failed) << place;
  }
}

TEST_F(SealedSecret, EveryFlippedByteAndEveryCutIsFound) {
  for (std::size_t i = 0; i < record_.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes changed = record_;
      changed[i] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_EQ(open_error(keys_, "cred", place_, changed), Errc::decryption_failed) << i;
    }
    EXPECT_EQ(open_error(keys_, "cred", place_, BytesView(record_).first(i)),
              Errc::decryption_failed)
        << i;
  }
}

TEST_F(SealedSecret, PlacesNeverCollide) {
  const std::set<std::string> places = {
      secret_place("a|b", "c", "d", "e"), secret_place("a", "b|c", "d", "e"),
      secret_place("a", "b", "c|d", "e"), secret_place("a\\", "b", "c|d", "e"),
      secret_place("", "a", "b", "c"),    secret_place("a", "", "b", "c"),
      secret_place("a", "b", "", "c"),    secret_place("a", "b", "c", "")};
  EXPECT_EQ(places.size(), 8U);
}

TEST(RootKeys, DerivesApartAndNothingAfterZeroise) {
  RootKeys keys = RootKeys(Secret(BytesView(Bytes(32, 9))));
  const auto first = keys.derive("a");
  const auto second = keys.derive("b");
  const auto salted = keys.derive("a", view_of("salt"));
  ASSERT_TRUE(first.ok() && second.ok() && salted.ok());
  EXPECT_FALSE(first->equals(second->view()));
  EXPECT_FALSE(first->equals(salted->view()));
  EXPECT_TRUE(first->equals(keys.derive("a")->view()));
  EXPECT_EQ(keys.derive("").error().code(), Errc::malformed_value);
  keys.zeroise();
  EXPECT_EQ(keys.derive("a").error().code(), Errc::hsm_unavailable);
}

}  // namespace
}  // namespace florin::vault
