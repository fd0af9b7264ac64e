// Case 19, the half that is ours: the user PIN is changed by a ceremony.
#include "hsm/cryptoki.h"
#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::change_pin_test {
namespace {

using test_support::SoftHsm;
namespace shim = florin::pkcs11_shim;

constexpr const char* kFresh = "fedcba9876543210fedcba9876543210";

class ChangePin : public RunningFaultTest {
 protected:
  static Secret fresh() { return Secret(view_of(kFresh)); }
  void lose_token() {
    const std::uint64_t restarts = hsm_->status().restarts;
    faults_.arm({.function = "C_EncryptInit",
                 .actions = shim::kFailBefore,
                 .return_value = CKR_DEVICE_REMOVED});
    // After a failure the supervisor probes by itself: one of the two finds it.
    static_cast<void>(hsm_->probe().ok());
    EXPECT_TRUE(test_support::eventually([&] { return hsm_->status().restarts > restarts; }));
  }
};

TEST_F(ChangePin, HsmCase19TheNewOneIsUsedFromThenOn) {
  start(quick());
  const shim::Word logins = faults_.calls("C_Login");
  const auto changed = hsm_->change_pin(fresh());
  ASSERT_TRUE(changed.ok()) << changed.error().to_log();
  EXPECT_EQ(hsm_->status().state, State::ready);
  EXPECT_EQ(faults_.calls("C_Login"), logins + 1) << "proven by a login";
  expect_right("after the change");
  lose_token();
  ASSERT_TRUE(reaches(State::ready)) << "the restarts know it";
  ASSERT_TRUE(hsm_->shutdown().ok());
  hsm_.reset();
  token_.write_pin(kFresh);
  start(quick());
  ASSERT_TRUE(hsm_->shutdown().ok());
  hsm_.reset();
  token_.write_pin(SoftHsm::kPin);
  const auto refused = open_error();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code(), Errc::hsm_pin_incorrect);
}

TEST_F(ChangePin, HsmCase19WhatTheTokenWouldNotTakeChangesNothing) {
  start(quick());
  for (const std::string_view pin :
       {std::string_view("0123456789abcde"), std::string_view(SoftHsm::kPin)}) {
    const auto refused = hsm_->change_pin(Secret(view_of(pin)));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), Errc::config_invalid);
    EXPECT_EQ(refused.error().field(), "pin");
    EXPECT_EQ(refused.error().to_log().find(pin), std::string::npos);
  }
  faults_.set_token_flags(CKF_USER_PIN_FINAL_TRY);
  EXPECT_EQ(hsm_->change_pin(fresh()).error().code(), Errc::hsm_pin_incorrect);
  faults_.set_token_flags(0);
  EXPECT_EQ(faults_.calls("C_SetPIN"), 0U);
  lose_token();
  ASSERT_TRUE(reaches(State::ready));
  expect_right("with the PIN of before");
}

// Somebody else was first: what we have is given to the token no more.
TEST_F(ChangePin, HsmCase19ARefusedPinOfNowIsNotTriedAgain) {
  start(quick());
  faults_.arm(
      {.function = "C_SetPIN", .actions = shim::kFailBefore, .return_value = CKR_PIN_INCORRECT});
  EXPECT_EQ(hsm_->change_pin(fresh()).error().code(), Errc::hsm_pin_incorrect);
  const shim::Word logins = faults_.calls("C_Login");
  lose_token();
  ASSERT_TRUE(reaches(State::auth_blocked));
  EXPECT_EQ(faults_.calls("C_Login"), logins);
  const auto unlocked = hsm_->unlock(SoftHsm::pin());
  ASSERT_TRUE(unlocked.ok()) << unlocked.error().to_log();
  expect_right("after the unlock");
}

// The token has taken it and says that it failed: either may be right, and one try tells.
TEST_F(ChangePin, HsmCase19AfterAFailureEitherMayBeRight) {
  start(quick());
  faults_.arm(
      {.function = "C_SetPIN", .actions = shim::kFailAfter, .return_value = CKR_DEVICE_ERROR});
  EXPECT_EQ(hsm_->change_pin(fresh()).error().code(), Errc::hsm_failure);
  const shim::Word logins = faults_.calls("C_Login");
  lose_token();
  ASSERT_TRUE(reaches(State::auth_blocked));
  EXPECT_EQ(faults_.calls("C_Login"), logins + 1);
  const auto unlocked = hsm_->unlock(fresh());
  ASSERT_TRUE(unlocked.ok()) << unlocked.error().to_log();
  expect_right("after the unlock");
}

}  // namespace
}  // namespace florin::hsm::change_pin_test
