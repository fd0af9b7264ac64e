#include "hsm/lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <vector>

namespace florin::hsm {
namespace {

using namespace std::chrono_literals;

// Blocks the lane until opened; shared, since an abandoned job outlives its caller.
struct Gate {
  std::latch entered{1};
  std::latch opened{1};
};

Result<int> pass(const std::shared_ptr<Gate>& gate) {
  gate->entered.count_down();
  gate->opened.wait();
  return 7;
}

TEST(Lane, GivesValuesAndErrorsBack) {
  Lane lane(4);
  const auto value = lane.run<int>([] { return Result<int>(42); }, 10s);
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, 42);
  const auto error = lane.run<int>([] { return Result<int>(Error(Errc::hsm_failure)); }, 10s);
  ASSERT_FALSE(error.ok());
  EXPECT_EQ(error.error().code(), Errc::hsm_failure);
  EXPECT_TRUE(lane.stop(10s).ok());
  EXPECT_EQ(lane.run<int>([] { return Result<int>(1); }, 10s).error().code(),
            Errc::hsm_unavailable);
  EXPECT_TRUE(lane.stop(10s).ok());
}

TEST(Lane, ALateCallQuarantinesItForGood) {
  Lane lane(4);
  const auto gate = std::make_shared<Gate>();
  const auto late = lane.run<int>([gate] { return pass(gate); }, 50ms);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), Errc::timed_out);
  EXPECT_TRUE(lane.quarantined());
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(lane.run<int>([] { return Result<int>(1); }, 10s).error().code(),
            Errc::hsm_unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s) << "refused at once, not after waiting";
  EXPECT_EQ(lane.stop(50ms).error().code(), Errc::hsm_unavailable) << "a stuck call is reported";
  gate->opened.count_down();
}

TEST(Lane, AThreadThatComesBackLateCanBeStopped) {
  Lane lane(4);
  const auto gate = std::make_shared<Gate>();
  EXPECT_FALSE(lane.run<int>([gate] { return pass(gate); }, 50ms).ok());
  gate->opened.count_down();
  EXPECT_TRUE(lane.stop(10s).ok());
  EXPECT_EQ(lane.run<int>([] { return Result<int>(1); }, 10s).error().code(),
            Errc::hsm_unavailable);
}

TEST(Lane, WaitingCallsAreBoundedAndFailWithTheLane) {
  Lane full(0);
  EXPECT_EQ(full.run<int>([] { return Result<int>(1); }, 10s).error().code(), Errc::overloaded);
  Lane lane(1);
  const auto gate = std::make_shared<Gate>();
  std::atomic<int> late_code = 0;
  std::thread first([&] {
    late_code =
        static_cast<int>(lane.run<int>([gate] { return pass(gate); }, 1500ms).error().code());
  });
  gate->entered.wait();
  // A call that waits in the queue up on its own and must not blame the lane.
  EXPECT_EQ(lane.run<int>([] { return Result<int>(1); }, 10ms).error().code(), Errc::timed_out);
  std::atomic<bool> was_run = false;
  std::thread second([&] {
    const auto waited = lane.run<int>(
        [&was_run] {
          was_run = true;
          return Result<int>(1);
        },
        60s);
    EXPECT_EQ(waited.error().code(), Errc::hsm_unavailable);
  });
  first.join();
  EXPECT_EQ(late_code, static_cast<int>(Errc::timed_out));
  gate->opened.count_down();
  second.join();
  EXPECT_FALSE(was_run);
  EXPECT_TRUE(lane.stop(10s).ok());
}

TEST(Lane, ServesManyThreadsInTurn) {
  Lane lane(64);
  int counter = 0;  // only the lane's thread touches it
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) {
        EXPECT_TRUE(lane.run<int>([&counter] { return Result<int>(++counter); }, 20s).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(lane.stop(10s).ok());
  EXPECT_EQ(counter, 1600);
}

}  // namespace
}  // namespace florin::hsm
