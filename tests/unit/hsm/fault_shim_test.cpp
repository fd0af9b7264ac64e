// The fault-injecting module itself: without rules it changes nothing, and each rule does what it
// says, so that the cases can believe it.
#include <thread>

#include "hsm/cryptoki.h"
#include "hsm/login.h"
#include "hsm/uri.h"
#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::fault_shim_test {
namespace {

using test_support::eventually;
using test_support::Fault;
using test_support::SoftHsm;
namespace shim = florin::pkcs11_shim;

class FaultShim : public FaultTest {
 protected:
  void SetUp() override {
    token_.initialise();
    module_ = *Module::load(config().module_path);
    ASSERT_TRUE(module_->initialise().ok());
    const auto uri = *parse_token_uri(config().uri);
    session_.emplace(
        *open_user_session(module_, *find_token(*module_, uri), SoftHsm::pin(), token_.gate));
    look();
  }
  void TearDown() override {
    faults_.disarm_all();
    EXPECT_TRUE(module_->shutdown().ok());
  }
  void look() {
    probe_ = session_->find(CKO_SECRET_KEY, "probe")->at(0);
    kek_ = session_->find(CKO_SECRET_KEY, "kek/1")->at(0);
  }
  Result<Bytes> encrypt(BytesView iv) {
    return session_->gcm_encrypt(session_->tagged(probe_), iv, view_of("context"), view_of("text"));
  }
  Result<Bytes> encrypt() { return encrypt(Bytes(kGcmIvSize, 7)); }

  std::shared_ptr<Module> module_;
  std::optional<Session> session_;
  CK_OBJECT_HANDLE probe_ = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE kek_ = CK_INVALID_HANDLE;
};

TEST_F(FaultShim, CountsAndPassesOn) {
  const auto before = faults_.calls("C_Encrypt");
  const auto total = faults_.total();
  const auto sealed = encrypt();
  ASSERT_TRUE(sealed.ok()) << sealed.error().to_log();
  EXPECT_TRUE(
      session_
          ->gcm_decrypt(session_->tagged(probe_), Bytes(kGcmIvSize, 7), view_of("context"), *sealed)
          ->equals(view_of("text")));
  EXPECT_EQ(faults_.calls("C_Encrypt"), before + 1);
  EXPECT_EQ(faults_.total(), total + 4);
  EXPECT_EQ(faults_.handle_of("probe", CKO_SECRET_KEY), probe_);
  EXPECT_EQ(faults_.handle_of("absent", CKO_SECRET_KEY), 0U);
}

TEST_F(FaultShim, FailsTheCallsThatAreMeantBeforeAndAfter) {
  const auto rule = faults_.arm({.function = "C_EncryptInit",
                                 .actions = shim::kFailBefore,
                                 .return_value = CKR_DEVICE_ERROR,
                                 .skip = 1,
                                 .count = 2});
  EXPECT_TRUE(encrypt().ok());
  EXPECT_EQ(encrypt().error().code(), Errc::hsm_failure);
  EXPECT_EQ(session_->last_failure(), FailureClass::device);
  EXPECT_FALSE(encrypt().ok());
  EXPECT_TRUE(encrypt().ok());
  EXPECT_EQ(faults_.fired(rule), 2U);
  faults_.arm({.function = "C_EncryptInit",
               .actions = shim::kFailAfter,
               .return_value = CKR_SESSION_HANDLE_INVALID});
  EXPECT_FALSE(encrypt().ok());
  EXPECT_FALSE(encrypt().ok()) << "the real call has left its operation active";
  EXPECT_EQ(session_->last_failure(), FailureClass::session_lost);
  EXPECT_TRUE(session_->renew().ok());
  EXPECT_TRUE(encrypt().ok());
}

TEST_F(FaultShim, CorruptsRemapsAndFindsNothing) {
  const Bytes good = *encrypt();
  faults_.arm({.function = "C_Encrypt", .actions = shim::kCorrupt, .first = 2, .second = 0x80});
  Bytes changed = *encrypt();
  EXPECT_NE(changed, good);
  changed[2] ^= 0x80;
  EXPECT_EQ(changed, good);
  faults_.arm(
      {.function = "C_EncryptInit", .actions = shim::kRemap, .first = probe_, .second = kek_});
  EXPECT_NE(*encrypt(), good);
  EXPECT_EQ(*encrypt(), good);
  faults_.arm({.function = "C_FindObjects", .actions = shim::kFindNothing});
  EXPECT_TRUE(session_->find(CKO_SECRET_KEY, "kek/1")->empty());
  EXPECT_EQ(session_->find(CKO_SECRET_KEY, "kek/1")->size(), 1U);
}

TEST_F(FaultShim, HoldsACallUntilItIsReleased) {
  const auto rule = faults_.arm({.function = "C_Encrypt", .actions = shim::kBlock});
  std::atomic<bool> done = false;
  std::thread caller([&] {
    EXPECT_TRUE(encrypt().ok());
    done = true;
  });
  EXPECT_TRUE(eventually([&] { return faults_.waiting(rule) == 1; }));
  EXPECT_FALSE(done);
  faults_.release(rule);
  caller.join();
  EXPECT_EQ(faults_.waiting(rule), 0U);
}

TEST_F(FaultShim, TakesSessionAndLoginAway) {
  faults_.arm({.function = "C_EncryptInit", .actions = shim::kLogout});
  EXPECT_FALSE(encrypt().ok());
  EXPECT_EQ(session_->last_failure(), FailureClass::session_lost);
  ASSERT_TRUE(session_->login(CKU_USER, SoftHsm::pin()).ok());
  look();
  EXPECT_TRUE(encrypt().ok());
  faults_.arm({.function = "C_EncryptInit", .actions = shim::kCloseSessions});
  EXPECT_FALSE(encrypt().ok());
  EXPECT_EQ(session_->last_failure(), FailureClass::session_lost);
}

TEST_F(FaultShim, PretendsOtherTokensAndMechanisms) {
  faults_.set_token_flags(CKF_USER_PIN_LOCKED);
  faults_.pretend_vendor("Other Works", "Model 7");
  const auto tokens = *list_tokens(*module_);
  ASSERT_FALSE(tokens.empty());
  EXPECT_EQ(tokens[0].info.manufacturer, "Other Works");
  EXPECT_EQ(tokens[0].info.model, "Model 7");
  EXPECT_NE(tokens[0].flags & CKF_USER_PIN_LOCKED, 0U);
  const auto mechanisms = [&] {
    CK_ULONG count = 0;
    CK_MECHANISM_TYPE* const none = nullptr;
    EXPECT_EQ(module_->call(&CK_FUNCTION_LIST::C_GetMechanismList, tokens[0].slot, none, &count),
              CKR_OK);
    std::vector<CK_MECHANISM_TYPE> out(count);
    EXPECT_EQ(
        module_->call(&CK_FUNCTION_LIST::C_GetMechanismList, tokens[0].slot, out.data(), &count),
        CKR_OK);
    return out;
  };
  const auto has = [](const std::vector<CK_MECHANISM_TYPE>& all, CK_MECHANISM_TYPE one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  EXPECT_TRUE(has(mechanisms(), CKM_AES_GCM));
  EXPECT_FALSE(has(mechanisms(), 0x80001087));
  faults_.hide_mechanism(CKM_AES_GCM);
  faults_.add_mechanism(0x80001087);
  EXPECT_FALSE(has(mechanisms(), CKM_AES_GCM));
  EXPECT_TRUE(has(mechanisms(), 0x80001087));
}

// What each peer does to a caller who works by the book with a 96-bit IV of his own.
TEST_F(FaultShim, SpeaksTheDialects) {
  const Bytes honest = *encrypt();
  faults_.set_dialect(shim::kLunaFips);
  EXPECT_FALSE(encrypt().ok()) << "what it appends makes the answer too long";
  ASSERT_TRUE(session_->renew().ok());
  faults_.set_dialect(shim::kCloudHsm);
  EXPECT_FALSE(encrypt().ok()) << "an IV that is not zero";
  ASSERT_TRUE(session_->renew().ok());
  const Bytes zero(kGcmIvSize);
  Bytes written_back = zero;
  const Bytes own = *encrypt(written_back);
  EXPECT_NE(written_back, zero);
  faults_.set_dialect(shim::kHonest);
  EXPECT_TRUE(
      session_->gcm_decrypt(session_->tagged(probe_), written_back, view_of("context"), own).ok());
  faults_.set_dialect(shim::kNullIv);
  EXPECT_FALSE(encrypt().ok());
  ASSERT_TRUE(session_->renew().ok());
  for (const shim::Dialect liar : {shim::kZeroIvLiar, shim::kDropIv}) {
    faults_.set_dialect(liar);
    EXPECT_EQ(*encrypt(Bytes(kGcmIvSize, 1)), *encrypt(Bytes(kGcmIvSize, 2)));
  }
  faults_.set_dialect(shim::kZeroTagLiar);
  Bytes untagged = *encrypt();
  EXPECT_EQ(untagged.size(), honest.size());
  untagged.back() ^= 1;
  EXPECT_TRUE(session_
                  ->gcm_decrypt(session_->tagged(probe_), Bytes(kGcmIvSize, 7), view_of("context"),
                                untagged)
                  .ok());
  faults_.set_dialect(shim::kShortTag);
  EXPECT_FALSE(encrypt().ok()) << "the caller counts the bytes of the tag";
}

}  // namespace
}  // namespace florin::hsm::fault_shim_test
