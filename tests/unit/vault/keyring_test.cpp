// The keyring over a real SoftHSM and a real LMDB environment.
#include "daemon/vault/keyring.h"

#include <gtest/gtest.h>

#include "daemon/vault/sealed_secret.h"
#include "ledger/lmdb/cursor.h"
#include "support/softhsm.h"

namespace florin::vault {
namespace {

using test_support::OpenHsm;
using test_support::SoftHsm;

class KeyringTest : public ::testing::Test {
 protected:
  void SetUp() override {
    token_.initialise();
    std::filesystem::create_directory(directory());
  }
  [[nodiscard]] std::filesystem::path directory() const { return token_.directory() / "keyring"; }
  Result<std::unique_ptr<Keyring>> open(hsm::Hsm& hsm) {
    return Keyring::open(directory(), hsm, token_.entropy, token_.clock);
  }
  TenantId tenant(std::uint8_t number) {
    Uuid id;
    id.bytes.fill(number);
    return TenantId{id};
  }
  // The environment behind the keyring's back, while no keyring is open.
  Result<Bytes> read_row(const std::string& name) {
    FLORIN_TRY(const auto environment, lmdb::Environment::open({directory(), 64U << 20U, 4}));
    FLORIN_TRY(lmdb::WriteTransaction transaction, environment->write());
    FLORIN_TRY(const lmdb::StateDbi table, lmdb::StateDbi::open(transaction, "roots"));
    FLORIN_TRY(const auto row, table.get(transaction, view_of(name)));
    if (!row.has_value()) return Error(Errc::not_found);
    return to_bytes(*row);
  }
  Result<void> write_row(const std::string& name, BytesView blob) {
    FLORIN_TRY(const auto environment, lmdb::Environment::open({directory(), 64U << 20U, 4}));
    FLORIN_TRY(lmdb::WriteTransaction transaction, environment->write());
    FLORIN_TRY(const lmdb::StateDbi table, lmdb::StateDbi::open(transaction, "roots"));
    FLORIN_TRY_VOID(table.put(transaction, view_of(name), blob));
    return transaction.commit();
  }
  SoftHsm token_;
};

TEST_F(KeyringTest, RootsSurviveReopenAndNeedNoHsmLater) {
  const RootName general{tenant(1), Purpose::general, 1};
  const RootName card{tenant(1), Purpose::card, 1};
  const RootName system{std::nullopt, Purpose::general, 1};
  Bytes record;
  Bytes system_key;
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    const auto keyring = open(*hsm);
    ASSERT_TRUE(keyring.ok()) << keyring.error().to_log();
    EXPECT_EQ((*keyring)->keys_of(tenant(1)).error().code(), Errc::not_found);
    EXPECT_EQ((*keyring)->system_keys().error().code(), Errc::not_found);
    for (const RootName& name : {general, card, system}) {
      const auto made = (*keyring)->create_root(name);
      ASSERT_TRUE(made.ok()) << made.error().to_log();
      EXPECT_EQ((*keyring)->create_root(name).error().code(), Errc::already_initialised);
    }
    record =
        *seal_secret(**(*keyring)->keys_of(tenant(1)), "cred", "p", view_of("x"), token_.entropy);
    system_key = to_bytes((*(*keyring)->system_keys())->derive("test")->view());
  }
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const auto keyring = open(*hsm);
  ASSERT_TRUE(keyring.ok()) << keyring.error().to_log();
  EXPECT_EQ((*keyring)->size(), 3U);
  const std::uint64_t calls = hsm->status().module_calls;
  const auto keys = (*keyring)->keys_of(tenant(1));
  ASSERT_TRUE(keys.ok());
  EXPECT_TRUE(open_secret(**keys, "cred", "p", record).ok());
  EXPECT_TRUE((*(*keyring)->system_keys())->derive("test")->equals(system_key));
  EXPECT_FALSE(
      (*(*keyring)->open_root(card))->derive("test")->equals((*keys)->derive("test")->view()));
  EXPECT_EQ(hsm->status().module_calls, calls) << "cached roots ask nothing of the token";
}

TEST_F(KeyringTest, ATenantsKeysOpenNothingOfAnother) {
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const auto keyring = open(*hsm);
  ASSERT_TRUE(keyring.ok());
  ASSERT_TRUE((*keyring)->create_root({tenant(1), Purpose::general, 1}).ok());
  ASSERT_TRUE((*keyring)->create_root({tenant(2), Purpose::general, 1}).ok());
  const auto a = *(*keyring)->keys_of(tenant(1));
  const auto b = *(*keyring)->keys_of(tenant(2));
  const Bytes record =
      *seal_secret(*a, "cred", "same place", view_of("secret of a"), token_.entropy);
  EXPECT_TRUE(open_secret(*a, "cred", "same place", record).ok());
  EXPECT_EQ(open_secret(*b, "cred", "same place", record).error().code(), Errc::decryption_failed);
}

TEST_F(KeyringTest, TheHighestVersionIsUsed) {
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const auto keyring = open(*hsm);
  ASSERT_TRUE(keyring.ok());
  for (const std::uint32_t version : {1U, 2U, 10U}) {
    ASSERT_TRUE((*keyring)->create_root({tenant(1), Purpose::general, version}).ok());
  }
  ASSERT_TRUE((*keyring)->create_root({tenant(1), Purpose::card, 99}).ok());
  ASSERT_TRUE((*keyring)->create_root({tenant(2), Purpose::general, 1}).ok());
  EXPECT_EQ((*keyring)->create_root({tenant(2), Purpose::general, 0}).error().code(),
            Errc::malformed_value);
  EXPECT_EQ(*(*keyring)->keys_of(tenant(1)),
            *(*keyring)->open_root({tenant(1), Purpose::general, 10}));
}

TEST_F(KeyringTest, ZeroiseReachesKeysThatAreHeld) {
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const auto keyring = open(*hsm);
  ASSERT_TRUE(keyring.ok());
  ASSERT_TRUE((*keyring)->create_root({tenant(1), Purpose::general, 1}).ok());
  const auto held = *(*keyring)->keys_of(tenant(1));
  (*keyring)->zeroise();
  EXPECT_EQ(held->derive("a").error().code(), Errc::hsm_unavailable);
  EXPECT_EQ((*keyring)->keys_of(tenant(1)).error().code(), Errc::hsm_unavailable);
  EXPECT_EQ((*keyring)->create_root({tenant(2), Purpose::general, 1}).error().code(),
            Errc::hsm_unavailable);
}

TEST_F(KeyringTest, ADamagedRowStopsTheStart) {
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const RootName name{tenant(1), Purpose::general, 1};
  ASSERT_TRUE((*open(*hsm))->create_root(name).ok());
  const Bytes blob = *read_row(name.text());
  for (std::size_t i = 0; i < blob.size(); ++i) {
    Bytes changed = blob;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    ASSERT_TRUE(write_row(name.text(), changed).ok());
    const auto refused = open(*hsm);
    ASSERT_FALSE(refused.ok()) << i;
    const bool in_kek_number = i >= 4 && i < 8;
    EXPECT_EQ(refused.error().code(),
              in_kek_number ? Errc::hsm_key_missing : Errc::key_unwrap_failed)
        << i << " " << refused.error().to_log();
  }
  for (std::size_t size = 0; size < blob.size(); size += 7) {
    ASSERT_TRUE(write_row(name.text(), BytesView(blob).first(size)).ok());
    EXPECT_EQ(open(*hsm).error().code(), Errc::key_unwrap_failed) << size;
  }
  ASSERT_TRUE(write_row(name.text(), blob).ok());
  EXPECT_TRUE(open(*hsm).ok());
  EXPECT_EQ(hsm->status().state, hsm::State::ready) << "bad blobs are not the token's fault";
}

TEST_F(KeyringTest, ABlobCannotMoveToAnotherName) {
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const RootName source{tenant(1), Purpose::general, 1};
  ASSERT_TRUE((*open(*hsm))->create_root(source).ok());
  const Bytes blob = *read_row(source.text());
  const WrappedKey key = *decode_wrapped_key(blob);
  for (const RootName& target :
       {RootName{tenant(2), Purpose::general, 1}, RootName{tenant(1), Purpose::card, 1},
        RootName{tenant(1), Purpose::general, 2}, RootName{std::nullopt, Purpose::general, 1}}) {
    // As it is: found by its name. With the name changed too: found by the token.
    ASSERT_TRUE(write_row(target.text(), blob).ok());
    EXPECT_EQ(open(*hsm).error().code(), Errc::key_unwrap_failed) << target.text();
    WrappedKey moved = key;
    moved.name = target;
    ASSERT_TRUE(write_row(target.text(), encode_wrapped_key(moved)).ok());
    EXPECT_EQ(open(*hsm).error().code(), Errc::key_unwrap_failed) << target.text();
    std::filesystem::remove_all(directory());
    std::filesystem::create_directory(directory());
    ASSERT_TRUE(write_row(source.text(), blob).ok());
    ASSERT_TRUE(open(*hsm).ok());
  }
}

TEST_F(KeyringTest, AnotherKeyEncryptionKeyOpensNothing) {
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    ASSERT_TRUE((*open(*hsm))->create_root({tenant(1), Purpose::general, 1}).ok());
  }
  ASSERT_EQ(token_.pkcs11_tool("--delete-object --type secrkey --label kek/1").status, 0);
  ASSERT_TRUE(hsm::create_keys(token_.config(), SoftHsm::pin(), token_.gate, token_.entropy).ok());
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  EXPECT_EQ(open(*hsm).error().code(), Errc::key_unwrap_failed);
}

}  // namespace
}  // namespace florin::vault
