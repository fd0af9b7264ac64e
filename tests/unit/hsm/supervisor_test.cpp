// Losing and healing, on a real SoftHSM.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "hsm/hsm.h"
#include "hsm/module.h"
#include "support/lock_holder.h"
#include "support/softhsm.h"

namespace florin::hsm::supervisor_test {
namespace {

using namespace std::chrono_literals;
using test_support::LockHolder;
using test_support::SoftHsm;

constexpr std::string_view kContext = "tenant a, general, 1";

template <class Condition>
bool eventually(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    never.wait_for(lock, 2ms);
  }
  return true;
}

class SupervisorTest : public ::testing::Test {
 protected:
  void SetUp() override { token_.initialise(); }
  void TearDown() override {
    if (hsm_) {
      EXPECT_TRUE(hsm_->shutdown().ok());
    }
  }
  // Quick enough for a test; probes only when asked.
  Config config() {
    Config out = token_.config();
    out.probe_interval = 3'600'000ms;
    out.restart_interval = 20ms;
    out.trial_interval = 20ms;
    out.stuck_limit = 3'600'000ms;
    return out;
  }
  void open(const Config& config, Hooks hooks = {}) {
    auto opened = Hsm::open(config, token_.gate, token_.entropy, token_.clock, std::move(hooks));
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    hsm_ = std::move(*opened);
  }
  void open() { open(config()); }
  bool reaches(State state) {
    return eventually([&] { return hsm_->status().state == state; });
  }
  // The module is one per process, so a test can spoil what the Hsm has.
  CK_SLOT_ID slot(Module& module) {
    CK_ULONG count = 8;
    CK_SLOT_ID slots[8] = {};
    EXPECT_EQ(module.call(&CK_FUNCTION_LIST::C_GetSlotList, CK_BBOOL{CK_TRUE}, slots, &count),
              CKR_OK);
    for (CK_ULONG i = 0; i < count; ++i) {
      CK_TOKEN_INFO info{};
      EXPECT_EQ(module.call(&CK_FUNCTION_LIST::C_GetTokenInfo, slots[i], &info), CKR_OK);
      if ((info.flags & CKF_TOKEN_INITIALIZED) != 0) return slots[i];
    }
    return 0;
  }
  void close_all_sessions() {
    const auto module = Module::load(SoftHsm::module_path());
    ASSERT_TRUE(module.ok());
    ASSERT_EQ((*module)->call(&CK_FUNCTION_LIST::C_CloseAllSessions, slot(**module)), CKR_OK);
  }
  std::string change_pin() {
    const std::string fresh = "fedcba9876543210fedcba9876543210";
    const auto changed = test_support::run_command(
        "pkcs11-tool --module " + SoftHsm::module_path() + " --token-label '" + SoftHsm::kLabel +
        "' --login --pin " + SoftHsm::kPin + " --change-pin --new-pin " + fresh);
    EXPECT_EQ(changed.status, 0) << changed.output;
    return fresh;
  }
  // Only a new start of the module notices a new PIN. Returns the logins before it.
  std::uint32_t lose_for_a_moment() {
    std::filesystem::rename(token_.tokens(), token_.directory() / "gone");
    EXPECT_FALSE(hsm_->probe().ok());
    EXPECT_TRUE(reaches(State::down));
    const std::uint32_t logins = token_.gate.attempts();
    std::filesystem::rename(token_.directory() / "gone", token_.tokens());
    return logins;
  }
  SoftHsm token_;
  std::unique_ptr<Hsm> hsm_;
};

TEST_F(SupervisorTest, AClosedSessionIsReplacedAndTheCallRepeated) {
  open();
  const Bytes blob = *hsm_->wrap(Bytes(32, 1), view_of(kContext));
  const std::uint32_t logins = token_.gate.attempts();
  close_all_sessions();
  const auto back = hsm_->unwrap(blob, view_of(kContext));
  ASSERT_TRUE(back.ok()) << back.error().to_log();
  EXPECT_TRUE(back->equals(Bytes(32, 1)));
  const Status status = hsm_->status();
  EXPECT_EQ(status.state, State::ready);
  EXPECT_EQ(status.generation, 2U);
  EXPECT_EQ(status.restarts, 0U);
  EXPECT_EQ(token_.gate.attempts(), logins + 1) << "the login went with the sessions";
  EXPECT_TRUE(hsm_->audit_signer().sign(view_of("x")).ok());
}

TEST_F(SupervisorTest, ManyThreadsLoseOneSessionAndLogInOnce) {
  Config four = config();
  four.lanes = 4;
  open(four);
  const Bytes blob = *hsm_->wrap(Bytes(32, 1), view_of(kContext));
  const std::uint32_t logins = token_.gate.attempts();
  close_all_sessions();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto back = hsm_->unwrap(blob, view_of(kContext));
      EXPECT_TRUE(back.ok() && back->equals(Bytes(32, 1)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(token_.gate.attempts(), logins + 1);
}

TEST_F(SupervisorTest, ATokenThatIsTakenAwayHealsWhenItIsBack) {
  open();
  const Bytes blob = *hsm_->wrap(Bytes(32, 1), view_of(kContext));
  std::filesystem::rename(token_.tokens(), token_.directory() / "gone");
  const auto refused = hsm_->wrap(Bytes(32, 1), view_of(kContext));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().error_class(), ErrorClass::unavailable) << refused.error().to_log();
  ASSERT_TRUE(reaches(State::down));
  EXPECT_EQ(hsm_->probe().error().code(), Errc::hsm_unavailable);
  EXPECT_FALSE(hsm_->status().reason.empty());
  std::filesystem::rename(token_.directory() / "gone", token_.tokens());
  ASSERT_TRUE(reaches(State::ready));
  EXPECT_TRUE(hsm_->unwrap(blob, view_of(kContext)).ok());
  EXPECT_GE(hsm_->status().restarts, 1U);
  EXPECT_TRUE(hsm_->status().reason.empty());
}

TEST_F(SupervisorTest, AProbeFindsALostTokenByItself) {
  Config probing = config();
  probing.probe_interval = 20ms;
  open(probing);
  std::filesystem::rename(token_.tokens(), token_.directory() / "gone");
  EXPECT_TRUE(reaches(State::down));
  std::filesystem::rename(token_.directory() / "gone", token_.tokens());
  EXPECT_TRUE(reaches(State::ready));
}

TEST_F(SupervisorTest, AnotherTokenWithTheSameNamesIsNotTaken) {
  open();
  const std::filesystem::path real = token_.directory() / "real";
  std::filesystem::copy(token_.tokens(), real, std::filesystem::copy_options::recursive);
  // The key is replaced by another one of the same form, as by a foreign restore.
  const auto deleted = token_.pkcs11_tool("--delete-object --type secrkey --label probe");
  ASSERT_EQ(deleted.status, 0) << deleted.output;
  const auto made =
      token_.pkcs11_tool("--keygen --key-type AES:32 --label probe --id 77 --private --sensitive");
  ASSERT_EQ(made.status, 0) << made.output;
  EXPECT_FALSE(hsm_->probe().ok());
  ASSERT_TRUE(reaches(State::down));
  EXPECT_FALSE(hsm_->wrap(Bytes(32, 1), view_of(kContext)).ok());
  std::filesystem::remove_all(token_.tokens());
  std::filesystem::rename(real, token_.tokens());
  EXPECT_TRUE(reaches(State::ready));
}

TEST_F(SupervisorTest, AChangedPinBlocksAfterOneLoginUntilAnOperatorGivesTheNewOne) {
  open();
  const Bytes blob = *hsm_->wrap(Bytes(32, 1), view_of(kContext));
  const std::string fresh = change_pin();
  const std::uint32_t logins = lose_for_a_moment();
  ASSERT_TRUE(reaches(State::auth_blocked));
  EXPECT_EQ(token_.gate.attempts(), logins + 1);
  EXPECT_EQ(hsm_->unlock(Secret(view_of("00000000000000000000000000000000"))).error().code(),
            Errc::hsm_pin_incorrect);
  EXPECT_EQ(hsm_->status().state, State::auth_blocked);
  EXPECT_EQ(token_.gate.attempts(), logins + 2) << "one try for each act";
  const auto unlocked = hsm_->unlock(Secret(view_of(fresh)));
  ASSERT_TRUE(unlocked.ok()) << unlocked.error().to_log();
  EXPECT_EQ(hsm_->status().state, State::ready);
  EXPECT_TRUE(hsm_->unwrap(blob, view_of(kContext)).ok());
  EXPECT_EQ(hsm_->unlock(Secret(view_of(fresh))).error().code(), Errc::state_conflict);
}

TEST_F(SupervisorTest, AnOperatorMayGiveThePinBeforeTheRefusedRestartHasEnded) {
  std::mutex mutex;
  std::condition_variable changed;
  bool answered = false;
  Hooks hooks;
  hooks.state_changed = [&](State state) {
    if (state != State::auth_blocked) return;
    // The restart goes no further until unlock() has answered, which it rightly does after it.
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 300ms, [&] { return answered; });
  };
  open(config(), std::move(hooks));
  const std::string fresh = change_pin();
  lose_for_a_moment();
  ASSERT_TRUE(reaches(State::auth_blocked));
  const auto unlocked = hsm_->unlock(Secret(view_of(fresh)));
  {
    const std::lock_guard lock(mutex);
    answered = true;
  }
  changed.notify_all();
  ASSERT_TRUE(unlocked.ok()) << unlocked.error().to_log();
  EXPECT_EQ(hsm_->status().state, State::ready);
}

TEST_F(SupervisorTest, AStuckCallMeetsItsDeadlineAndOthersAreServed) {
  Config short_calls = config();
  short_calls.op_timeout = 2000ms;
  LockHolder holder(token_.tokens());  // forked before the module is in use
  open(short_calls);
  holder.lock();
  const auto late = hsm_->wrap(Bytes(32, 1), view_of(kContext));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), Errc::timed_out);
  EXPECT_EQ(hsm_->status().lanes_stuck, 1U);
  ByteArray<16> random{};
  EXPECT_TRUE(hsm_->random(random).ok()) << "a fresh lane serves what does not hang";
  EXPECT_EQ(hsm_->status().state, State::ready);
  holder.release();
  EXPECT_TRUE(eventually([&] { return hsm_->status().lanes_stuck == 0; }));
  EXPECT_TRUE(hsm_->wrap(Bytes(32, 1), view_of(kContext)).ok());
}

TEST_F(SupervisorTest, ThreeLateCallsOpenTheBreakerAndATrialClosesIt) {
  Config short_calls = config();
  short_calls.op_timeout = 1000ms;
  short_calls.trial_interval = 50ms;
  LockHolder holder(token_.tokens());  // forked before the module is in use
  open(short_calls);
  holder.lock();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(hsm_->wrap(Bytes(32, 1), view_of(kContext)).ok());
  EXPECT_EQ(hsm_->status().state, State::degraded);
  EXPECT_EQ(hsm_->wrap(Bytes(32, 1), view_of(kContext)).error().code(), Errc::hsm_unavailable);
  holder.release();
  EXPECT_TRUE(reaches(State::ready));
  EXPECT_TRUE(hsm_->wrap(Bytes(32, 1), view_of(kContext)).ok());
}

TEST_F(SupervisorTest, ACallThatIsStuckForTooLongIsReportedOnce) {
  Config short_calls = config();
  short_calls.op_timeout = 100ms;
  short_calls.stuck_limit = 200ms;
  std::atomic<int> reports = 0;
  LockHolder holder(token_.tokens());
  open(short_calls, {.hopeless = [&](std::chrono::milliseconds stuck_for) {
         EXPECT_GE(stuck_for, 200ms);
         ++reports;
       }});
  holder.lock();
  EXPECT_EQ(hsm_->probe().error().code(), Errc::timed_out);
  EXPECT_TRUE(eventually([&] { return reports == 1; }));
  EXPECT_EQ(hsm_->shutdown().error().code(), Errc::hsm_unavailable)
      << "the module cannot be ended beside a stuck call";
  holder.release();
  EXPECT_TRUE(eventually([&] { return hsm_->shutdown().ok(); }));
  EXPECT_EQ(reports, 1);
}

TEST_F(SupervisorTest, CountsIntoTheOwnersMetrics) {
  metrics::Registry registry;
  open(config(), {.metrics = &registry});
  ASSERT_TRUE(hsm_->wrap(Bytes(32, 1), view_of(kContext)).ok());
  close_all_sessions();
  ASSERT_TRUE(hsm_->probe().ok());
  const std::string page = registry.to_text();
  EXPECT_NE(page.find("hsm_state{state=\"ready\"} 1\n"), std::string::npos) << page;
  EXPECT_NE(page.find("hsm_operations_total{operation=\"wrap\"} 1\n"), std::string::npos);
  EXPECT_NE(page.find("hsm_errors_total{class=\"session-lost\"} 1\n"), std::string::npos) << page;
  EXPECT_NE(page.find("hsm_reinitialisations_total 0\n"), std::string::npos);
  EXPECT_NE(page.find("hsm_lanes_stuck 0\n"), std::string::npos);
  // The registry goes before the fixture does.
  EXPECT_TRUE(hsm_->shutdown().ok());
  hsm_.reset();
}

}  // namespace
}  // namespace florin::hsm::supervisor_test
