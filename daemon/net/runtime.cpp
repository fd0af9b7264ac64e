#include "daemon/net/runtime.h"

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <optional>

#include "base/log.h"
#include "daemon/net/timer.h"

namespace florin::net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kBlockingThreads = 4;
constexpr std::chrono::seconds kStopGrace{1};

/// How a coroutine finds the waits of the runtime that it runs on, if it has any.
class WaitsService final : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;
  explicit WaitsService(asio::execution_context& context, Waits* waits = nullptr)
      : asio::execution_context::service(context), waits_(waits) {}
  [[nodiscard]] Waits* waits() const noexcept { return waits_; }

 private:
  void shutdown() override {}
  Waits* waits_;
};

Task<void> wait_elsewhere(Waits& waits, std::chrono::milliseconds duration) {
  std::function<void(std::function<void(bool)>)> begin =
      [&waits, duration](std::function<void(bool)> done) {
        waits.after(duration, [done = std::move(done)] { done(true); });
      };
  co_await await_callback<bool>(std::move(begin));
}

/// Keeps the callable alive in the coroutine's frame: its captures are used until the task ends.
Task<void> run_body(std::function<Task<void>()> body) {
  co_await body();
}

std::string text_of_exception(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace

struct Runtime::State {
  asio::io_context context{1};
  std::optional<asio::executor_work_guard<Executor>> guard{
      asio::executor_work_guard<Executor>(context.get_executor())};
  asio::basic_signal_set<Executor> signals{context.get_executor()};
  std::function<void(int)> signal_handler;
  Timer stop_timer{context.get_executor()};
  std::atomic<std::size_t> tasks{0};
  bool stopping = false;
  // Last, so that it is joined first: its work may post to the context.
  asio::thread_pool pool{kBlockingThreads};

  void task_ended(const std::string& name, const std::exception_ptr& failure) {
    if (failure) {
      log_error("net.task_failed", Error(Errc::internal, "", "", text_of_exception(failure)),
                {{"task", name}});
    }
    if (--tasks == 0 && stopping) context.stop();
  }

  void begin_stop() {
    if (stopping) return;
    stopping = true;
    guard.reset();
    boost::system::error_code ignored;
    signals.cancel(ignored);
    if (tasks == 0) return context.stop();
    stop_timer.expires_after(kStopGrace);
    stop_timer.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      log(LogLevel::warning, "net.tasks_cut", {{"tasks", std::uint64_t{tasks.load()}}});
      context.stop();
    });
  }

  void wait_signal() {
    signals.async_wait([this](const boost::system::error_code& failure, int number) {
      if (failure) return;
      if (signal_handler) signal_handler(number);
      if (!stopping) wait_signal();
    });
  }
};

Runtime::Runtime(Waits* waits) : state_(std::make_unique<State>()) {
  asio::make_service<WaitsService>(state_->context, waits);
}

Runtime::~Runtime() {
  state_->pool.join();
  state_->context.stop();
}

void Runtime::run() {
  state_->context.run();
  state_->pool.join();
}

bool Runtime::ended() const noexcept {
  return state_->context.stopped();
}

void Runtime::stop() {
  asio::post(state_->context, [this] { state_->begin_stop(); });
}

void Runtime::spawn(std::string name, std::function<Task<void>()> body) {
  ++state_->tasks;
  asio::post(state_->context, [this, name = std::move(name), body = std::move(body)]() mutable {
    asio::co_spawn(state_->context.get_executor(), run_body(std::move(body)),
                   [this, name = std::move(name)](const std::exception_ptr& failure) {
                     state_->task_ended(name, failure);
                   });
  });
}

void Runtime::post(std::function<void()> work) {
  asio::post(state_->context, std::move(work));
}

void Runtime::run_blocking(std::function<void()> work) {
  asio::post(state_->pool, [work = std::move(work)] {
    try {
      work();
    } catch (...) {
      // Whoever waits for this work would wait for ever. The process is built to be killed, not to
      // limp on.
      log_error("net.blocking_work_failed",
                Error(Errc::internal, "", "", text_of_exception(std::current_exception())));
      std::terminate();
    }
  });
}

void Runtime::on_signal(std::function<void(int)> handler) {
  const bool first = !state_->signal_handler;
  state_->signal_handler = std::move(handler);
  if (!first) return;
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) state_->signals.add(number);
  state_->wait_signal();
}

std::size_t Runtime::running_tasks() const noexcept {
  return state_->tasks;
}

boost::asio::io_context& Runtime::context() {
  return state_->context;
}

Task<void> sleep_for(std::chrono::milliseconds duration) {
  const Executor executor = co_await asio::this_coro::executor;
  if (Waits* const waits = asio::use_service<WaitsService>(executor.context()).waits()) {
    co_return co_await wait_elsewhere(*waits, duration);
  }
  Timer timer(executor);
  timer.expires_after(duration);
  co_await timer.async_wait(use_task);
}

}  // namespace florin::net
