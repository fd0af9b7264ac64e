#include "daemon/vault/sealed_secret.h"

#include <gtest/gtest.h>

#include <set>

#include "base/aead.h"
#include "base/hash.h"
#include "daemon/vault/root_keys.h"

namespace florin::vault::sealed_secret_test {
namespace {

std::unique_ptr<RootKeys> keys_with(std::uint8_t fill) {
  auto keys = std::make_unique<RootKeys>();
  keys->put_index(Secret(BytesView(Bytes(32, 0xEE))));
  keys->put(1, Secret(BytesView(Bytes(32, fill))));
  keys->activate(1);
  return keys;
}

class SealedSecret : public ::testing::Test {
 protected:
  Errc open_error(const TenantKeys& keys, std::string_view label, std::string_view place,
                  BytesView record) {
    const auto opened = open_secret(keys, label, place, record);
    return opened.ok() ? Errc::internal : opened.error().code();
  }
  SystemEntropy entropy_;
  const std::unique_ptr<RootKeys> own_ = keys_with(1);
  RootKeys& keys_ = *own_;
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
  // Opened by hand: subkey = HKDF(root, label), AAD = format, key id, place.
  const Bytes root(32, 1);
  const Secret subkey = hkdf_sha256(root, {}, view_of("cred"), 32);
  const Secret id = hkdf_sha256(root, {}, view_of("cred|id"), 32);
  const BytesView record = record_;
  EXPECT_EQ(to_hex(record.subspan(1, 4)), "01000000");
  EXPECT_EQ(to_hex(record.subspan(5, 4)), to_hex(id.view().first(4)));
  AeadNonce nonce{};
  std::copy_n(record.begin() + 9, 12, nonce.begin());
  Bytes aad = to_bytes(record.first(9));
  for (const char letter : place_) aad.push_back(static_cast<std::uint8_t>(letter));
  const auto plain = aead_open(subkey.view(), nonce, aad, record.subspan(21));
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(text_of(*plain), "s3cret");
}

TEST_F(SealedSecret, OpensNowhereElse) {
  EXPECT_EQ(open_error(*keys_with(2), "cred", place_, record_), Errc::decryption_failed);
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

TEST_F(SealedSecret, OpensUnderItsVersionAndSealsUnderTheActiveOne) {
  EXPECT_EQ(*sealed_version(record_), 1U);
  EXPECT_EQ(sealed_version(BytesView(record_).first(20)).error().code(), Errc::decryption_failed);
  keys_.put(2, Secret(BytesView(Bytes(32, 2))));
  keys_.activate(2);
  const Bytes newer = *seal_secret(keys_, "cred", place_, view_of("s3cret"), entropy_);
  EXPECT_EQ(*sealed_version(newer), 2U);
  EXPECT_TRUE(open_secret(keys_, "cred", place_, record_).ok());
  keys_.remove(1);
  EXPECT_EQ(open_error(keys_, "cred", place_, record_), Errc::decryption_failed);
  EXPECT_TRUE(open_secret(keys_, "cred", place_, newer).ok());
}

TEST(RootKeys, DerivesApartAndNothingAfterZeroise) {
  const auto keys = keys_with(9);
  const auto first = keys->derive_in(1, "a");
  const auto second = keys->derive_in(1, "b");
  const auto salted = keys->derive_in(1, "a", view_of("salt"));
  const auto index = keys->index_key("a");
  ASSERT_TRUE(first.ok() && second.ok() && salted.ok() && index.ok());
  EXPECT_FALSE(first->equals(second->view()));
  EXPECT_FALSE(first->equals(salted->view()));
  EXPECT_FALSE(first->equals(index->view()));
  EXPECT_TRUE(first->equals(keys->derive_in(1, "a")->view()));
  EXPECT_EQ(keys->derive_in(1, "").error().code(), Errc::malformed_value);
  EXPECT_EQ(keys->derive_in(2, "a").error().code(), Errc::decryption_failed);
  keys->zeroise();
  EXPECT_EQ(keys->derive_in(1, "a").error().code(), Errc::hsm_unavailable);
  EXPECT_EQ(keys->index_key("a").error().code(), Errc::hsm_unavailable);
}

}  // namespace
}  // namespace florin::vault::sealed_secret_test
