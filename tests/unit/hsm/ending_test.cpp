// Ending the module has a deadline too: a device that never answers holds nobody up.
#include <thread>

#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::ending_test {
namespace {

using test_support::eventually;
namespace shim = florin::pkcs11_shim;

class Ending : public RunningFaultTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(Ending, ACallThatNeverReturnsHoldsNobodyUp) {
  Config how = quick();
  how.op_timeout = std::chrono::milliseconds(2'000);
  how.start_timeout = std::chrono::milliseconds(4'000);
  start(how);
  const auto rule =
      faults_.arm({.function = GetParam(), .actions = shim::kBlock, .count = shim::kForever});
  std::atomic<bool> answered = false;
  std::thread ender([&] {
    const auto ended = hsm_->shutdown();
    EXPECT_FALSE(ended.ok());
    if (!ended.ok()) {
      EXPECT_EQ(ended.error().code(), Errc::hsm_unavailable);
    }
    answered = true;
  });
  EXPECT_TRUE(eventually([&] { return answered.load(); }, std::chrono::seconds(60)));
  EXPECT_EQ(faults_.waiting(rule), 1U);
  faults_.release(rule);
  ender.join();
  EXPECT_TRUE(eventually([&] { return hsm_->shutdown().ok(); })) << "it has come back";
  EXPECT_EQ(faults_.calls("C_Finalize"), 1U);
  EXPECT_EQ(hsm_->wrap(text_, view_of(kContext)).error().code(), Errc::hsm_unavailable);
}

INSTANTIATE_TEST_SUITE_P(Calls, Ending,
                         ::testing::Values("C_CloseSession", "C_Logout", "C_Finalize"),
                         [](const auto& name) { return std::string(name.param); });

}  // namespace
}  // namespace florin::hsm::ending_test
