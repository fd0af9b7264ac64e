#include "daemon/net/runtime.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "net_fixture.h"

namespace florin::net {
namespace {

using namespace std::chrono_literals;

Task<int> add(int a, int b) {
  co_await sleep_for(1ms);
  co_return a + b;
}

Task<void> fail() {
  co_await sleep_for(1ms);
  throw std::runtime_error("on purpose");
}

TEST(Runtime, RunsTasksAndCountsThem) {
  RuntimeThread thread;
  EXPECT_EQ(thread.wait<int>([] { return add(1, 2); }), 3);
  thread.finish();
  EXPECT_EQ(thread.runtime.running_tasks(), 0U);
}

TEST(Runtime, ExceptionsAreLoggedAndCounted) {
  testing::internal::CaptureStderr();
  {
    RuntimeThread thread;
    thread.runtime.spawn("test.failing", [] { return fail(); });
    thread.finish();
    EXPECT_EQ(thread.runtime.running_tasks(), 0U);
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("net.task_failed"), std::string::npos);
  EXPECT_NE(log.find("test.failing"), std::string::npos);
  EXPECT_NE(log.find("on purpose"), std::string::npos);
}

TEST(Runtime, OffloadRunsElsewhereAndComesBack) {
  RuntimeThread thread;
  std::thread::id io;
  thread.on_thread([&] { io = std::this_thread::get_id(); });
  struct Seen {
    std::thread::id worker;
    std::thread::id after;
  };
  const auto body = [](Runtime* runtime) -> Task<Seen> {
    Seen seen;
    std::function<std::thread::id()> work = [] { return std::this_thread::get_id(); };
    seen.worker = co_await runtime->offload<std::thread::id>(std::move(work));
    seen.after = std::this_thread::get_id();
    co_return seen;
  };
  const Seen seen = thread.wait<Seen>([&] { return body(&thread.runtime); });
  EXPECT_NE(seen.worker, io);
  EXPECT_EQ(seen.after, io);
}

TEST(Runtime, AwaitCallbackTakesMoveOnlyValuesAndImmediateCalls) {
  RuntimeThread thread;
  const auto body = []() -> Task<std::string> {
    std::function<void(std::function<void(std::string)>)> start =
        [](std::function<void(std::string)> done) { done("at once"); };
    co_return co_await await_callback<std::string>(std::move(start));
  };
  EXPECT_EQ(thread.wait<std::string>([&] { return body(); }), "at once");
}

TEST(Runtime, StopCutsTasksThatDoNotEnd) {
  testing::internal::CaptureStderr();
  std::weak_ptr<int> watched;
  {
    RuntimeThread thread;
    auto value = std::make_shared<int>(1);
    watched = value;
    const auto body = [](std::shared_ptr<int>) -> Task<void> { co_await sleep_for(1h); };
    thread.runtime.spawn("test.endless", [body, value = std::move(value)] { return body(value); });
    thread.finish();
    EXPECT_EQ(thread.runtime.running_tasks(), 1U);
  }
  EXPECT_TRUE(watched.expired());
  EXPECT_NE(testing::internal::GetCapturedStderr().find("net.tasks_cut"), std::string::npos);
}

TEST(Runtime, SignalsArriveOnTheThread) {
  RuntimeThread thread;
  std::promise<int> got;
  thread.on_thread([&] { thread.runtime.on_signal([&](int number) { got.set_value(number); }); });
  ::kill(::getpid(), SIGHUP);
  EXPECT_EQ(got.get_future().get(), SIGHUP);
}

}  // namespace
}  // namespace florin::net
