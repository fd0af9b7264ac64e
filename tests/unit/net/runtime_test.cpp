#include "daemon/net/runtime.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <stdexcept>

#include "net_fixture.h"

namespace florin::net::runtime_test {
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

/// Time that the test moves.
class ManualWaits final : public Waits {
 public:
  void after(std::chrono::milliseconds duration, std::function<void()> done) override {
    waiting.emplace(now + duration, std::move(done));
  }
  void advance(std::chrono::milliseconds duration) {
    now += duration;
    while (!waiting.empty() && waiting.begin()->first <= now) {
      const auto first = waiting.extract(waiting.begin());
      first.mapped()();
    }
  }
  std::chrono::milliseconds now{0};
  std::multimap<std::chrono::milliseconds, std::function<void()>> waiting;
};

TEST(Runtime, WaitsOfAnotherAreTheirs) {
  ManualWaits waits;
  Runtime runtime(&waits);
  int woken = 0;
  const auto body = [](int* count) -> Task<void> {
    co_await sleep_for(24h);
    ++*count;
    co_await sleep_for(1ms);
    ++*count;
  };
  runtime.spawn("test.sleeper", [body, &woken] { return body(&woken); });
  runtime.context().poll();
  EXPECT_EQ(waits.waiting.size(), 1U);
  waits.advance(24h - 1ms);
  runtime.context().poll();
  EXPECT_EQ(woken, 0);
  waits.advance(1ms);
  runtime.context().poll();
  EXPECT_EQ(woken, 1);
  waits.advance(1ms);
  runtime.context().poll();
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(runtime.running_tasks(), 0U);
}

TEST(Runtime, TasksThatWaitElsewhereEndWithTheirCall) {
  ManualWaits waits;
  std::weak_ptr<int> watched;
  {
    Runtime runtime(&waits);
    auto value = std::make_shared<int>(1);
    watched = value;
    const auto body = [](std::shared_ptr<int>) -> Task<void> { co_await sleep_for(1h); };
    runtime.spawn("test.endless", [body, value = std::move(value)] { return body(value); });
    runtime.context().poll();
    EXPECT_FALSE(watched.expired());
    waits.waiting.clear();
  }
  EXPECT_TRUE(watched.expired());
}

TEST(Runtime, SignalsArriveOnTheThread) {
  RuntimeThread thread;
  std::promise<int> got;
  thread.on_thread([&] { thread.runtime.on_signal([&](int number) { got.set_value(number); }); });
  ::kill(::getpid(), SIGHUP);
  EXPECT_EQ(got.get_future().get(), SIGHUP);
}

}  // namespace
}  // namespace florin::net::runtime_test
