// The keyring over a real SoftHSM.
#include <gtest/gtest.h>

#include "daemon/vault/keyring.h"
#include "daemon/vault/sealed_secret.h"
#include "support/softhsm.h"

namespace florin::vault::keyring_hsm_test {
namespace {

using test_support::OpenHsm;
using test_support::SoftHsm;

class KeyringHsm : public ::testing::Test {
 protected:
  void SetUp() override {
    token_.initialise();
    std::filesystem::create_directory(directory());
  }
  [[nodiscard]] std::filesystem::path directory() const { return token_.directory() / "keyring"; }
  Result<std::unique_ptr<Keyring>> open(hsm::Hsm& hsm) {
    return Keyring::open(directory(), make_key_guard(hsm), token_.entropy, token_.clock);
  }
  SoftHsm token_;
};

TEST_F(KeyringHsm, RootsSurviveReopenAndNeedNoModuleLater) {
  const TenantId tenant{Uuid::v7(1, {})};
  Bytes record;
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    const auto keyring = open(*hsm);
    ASSERT_TRUE(keyring.ok()) << keyring.error().to_log();
    ASSERT_TRUE((*keyring)->create_owner(std::nullopt).ok());
    ASSERT_TRUE((*keyring)->create_owner(tenant).ok());
    record = *seal_secret(**(*keyring)->keys_of(tenant), "cred", "p", view_of("x"), token_.entropy);
    ASSERT_TRUE((*keyring)->rotate(tenant, tenant.value).ok());
  }
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const auto keyring = open(*hsm);
  ASSERT_TRUE(keyring.ok()) << keyring.error().to_log();
  EXPECT_TRUE((*keyring)->verify().ok());
  const std::uint64_t calls = hsm->status().module_calls;
  const auto keys = (*keyring)->keys_of(tenant);
  ASSERT_TRUE(keys.ok());
  EXPECT_TRUE(open_secret(**keys, "cred", "p", record).ok());
  EXPECT_EQ((*keys)->active_version(), 2U);
  EXPECT_EQ(hsm->status().module_calls, calls) << "open roots ask nothing of the token";
}

// Two-phase, over two openings of the module: a further key in the token, everything wrapped anew,
// the old key gone from the token.
TEST_F(KeyringHsm, AKeyEncryptionKeyIsReplaced) {
  const TenantId tenant{Uuid::v7(1, {})};
  const Uuid request = Uuid::v7(2, {});
  Bytes record;
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    const auto keyring = open(*hsm);
    ASSERT_TRUE(keyring.ok()) << keyring.error().to_log();
    ASSERT_TRUE((*keyring)->create_owner(std::nullopt).ok());
    ASSERT_TRUE((*keyring)->create_owner(tenant).ok());
    record = *seal_secret(**(*keyring)->keys_of(tenant), "cred", "p", view_of("x"), token_.entropy);
    const auto number = (*keyring)->rotate_kek(request);
    ASSERT_TRUE(number.ok()) << number.error().to_log();
    EXPECT_EQ(*number, 2U);
    EXPECT_EQ((*keyring)->destroy_kek(1).error().code(), Errc::state_conflict);
  }
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const auto keyring = open(*hsm);
  ASSERT_TRUE(keyring.ok()) << keyring.error().to_log();
  EXPECT_EQ(hsm->kek_number(), 2U) << "the keyring says which key is in use";
  EXPECT_EQ(*(*keyring)->rotate_kek(request), 2U) << "the same order again";
  EXPECT_EQ(*(*keyring)->rewrap(), 4U);
  EXPECT_EQ((*keyring)->verify()->keks.size(), 2U);
  const auto destroyed = (*keyring)->destroy_kek(1);
  ASSERT_TRUE(destroyed.ok()) << destroyed.error().to_log();
  EXPECT_EQ(hsm->kek_numbers(), std::vector<std::uint32_t>{2});
  const auto report = (*keyring)->verify();
  ASSERT_TRUE(report.ok()) << report.error().to_log();
  EXPECT_TRUE(open_secret(**(*keyring)->keys_of(tenant), "cred", "p", record).ok());
}

TEST_F(KeyringHsm, AnotherKeyEncryptionKeyOpensNothing) {
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    ASSERT_TRUE((*open(*hsm))->create_owner(std::nullopt).ok());
  }
  ASSERT_EQ(token_.pkcs11_tool("--delete-object --type secrkey --label kek/1").status, 0);
  ASSERT_TRUE(hsm::create_keys(token_.config(), SoftHsm::pin(), token_.gate, token_.entropy).ok());
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  EXPECT_EQ(open(*hsm).error().code(), Errc::key_unwrap_failed);
  EXPECT_EQ(hsm->status().state, hsm::State::ready) << "bad blobs are not the token's fault";
}

}  // namespace
}  // namespace florin::vault::keyring_hsm_test
