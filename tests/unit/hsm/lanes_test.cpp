#include "hsm/lanes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <vector>

namespace florin::hsm::lanes_test {
namespace {

using namespace std::chrono_literals;

// Blocks a lane until opened; shared, since an abandoned job outlives its caller.
struct Gate {
  std::latch entered{1};
  std::latch opened{1};
};

Result<int> pass(const std::shared_ptr<Gate>& gate) {
  gate->entered.count_down();
  gate->opened.wait();
  return 7;
}

Result<int> give(Lanes& lanes, int value, Lanes::Duration timeout = 10s) {
  return lanes.run<int>([value](LaneState&) { return Result<int>(value); }, timeout);
}

// Waits for the condition, not for a time.
template <class Condition>
bool eventually(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(Lanes, GiveValuesAndErrorsBack) {
  Lanes lanes({.queue_limit = 4});
  EXPECT_EQ(give(lanes, 42).value(), 42);
  const auto error =
      lanes.run<int>([](LaneState&) { return Result<int>(Error(Errc::hsm_failure)); }, 10s);
  ASSERT_FALSE(error.ok());
  EXPECT_EQ(error.error().code(), Errc::hsm_failure);
  EXPECT_TRUE(lanes.stop(10s).ok());
  EXPECT_EQ(give(lanes, 1).error().code(), Errc::hsm_unavailable);
  EXPECT_TRUE(lanes.stop(10s).ok());
}

TEST(Lanes, AStuckLaneIsReplacedAndTheOthersAreServed) {
  std::atomic<int> ended = 0;
  Lanes lanes({.queue_limit = 4, .end = [&ended](LaneState&) { ++ended; }});
  const auto gate = std::make_shared<Gate>();
  const auto late = lanes.run<int>([gate](LaneState&) { return pass(gate); }, 50ms);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), Errc::timed_out);
  EXPECT_EQ(lanes.stuck(), 1U);
  EXPECT_GE(lanes.stuck_for(), 50ms);
  EXPECT_EQ(give(lanes, 8).value(), 8) << "a fresh lane serves";
  EXPECT_FALSE(lanes.pause(10ms)) << "nothing may be finalised beside a stuck call";
  EXPECT_EQ(give(lanes, 9).value(), 9) << "a pause that failed holds nobody up";
  EXPECT_EQ(lanes.stop(50ms).error().code(), Errc::hsm_unavailable) << "a stuck call is reported";
  gate->opened.count_down();
  EXPECT_TRUE(eventually([&] { return lanes.stuck() == 0; })) << "it ends when its call returns";
  EXPECT_TRUE(lanes.stop(10s).ok());
  EXPECT_EQ(ended, 2);
}

TEST(Lanes, AreNotReplacedWithoutEnd) {
  Lanes lanes({.queue_limit = 4, .most_stuck = 2});
  const auto gate = std::make_shared<Gate>();
  const auto other = std::make_shared<Gate>();
  EXPECT_FALSE(lanes.run<int>([gate](LaneState&) { return pass(gate); }, 20ms).ok());
  EXPECT_FALSE(lanes.run<int>([other](LaneState&) { return pass(other); }, 20ms).ok());
  EXPECT_EQ(lanes.stuck(), 2U);
  EXPECT_EQ(give(lanes, 1).error().code(), Errc::hsm_unavailable) << "refused at once";
  gate->opened.count_down();
  other->opened.count_down();
}

TEST(Lanes, PauseHoldsJobsBackUntilResume) {
  Lanes lanes({.lanes = 2, .queue_limit = 4});
  ASSERT_TRUE(lanes.pause(10s));
  EXPECT_FALSE(lanes.pause(10s)) << "one at a time";
  EXPECT_EQ(give(lanes, 1, 20ms).error().code(), Errc::overloaded);
  EXPECT_EQ(lanes.stuck(), 0U) << "waiting costs no lane";
  std::thread waiting([&] { EXPECT_EQ(give(lanes, 5).value(), 5); });
  lanes.resume();
  waiting.join();
}

TEST(Lanes, WaitingCallsAreBounded) {
  Lanes full({.queue_limit = 0});
  EXPECT_EQ(give(full, 1).error().code(), Errc::overloaded);
  Lanes lanes({.queue_limit = 1});
  const auto gate = std::make_shared<Gate>();
  std::thread first([&] {
    EXPECT_EQ(lanes.run<int>([gate](LaneState&) { return pass(gate); }, 60s).value(), 7);
  });
  gate->entered.wait();
  EXPECT_EQ(give(lanes, 1, 10ms).error().code(), Errc::overloaded);
  EXPECT_EQ(lanes.stuck(), 0U) << "a call that waits in the queue must not blame the lane";
  gate->opened.count_down();
  first.join();
}

struct Counting final : LaneState {
  int jobs = 0;
};

TEST(Lanes, EachKeepsItsOwnState) {
  std::atomic<int> jobs = 0;
  {
    Lanes lanes({.lanes = 3,
                 .make = [] { return std::make_unique<Counting>(); },
                 .end = [&jobs](LaneState& lane) { jobs += static_cast<Counting&>(lane).jobs; }});
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 200; ++j) {
          const auto done = lanes.run<int>(
              [](LaneState& lane) { return Result<int>(++static_cast<Counting&>(lane).jobs); },
              20s);
          EXPECT_TRUE(done.ok());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE(lanes.stop(10s).ok());
  }
  EXPECT_EQ(jobs, 1600);
}

}  // namespace
}  // namespace florin::hsm::lanes_test
