// Books are not closed under who uses them, however long he does.
#include "daemon/use_count.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace florin::use_count_test {
namespace {

using std::chrono::milliseconds;

TEST(UseCount, NobodyIsNotWaitedFor) {
  UseCount users;
  users.enter().reset();
  users.wait_for_none(milliseconds(60'000), [](std::size_t) { FAIL() << "nobody is there"; });
}

// Patience runs out again and again, and the wait goes on: who is still there decides when it ends.
TEST(UseCount, WhoIsThereIsWaitedForBeyondAllPatience) {
  UseCount users;
  std::vector<std::shared_ptr<void>> held = {users.enter(), users.enter()};
  std::vector<std::size_t> told;
  std::atomic<bool> gone = false;
  users.wait_for_none(milliseconds(1), [&](std::size_t left) {
    told.push_back(left);
    if (told.size() < 3) return;
    if (told.size() == 3) return held.pop_back();
    gone = true;
    held.clear();
  });
  EXPECT_TRUE(gone);
  EXPECT_EQ(told, (std::vector<std::size_t>{2, 2, 2, 1}));
}

TEST(UseCount, ALeavingOnAnotherThreadEndsTheWait) {
  UseCount users;
  std::shared_ptr<void> held = users.enter();
  const auto other = std::async(std::launch::async, [&held] { held.reset(); });
  users.wait_for_none(milliseconds(60'000), [](std::size_t) {});
  EXPECT_EQ(held, nullptr);
}

}  // namespace
}  // namespace florin::use_count_test
