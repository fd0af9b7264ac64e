#pragma once
/// The I/O thread: owns the io_context, the tasks that run on it and the end of them.
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "daemon/net/task.h"
#include "daemon/net/waits.h"

namespace florin::net {

/// One I/O thread. Every task has a name and an owner: the runtime counts them, logs what they
/// throw and waits for them at the end. `spawn` and `post` are thread-safe.
class Runtime {
 public:
  /// `waits` outlives the runtime; none given: the machine's own timers.
  explicit Runtime(Waits* waits = nullptr);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Runs until `stop`; the calling thread is the I/O thread. What was on the pool has ended when
  /// it returns.
  void run();
  /// True from the moment when no task goes on any more. Thread-safe.
  [[nodiscard]] bool ended() const noexcept;
  /// Ends `run`, once: when the last task has ended, or after a second, when the rest is cut.
  /// Servers should be drained or destroyed first. Thread-safe; from a signal, call it in
  /// `on_signal`.
  void stop();
  /// Starts a task; an exception out of it is logged as an internal error, never swallowed.
  void spawn(std::string name, std::function<Task<void>()> body);
  void post(std::function<void()> work);
  /// Runs `work` on the small pool for blocking calls, resumes on the I/O thread.
  template <class T>
  Task<T> offload(std::function<T()> work) {
    return await_callback<T>([this, work = std::move(work)](std::function<void(T)> done) {
      run_blocking([work, done = std::move(done)] { done(work()); });
    });
  }
  /// Runs `work`, which must not throw, on the pool.
  void run_blocking(std::function<void()> work);
  /// Calls `handler` on the I/O thread for SIGTERM, SIGINT and SIGHUP.
  void on_signal(std::function<void(int)> handler);
  [[nodiscard]] std::size_t running_tasks() const noexcept;

  boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace florin::net
