#pragma once
/// Private to this room: one thread that makes the module calls, so that a caller can stop waiting
/// for a call that PKCS#11 gives no way to cancel. Knows nothing of PKCS#11.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"

namespace florin::hsm {

/// A bounded queue in front of one thread. A job that runs past the deadline puts the lane into
/// quarantine for good: its thread takes no further job, and every later call is refused. Jobs own
/// what they touch, since an abandoned one runs on after its caller has left. Thread-safe.
class Lane {
 public:
  using Duration = std::chrono::milliseconds;

  explicit Lane(std::size_t queue_limit);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  /// Joins an idle thread; lets go of a stuck one.
  ~Lane();

  /// Runs `work` (callable, gives a Result<T>) on the lane and waits for it: at most `timeout` for
  /// its turn and at most `timeout` while it runs. A long queue alone never costs the lane.
  /// Errors: those of the work; `timed_out`; `hsm_unavailable` (quarantined or stopping);
  /// `overloaded` (queue full).
  template <class T, class Work>
  Result<T> run(Work work, Duration timeout) {
    auto answer = std::make_shared<std::optional<Result<T>>>();
    FLORIN_TRY_VOID(wait_for(
        [answer, moved = std::make_shared<Work>(std::move(work))] { *answer = (*moved)(); },
        timeout));
    return std::move(**answer);
  }

  /// Takes no more jobs and waits for the thread to end, at most `timeout`. Error:
  /// `hsm_unavailable` when a call is stuck; the module must then not be finalised.
  Result<void> stop(Duration timeout);
  [[nodiscard]] bool quarantined() const;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class JobState : std::uint8_t { waiting, running, done };
  struct Job {
    std::function<void()> work;
    Duration timeout{};
    JobState state = JobState::waiting;
    TimePoint started{};
  };
  /// Shared with the thread, so that a stuck thread never outlives what it touches.
  struct Core {
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<Job>> queue;
    std::shared_ptr<Job> running;
    bool quarantined = false;
    bool stopping = false;
    bool ended = false;
  };

  Result<void> wait_for(std::function<void()> work, Duration timeout);
  static void serve(const std::shared_ptr<Core>& core);
  static void quarantine_if_stuck(Core& core);

  std::shared_ptr<Core> core_ = std::make_shared<Core>();
  std::size_t queue_limit_;
  std::thread thread_;
};

}  // namespace florin::hsm
