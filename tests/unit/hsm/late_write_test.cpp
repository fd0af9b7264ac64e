// A write of a small value that its caller has given up may still take effect: until it is known
// what came of it, nobody reads or writes beside it.
#include <thread>

#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::late_write_test {
namespace {

using test_support::eventually;
namespace shim = florin::pkcs11_shim;

constexpr std::string_view kLabel = "seal";

using LateWrite = RunningFaultTest;

TEST_F(LateWrite, IsWaitedForBeforeAnythingIsReadOrWritten) {
  Config how = quick();
  how.op_timeout = std::chrono::milliseconds(2'000);
  start(how);
  ASSERT_TRUE(hsm_->write_data_object(kLabel, Bytes(32, 1)).ok());
  const auto rule = faults_.arm({.function = "C_CreateObject", .actions = shim::kBlock});
  const auto late = hsm_->write_data_object(kLabel, Bytes(32, 2));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), Errc::timed_out);
  const auto read = hsm_->read_data_object(kLabel);
  ASSERT_FALSE(read.ok()) << "the value of before may be gone at any time";
  EXPECT_EQ(read.error().code(), Errc::hsm_unavailable);
  const auto written = hsm_->write_data_object(kLabel, Bytes(32, 3));
  ASSERT_FALSE(written.ok()) << "the late one could replace it";
  EXPECT_EQ(written.error().code(), Errc::hsm_unavailable);
  expect_right("a fresh lane serves what is not in doubt");
  faults_.release(rule);
  ASSERT_TRUE(eventually([&] { return hsm_->read_data_object(kLabel).ok(); }));
  EXPECT_EQ(**hsm_->read_data_object(kLabel), Bytes(32, 2)) << "it took effect after all";
  ASSERT_TRUE(hsm_->write_data_object(kLabel, Bytes(32, 3)).ok());
  EXPECT_EQ(**hsm_->read_data_object(kLabel), Bytes(32, 3));
}

// The order of two writes is the order of their counters, so the second begins after the first.
TEST_F(LateWrite, WritesAreMadeOneAfterTheOther) {
  Config how = quick();
  how.lanes = 2;
  start(how);
  ASSERT_TRUE(hsm_->write_data_object(kLabel, Bytes(32, 1)).ok());
  const auto rule = faults_.arm({.function = "C_CreateObject", .actions = shim::kBlock});
  std::thread first([&] { EXPECT_TRUE(hsm_->write_data_object(kLabel, Bytes(32, 2)).ok()); });
  ASSERT_TRUE(eventually([&] { return faults_.waiting(rule) == 1; }));
  std::atomic<bool> overtaken = false;
  std::thread second([&] {
    EXPECT_TRUE(hsm_->write_data_object(kLabel, Bytes(32, 3)).ok());
    overtaken = true;
  });
  EXPECT_FALSE(eventually([&] { return overtaken.load(); }, std::chrono::seconds(1)));
  faults_.release(rule);
  first.join();
  second.join();
  const auto value = hsm_->read_data_object(kLabel);
  ASSERT_TRUE(value.ok()) << value.error().to_log();
  EXPECT_EQ(**value, Bytes(32, 3));
}

}  // namespace
}  // namespace florin::hsm::late_write_test
