// A start, a login or a ceremony that its caller has given up still has the module: nothing works
// beside it.
#include "unit/hsm/fault_fixture.h"

namespace florin::hsm {
namespace {

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

}  // namespace
}  // namespace florin::hsm
