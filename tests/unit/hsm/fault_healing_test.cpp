// Cases 6, 8, 9, 10, 19 and 20: what is lost and comes back, what never comes back, and that no
// answer in between is wrong.
#include <atomic>
#include <thread>

#include "hsm/cryptoki.h"
#include "support/long_run.h"
#include "unit/hsm/fault_fixture.h"
#include "unit/hsm/token_editor.h"

namespace florin::hsm::fault_healing_test {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using test_support::SoftHsm;
namespace shim = florin::pkcs11_shim;

class HsmHealing : public RunningFaultTest {};

// Every code that means that the token is gone ends and starts the module, and after that all is as
// before. A login belongs to each start.
TEST_F(HsmHealing, HsmCase06EachCodeOfALostTokenStartsTheModuleAnew) {
  start(quick());
  std::uint64_t restarts = 0;
  for (const CK_RV code : {CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED,
                           CKR_SLOT_ID_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED}) {
    const shim::Word logins = faults_.calls("C_Login");
    faults_.arm({.function = "C_DecryptInit", .actions = shim::kFailBefore, .return_value = code});
    const auto refused = hsm_->unwrap(blob_, view_of(kContext));
    if (!refused.ok()) {
      EXPECT_EQ(refused.error().error_class(), ErrorClass::unavailable) << refused.error().to_log();
    }
    ++restarts;
    ASSERT_TRUE(eventually([&] { return hsm_->status().restarts >= restarts; }));
    ASSERT_TRUE(reaches(State::ready)) << std::hex << code;
    expect_right("after the restart");
    EXPECT_EQ(hsm_->status().restarts, restarts);
    EXPECT_EQ(faults_.calls("C_Login"), logins + 1);
  }
  EXPECT_EQ(faults_.calls("C_Finalize"), restarts);
}

// The slot list is empty for a while, and a find finds nothing: "not there" never means "make one".
TEST_F(HsmHealing, HsmCase06AnEmptyTokenMakesNoKeys) {
  start(quick());
  const auto nothing = faults_.arm(
      {.function = "C_FindObjects", .actions = shim::kFindNothing, .count = shim::kForever});
  faults_.arm({.function = "C_DecryptInit",
               .actions = shim::kFailBefore,
               .return_value = CKR_DEVICE_REMOVED});
  EXPECT_FALSE(hsm_->unwrap(blob_, view_of(kContext)).ok());
  ASSERT_TRUE(eventually([&] { return faults_.fired(nothing) > 0; }));
  ASSERT_TRUE(reaches(State::down));
  faults_.disarm(nothing);
  ASSERT_TRUE(reaches(State::ready));
  expect_right("after the outage");
  for (const char* making : {"C_GenerateKey", "C_GenerateKeyPair", "C_CreateObject"}) {
    EXPECT_EQ(faults_.calls(making), 0U) << making;
  }
}

// A lost session, login or operation costs the caller nothing: one repetition, the right answer.
TEST_F(HsmHealing, HsmCase08ALostSessionIsReplacedAndTheCallRepeatedOnce) {
  start(quick());
  for (const CK_RV code :
       {CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_USER_NOT_LOGGED_IN,
        CKR_OPERATION_ACTIVE, CKR_OBJECT_HANDLE_INVALID, CKR_KEY_HANDLE_INVALID}) {
    const std::uint64_t generation = hsm_->status().generation;
    const shim::Word logins = faults_.calls("C_Login");
    const shim::Word calls = faults_.calls("C_DecryptInit");
    const auto rule = faults_.arm(
        {.function = "C_DecryptInit", .actions = shim::kFailBefore, .return_value = code});
    expect_right("repeated");
    EXPECT_EQ(faults_.fired(rule), 1U);
    faults_.disarm(rule);
    EXPECT_GE(faults_.calls("C_DecryptInit"), calls + 2) << std::hex << code;
    EXPECT_EQ(hsm_->status().generation, generation + 1) << std::hex << code;
    EXPECT_LE(faults_.calls("C_Login"), logins + 1) << std::hex << code;
    EXPECT_EQ(hsm_->status().restarts, 0U) << std::hex << code;
  }
}

TEST_F(HsmHealing, HsmCase08SessionsClosedAndLoggedOutBehindUs) {
  start(quick());
  for (const shim::Action action : {shim::kCloseSessions, shim::kLogout}) {
    const shim::Word logins = faults_.calls("C_Login");
    const auto rule = faults_.arm({.function = "C_DecryptInit", .actions = action});
    expect_right("after it was taken away");
    EXPECT_EQ(faults_.fired(rule), 1U);
    faults_.disarm(rule);
    EXPECT_EQ(faults_.calls("C_Login"), logins + 1) << "one login, none beside it";
    EXPECT_EQ(hsm_->status().state, State::ready);
    EXPECT_TRUE(hsm_->audit_signer().sign(view_of("message")).ok());
  }
}

// It fails again after the session was replaced: the caller hears it, there is no loop.
TEST_F(HsmHealing, HsmCase08ACallThatFailsAgainIsNotRepeatedForEver) {
  start(quick());
  const shim::Word logins = faults_.calls("C_Login");
  const auto rule = faults_.arm({.function = "C_SignInit",
                                 .actions = shim::kFailBefore,
                                 .return_value = CKR_SESSION_HANDLE_INVALID,
                                 .count = shim::kForever});
  EXPECT_FALSE(hsm_->audit_signer().sign(view_of("message")).ok());
  faults_.disarm(rule);
  EXPECT_LE(faults_.fired(rule), 16U);
  EXPECT_LE(faults_.calls("C_Login"), logins + 8);
  ASSERT_TRUE(reaches(State::ready));
  EXPECT_TRUE(hsm_->audit_signer().sign(view_of("message")).ok());
}

// After a loss the old number of the key-encryption key names another key of the same form. It is
// not used: its check value is not that of the start.
TEST_F(HsmHealing, HsmCase09AHandleThatNamesAnotherKeyIsNotUsed) {
  {
    TokenEditor editor(token_);
    editor.make_wrapping_key("other", {});
  }
  start(quick());
  const auto module = *Module::load(config().module_path);
  Session session(module, find_token(*module, *parse_token_uri(config().uri))->slot);
  ASSERT_TRUE(session.open().ok());
  const auto found = session.find(CKO_SECRET_KEY, "other");
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1U);
  const shim::Word kek = faults_.handle_of("kek/1", CKO_SECRET_KEY);
  ASSERT_NE(kek, 0U);
  std::vector<std::size_t> rules;
  for (const char* function : {"C_EncryptInit", "C_DecryptInit", "C_GetAttributeValue"}) {
    rules.push_back(faults_.arm({.function = function,
                                 .actions = shim::kRemap,
                                 .count = shim::kForever,
                                 .first = kek,
                                 .second = (*found)[0]}));
  }
  faults_.arm({.function = "C_SignInit",
               .actions = shim::kFailBefore,
               .return_value = CKR_SESSION_HANDLE_INVALID});
  static_cast<void>(hsm_->audit_signer().sign(view_of("message")).ok());
  ASSERT_TRUE(eventually([&] { return hsm_->status().state != State::ready; }));
  EXPECT_FALSE(hsm_->wrap(text_, view_of(kContext)).ok()) << "nothing is wrapped with another key";
  EXPECT_FALSE(hsm_->status().reason.empty());
  for (const std::size_t rule : rules) faults_.disarm(rule);
  ASSERT_TRUE(reaches(State::ready));
  expect_right("when it names the old one again");
}

// A call that hangs meets its deadline; others go on, and when it comes back its lane serves again.
TEST_F(HsmHealing, HsmCase10AHangCostsItsCallAndNoOther) {
  Config how = quick();
  how.op_timeout = 1000ms;
  how.lanes = 2;
  start(how);
  const auto rule = faults_.arm({.function = "C_Sign", .actions = shim::kBlock});
  const auto late = hsm_->audit_signer().sign(view_of("message"));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), Errc::timed_out);
  EXPECT_EQ(hsm_->status().lanes_stuck, 1U);
  expect_right("beside the hang");
  EXPECT_EQ(faults_.calls("C_Finalize"), 0U) << "never beside a running call";
  faults_.release(rule);
  EXPECT_TRUE(eventually([&] { return hsm_->status().lanes_stuck == 0; }));
  EXPECT_TRUE(hsm_->audit_signer().sign(view_of("message")).ok());
}

// Losses of every kind under load: whatever is answered is right.
class HsmLoad : public HsmHealing {
 protected:
  static constexpr std::uint8_t kCallers = 8;

  void load(std::uint8_t number) {
    const Bytes text(32, number);
    const Bytes context(8, number);
    while (!stop_) {
      if (const auto blob = hsm_->wrap(text, context); blob.ok()) {
        const auto back = hsm_->unwrap(*blob, context);
        if (back.ok()) ++answered_;
        if (back.ok() && !back->equals(text)) ++wrong_;
        // A token that was lost in between is not a blob that was touched.
        if (!back.ok() && back.error().code() == Errc::key_unwrap_failed) ++wrong_;
      }
      const auto signature = hsm_->audit_signer().sign(text);
      const Bytes key = hsm_->audit_signer().public_key_der();
      if (signature.ok() && !verify_ecdsa_p256(key, text, *signature).ok()) ++wrong_;
      ByteArray<16> random{};
      static_cast<void>(hsm_->random(random).ok());
    }
  }
  [[nodiscard]] bool goes_on() {
    const std::uint64_t before = answered_;
    return eventually([&] { return answered_ > before + 2 * kCallers; }, 60s);
  }
  // One fault after the other, each when the load goes on after the one before.
  void run(std::size_t lanes, const std::vector<test_support::Fault>& faults) {
    Config how = quick();
    how.lanes = lanes;
    how.probe_interval = 50ms;
    how.queue_limit = 256;
    start(how);
    std::vector<std::thread> threads;
    for (std::uint8_t i = 0; i < kCallers; ++i) threads.emplace_back([this, i] { load(i); });
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(test::quick_or_long(5, 30));
    std::size_t armed = 0;
    bool alive = goes_on();
    while (alive && std::chrono::steady_clock::now() < end) {
      faults_.arm(faults[armed++ % faults.size()]);
      alive = goes_on();
      faults_.disarm_all();
    }
    stop_ = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(alive) << "after fault " << armed;
    EXPECT_EQ(wrong_, 0U);
    EXPECT_GT(armed, 2U);
    RecordProperty("answered", static_cast<int>(answered_));
    ASSERT_TRUE(reaches(State::ready));
    expect_right("at the end");
  }

  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> answered_ = 0;
  std::atomic<std::uint64_t> wrong_ = 0;
};

TEST_F(HsmLoad, HsmCase20RestartsUnderLoadOnFourLanes) {
  std::vector<test_support::Fault> faults;
  for (const CK_RV code : {CKR_DEVICE_REMOVED, CKR_SESSION_HANDLE_INVALID, CKR_DEVICE_ERROR,
                           CKR_CRYPTOKI_NOT_INITIALIZED, CKR_GENERAL_ERROR}) {
    for (const char* function : {"C_EncryptInit", "C_DecryptInit", "C_SignInit"}) {
      // From a token that is well otherwise, this one rightly means that the blob is bad.
      if (code == CKR_GENERAL_ERROR && function == std::string_view("C_DecryptInit")) continue;
      faults.push_back({.function = function, .actions = shim::kFailBefore, .return_value = code});
    }
  }
  run(4, faults);
  EXPECT_GE(hsm_->status().restarts, 1U);
}

// With one lane nothing of ours is inside the module while sessions and login are taken away;
// SoftHSM does not survive it otherwise.
TEST_F(HsmLoad, HsmCase20SessionsTakenAwayUnderLoad) {
  run(1, {{.function = "C_DecryptInit", .actions = shim::kCloseSessions},
          {.function = "C_SignInit", .actions = shim::kLogout},
          {.function = "C_EncryptInit", .actions = shim::kCloseSessions},
          {.function = "C_EncryptInit",
           .actions = shim::kFailAfter,
           .return_value = CKR_DEVICE_REMOVED}});
}

}  // namespace
}  // namespace florin::hsm::fault_healing_test
