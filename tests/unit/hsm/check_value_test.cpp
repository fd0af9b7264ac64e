// The check value tells a key from others, so a failure to read it is not "it has none".
#include "hsm/cryptoki.h"
#include "hsm/keys.h"
#include "hsm/login.h"
#include "hsm/uri.h"
#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::check_value_test {
namespace {

using test_support::SoftHsm;
namespace shim = florin::pkcs11_shim;

class CheckValue : public FaultTest {
 protected:
  void SetUp() override {
    token_.initialise();
    module_ = *Module::load(config().module_path);
    ASSERT_TRUE(module_->initialise().ok());
    const auto uri = *parse_token_uri(config().uri);
    session_.emplace(
        *open_user_session(module_, *find_token(*module_, uri), SoftHsm::pin(), token_.gate));
  }
  void TearDown() override {
    faults_.disarm_all();
    EXPECT_TRUE(module_->shutdown().ok());
  }
  std::shared_ptr<Module> module_;
  std::optional<Session> session_;
};

TEST_F(CheckValue, IsEmptyOnlyWhereTheTokenSaysThatThereIsNone) {
  const auto key = find_key(*session_, kek_spec(1));
  ASSERT_TRUE(key.ok()) << key.error().to_log();
  EXPECT_EQ(key->check_value.size(), 6U);
  const auto read = [&](CK_RV answer) {
    faults_.arm(
        {.function = "C_GetAttributeValue", .actions = shim::kFailBefore, .return_value = answer});
    return check_value_now(*session_, key->handle.object);
  };
  for (const CK_RV answer : {CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE}) {
    const auto none = read(answer);
    ASSERT_TRUE(none.ok()) << none.error().to_log();
    EXPECT_EQ(*none, "");
    EXPECT_EQ(session_->last_failure(), FailureClass::none);
  }
  for (const CK_RV answer : {CKR_DEVICE_ERROR, CKR_GENERAL_ERROR, CKR_SESSION_HANDLE_INVALID,
                             CKR_DEVICE_REMOVED, CK_RV{0x80000001}}) {
    EXPECT_FALSE(read(answer).ok()) << std::hex << answer;
  }
  EXPECT_EQ(*check_value_now(*session_, key->handle.object), key->check_value);
}

// It is the last thing that is read of a key: its length, then its value.
TEST_F(CheckValue, AKeyWhoseCheckValueCannotBeReadIsNotFound) {
  const shim::Word before = faults_.calls("C_GetAttributeValue");
  ASSERT_TRUE(find_key(*session_, kek_spec(1)).ok());
  const shim::Word reads = faults_.calls("C_GetAttributeValue") - before;
  for (const shim::Word skip : {reads - 2, reads - 1}) {
    const auto rule = faults_.arm({.function = "C_GetAttributeValue",
                                   .actions = shim::kFailBefore,
                                   .return_value = CKR_DEVICE_ERROR,
                                   .skip = skip});
    const auto found = find_key(*session_, kek_spec(1));
    EXPECT_EQ(faults_.fired(rule), 1U);
    ASSERT_FALSE(found.ok()) << found->check_value;
    EXPECT_EQ(found.error().code(), Errc::hsm_failure);
    faults_.disarm(rule);
  }
}

}  // namespace
}  // namespace florin::hsm::check_value_test
