// A start, a login or a ceremony that its caller has given up still has the module: nothing works
// beside it.
#include <thread>

#include "hsm/connection.h"
#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::late_ceremony_test {
namespace {

using test_support::eventually;
using test_support::SoftHsm;
namespace shim = florin::pkcs11_shim;

using LateCeremony = RunningFaultTest;

// It would end the module under the lanes.
TEST_F(LateCeremony, NothingIsServedUntilItHasEnded) {
  Config how = quick();
  how.ceremony_timeout = std::chrono::milliseconds(1'000);
  start(how);
  const auto rule = faults_.arm({.function = "C_Finalize", .actions = shim::kBlock});
  const auto late = hsm_->create_next_kek();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), Errc::timed_out);
  const shim::Word encryptions = faults_.calls("C_EncryptInit");
  const auto refused = hsm_->wrap(text_, view_of(kContext));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::hsm_unavailable);
  EXPECT_EQ(faults_.calls("C_EncryptInit"), encryptions);
  EXPECT_EQ(hsm_->create_next_kek().error().code(), Errc::hsm_unavailable);
  EXPECT_NE(hsm_->status().state, State::ready);
  EXPECT_FALSE(hsm_->status().reason.empty());
  faults_.release(rule);
  ASSERT_TRUE(reaches(State::ready));
  expect_right("after the late ceremony");
}

// Who waits behind a login that hangs gets no login of his own beside it.
TEST_F(LateCeremony, ALostSessionIsNotReplacedBesideALoginThatHangs) {
  Config how = quick();
  how.start_timeout = std::chrono::milliseconds(3'000);
  start(how);
  faults_.arm({.function = "C_DecryptInit", .actions = shim::kCloseSessions});
  const auto rule = faults_.arm(
      {.function = "C_GetSessionInfo", .actions = shim::kBlock, .count = shim::kForever});
  std::thread first([&] { EXPECT_FALSE(hsm_->unwrap(blob_, view_of(kContext)).ok()); });
  ASSERT_TRUE(eventually([&] { return faults_.waiting(rule) == 1; }));
  const auto second = hsm_->unwrap(blob_, view_of(kContext));
  first.join();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().error_class(), ErrorClass::unavailable) << second.error().to_log();
  EXPECT_EQ(faults_.fired(rule), 1U);
  faults_.disarm(rule);
  ASSERT_TRUE(reaches(State::ready));
  expect_right("after the late login");
}

// Two have seen the same session die. The second one must not take the failed attempt of the first
// for a success.
TEST_F(LateCeremony, AFailedReplacementIsNoneForWhoeverComesNext) {
  const auto module = *Module::load(config().module_path);
  Connection connection(*parse_token_uri(config().uri), module, token_.gate, token_.entropy);
  const Secret pin = SoftHsm::pin();
  const auto started = connection.start(&pin, [] {});
  ASSERT_TRUE(started.ok()) << started.error().to_log();
  const std::uint64_t seen = connection.generation()->number;
  faults_.arm({.function = "C_OpenSession",
               .actions = shim::kFailBefore,
               .return_value = CKR_DEVICE_ERROR});
  EXPECT_FALSE(connection.recover(seen).ok());
  EXPECT_EQ(connection.generation()->number, seen);
  const auto next = connection.recover(seen);
  EXPECT_TRUE(next.ok()) << next.error().to_log();
  EXPECT_GT(connection.generation()->number, seen);
  const std::uint64_t present = connection.generation()->number;
  EXPECT_TRUE(connection.recover(seen).ok()) << "somebody else was quicker";
  EXPECT_EQ(connection.generation()->number, present);
  EXPECT_TRUE(connection.stop().ok());
}

}  // namespace
}  // namespace florin::hsm::late_ceremony_test
