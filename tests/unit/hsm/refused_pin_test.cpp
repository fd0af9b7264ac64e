// A PIN that the token has refused is never given to it again by ourselves.
#include "hsm/cryptoki.h"
#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::refused_pin_test {
namespace {

using test_support::SoftHsm;
namespace shim = florin::pkcs11_shim;

class RefusedPin : public RunningFaultTest {
 protected:
  std::string change_pin() {
    const std::string fresh = "fedcba9876543210fedcba9876543210";
    const auto changed = token_.pkcs11_tool("--change-pin --new-pin " + fresh);
    EXPECT_EQ(changed.status, 0) << changed.output;
    return fresh;
  }
};

// The operator's unlock does not get as far as the login; the restarts that follow have no PIN.
TEST_F(RefusedPin, IsNotTriedAgainAfterAnUnlockThatFailedBeforeItsLogin) {
  start(quick());
  const std::string fresh = change_pin();
  faults_.arm({.function = "C_EncryptInit",
               .actions = shim::kFailBefore,
               .return_value = CKR_DEVICE_REMOVED});
  EXPECT_FALSE(hsm_->probe().ok());
  ASSERT_TRUE(reaches(State::auth_blocked));
  const shim::Word logins = faults_.calls("C_Login");
  faults_.arm({.function = "C_Initialize",
               .actions = shim::kFailBefore,
               .return_value = CKR_FUNCTION_FAILED});
  EXPECT_FALSE(hsm_->unlock(Secret(view_of(fresh))).ok());
  ASSERT_TRUE(reaches(State::auth_blocked)) << "an operator is needed again";
  EXPECT_EQ(faults_.calls("C_Login"), logins);
  const auto unlocked = hsm_->unlock(Secret(view_of(fresh)));
  ASSERT_TRUE(unlocked.ok()) << unlocked.error().to_log();
  expect_right("after the unlock");
  EXPECT_EQ(faults_.calls("C_Login"), logins + 1);
}

// A lost session is replaced by the flags of now, not by those of the start.
TEST_F(RefusedPin, IsNotTriedWhenTheTokenSaysMeanwhileThatOneTryIsLeft) {
  start(quick());
  const shim::Word logins = faults_.calls("C_Login");
  faults_.set_token_flags(CKF_USER_PIN_FINAL_TRY);
  faults_.arm({.function = "C_DecryptInit", .actions = shim::kCloseSessions});
  EXPECT_FALSE(hsm_->unwrap(blob_, view_of(kContext)).ok());
  ASSERT_TRUE(reaches(State::auth_blocked));
  EXPECT_EQ(hsm_->unlock(SoftHsm::pin()).error().code(), Errc::hsm_pin_incorrect);
  EXPECT_EQ(faults_.calls("C_Login"), logins) << "not even for an operator";
  faults_.set_token_flags(0);
  const auto unlocked = hsm_->unlock(SoftHsm::pin());
  ASSERT_TRUE(unlocked.ok()) << unlocked.error().to_log();
  expect_right("after the unlock");
}

}  // namespace
}  // namespace florin::hsm::refused_pin_test
