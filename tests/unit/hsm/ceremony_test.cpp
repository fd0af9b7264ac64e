// Ceremonies on a real SoftHSM.
#include "hsm/ceremony.h"

#include <gtest/gtest.h>

#include "support/softhsm.h"

namespace florin::hsm::ceremony_test {
namespace {

using test_support::OpenHsm;
using test_support::SoftHsm;

class Ceremony : public ::testing::Test {
 protected:
  Result<TokenInfo> init(TokenOrigin origin = TokenOrigin::fresh) {
    return initialise_token(token_.config(), SoftHsm::so_pin(), SoftHsm::pin(), origin,
                            token_.gate);
  }
  Result<std::vector<KeyInfo>> keys() {
    return create_keys(token_.config(), SoftHsm::pin(), token_.gate, token_.entropy);
  }
  SoftHsm token_;
};

TEST_F(Ceremony, MakesATokenOnceAndItsKeysOnce) {
  const auto token = init();
  ASSERT_TRUE(token.ok()) << token.error().to_log();
  EXPECT_EQ(token->label, SoftHsm::kLabel);
  EXPECT_EQ(token->manufacturer, "SoftHSM project");
  EXPECT_EQ(token->serial.size(), 16U);
  EXPECT_EQ(init().error().code(), Errc::already_initialised);
  EXPECT_TRUE(init(TokenOrigin::pre_initialised).ok());
  const auto made = keys();
  ASSERT_TRUE(made.ok()) << made.error().to_log();
  ASSERT_EQ(made->size(), 3U);
  EXPECT_EQ((*made)[0].label, "kek/1");
  EXPECT_EQ((*made)[1].label, "aud/1");
  EXPECT_EQ((*made)[2].label, "probe");
  for (const KeyInfo& key : *made) {
    EXPECT_EQ(key.id.size(), 32U);
    EXPECT_EQ(key.check_value.size(), 6U);
  }
  EXPECT_EQ(keys().error().code(), Errc::already_initialised);
  EXPECT_EQ(init().error().code(), Errc::already_initialised);
}

TEST_F(Ceremony, UsesATokenThatOthersInitialised) {
  EXPECT_EQ(init(TokenOrigin::pre_initialised).error().code(), Errc::hsm_token_missing);
  const auto made = test_support::run_command(
      std::string("softhsm2-util --init-token --free --label '") + SoftHsm::kLabel + "' --so-pin " +
      SoftHsm::kSoPin + " --pin " + SoftHsm::kPin);
  ASSERT_EQ(made.status, 0) << made.output;
  EXPECT_EQ(init().error().code(), Errc::already_initialised);
  ASSERT_TRUE(init(TokenOrigin::pre_initialised).ok());
  ASSERT_TRUE(keys().ok());
  OpenHsm hsm(token_);
  EXPECT_TRUE(hsm.ok()) << hsm.why();
}

TEST_F(Ceremony, RefusesAShortUserPinBeforeAnythingIsWritten) {
  const Secret short_pin(view_of("123456789012345"));
  const auto refused = initialise_token(token_.config(), SoftHsm::so_pin(), short_pin,
                                        TokenOrigin::fresh, token_.gate);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::config_invalid);
  EXPECT_TRUE(std::filesystem::is_empty(token_.tokens()));
  EXPECT_TRUE(init().ok());
}

TEST_F(Ceremony, CompletesATokenWithoutUserPin) {
  const auto half = test_support::run_command("pkcs11-tool --module " + SoftHsm::module_path() +
                                              " --slot-index 0 --init-token --label '" +
                                              SoftHsm::kLabel + "' --so-pin " + SoftHsm::kSoPin);
  ASSERT_EQ(half.status, 0) << half.output;
  EXPECT_EQ(init(TokenOrigin::pre_initialised).error().code(), Errc::not_initialised);
  EXPECT_EQ(keys().error().code(), Errc::not_initialised);
  const Secret wrong(view_of("not the SO PIN of this token"));
  EXPECT_EQ(
      initialise_token(token_.config(), wrong, SoftHsm::pin(), TokenOrigin::fresh, token_.gate)
          .error()
          .code(),
      Errc::hsm_pin_incorrect);
  EXPECT_FALSE(token_.gate.closed()) << "the SO PIN is not the user PIN";
  const auto done = init();
  ASSERT_TRUE(done.ok()) << done.error().to_log();
  EXPECT_TRUE(keys().ok());
}

TEST_F(Ceremony, MakesOnlyTheKeysThatAreMissing) {
  token_.initialise();
  const auto before = token_.open();
  ASSERT_TRUE(before.ok());
  const std::vector<KeyInfo> old_keys = (*before)->status().keys;
  ASSERT_TRUE((*before)->shutdown().ok());
  ASSERT_EQ(token_.pkcs11_tool("--delete-object --type secrkey --label probe").status, 0);
  const auto again = keys();
  ASSERT_TRUE(again.ok()) << again.error().to_log();
  EXPECT_EQ((*again)[0].id, old_keys[0].id);
  EXPECT_EQ((*again)[1].id, old_keys[1].id);
  EXPECT_NE((*again)[2].id, old_keys[2].id);
}

TEST_F(Ceremony, RefusesKeysMadeByHand) {
  ASSERT_TRUE(init().ok());
  ASSERT_EQ(
      token_
          .pkcs11_tool("--keygen --key-type AES:32 --label kek/1 --id 01 --private --sensitive "
                       "--extractable")
          .status,
      0);
  const auto refused = keys();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::hsm_key_unfit);
  EXPECT_NE(refused.error().message().find("extractable"), std::string::npos)
      << refused.error().to_log();
}

TEST_F(Ceremony, RefusesHalfAKeyPair) {
  token_.initialise();
  ASSERT_EQ(token_.pkcs11_tool("--delete-object --type privkey --label aud/1").status, 0);
  EXPECT_EQ(keys().error().code(), Errc::hsm_key_unfit);
}

TEST_F(Ceremony, AWrongPinClosesTheGate) {
  ASSERT_TRUE(init().ok());
  const Secret wrong(view_of("ffffffffffffffffffffffffffffffff"));
  EXPECT_EQ(create_keys(token_.config(), wrong, token_.gate, token_.entropy).error().code(),
            Errc::hsm_pin_incorrect);
  EXPECT_EQ(token_.gate.attempts(), 1U);
  EXPECT_EQ(keys().error().code(), Errc::hsm_pin_incorrect);
  EXPECT_EQ(token_.gate.attempts(), 1U);
}

}  // namespace
}  // namespace florin::hsm::ceremony_test
