#pragma once
/// Private to this room: the threads that make the module calls, so that a caller can stop waiting
/// for a call that PKCS#11 gives no way to cancel. Knows nothing of PKCS#11.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"

namespace florin::hsm {

/// What one lane keeps between its jobs; only its thread touches it.
class LaneState {
 public:
  LaneState() = default;
  LaneState(const LaneState&) = delete;
  LaneState& operator=(const LaneState&) = delete;
  virtual ~LaneState() = default;
};

struct LanesOptions {
  std::size_t lanes = 1;
  std::size_t queue_limit = 64;  ///< jobs that may wait
  std::size_t most_stuck = 16;   ///< no lane is replaced beyond that many stuck ones
  std::function<std::unique_ptr<LaneState>()> make;
  /// Called on the lane's own thread when it ends, a stuck one's included.
  std::function<void(LaneState&)> end;
};

/// A bounded queue in front of K threads. A job that runs past its deadline puts its lane into
/// quarantine: the thread takes no further job and ends when the call comes back, and a fresh lane
/// takes its place. Jobs own what they touch, since an abandoned one runs on after its caller has
/// left. Thread-safe.
class Lanes {
 public:
  using Duration = std::chrono::milliseconds;

  explicit Lanes(LanesOptions options);
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  /// Joins idle threads; lets go of stuck ones.
  ~Lanes();

  /// Runs `work` (callable with LaneState&, gives a Result<T>) on a lane and waits for it: at most
  /// `timeout` for its turn and at most `timeout` while it runs. A long queue alone never costs a
  /// lane. Errors: those of the work; `timed_out` (it runs on, its lane is quarantined);
  /// `overloaded` (its turn did not come, or the queue is full); `hsm_unavailable` (stopping, or no
  /// lane is left).
  template <class T, class Work>
  Result<T> run(Work work, Duration timeout) {
    auto answer = std::make_shared<std::optional<Result<T>>>();
    FLORIN_TRY_VOID(wait_for([answer, moved = std::make_shared<Work>(std::move(work))](
                                 LaneState& state) { *answer = (*moved)(state); },
                             timeout));
    return std::move(**answer);
  }

  /// Lets no job begin until resume(), and waits for the running ones, at most `timeout`. False
  /// when one runs still or is stuck; then nothing is paused.
  bool pause(Duration timeout);
  void resume();
  /// Takes no more jobs and waits for the threads to end, at most `timeout`. Error:
  /// `hsm_unavailable` when a call is stuck; the module must then not be finalised.
  Result<void> stop(Duration timeout);
  /// Lanes in quarantine whose call has not come back.
  [[nodiscard]] std::size_t stuck() const;
  /// How long the oldest of them has been at it, its deadline included; zero when none is.
  [[nodiscard]] Duration stuck_for() const;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class JobState : std::uint8_t { waiting, running, done };
  struct Worker {
    std::unique_ptr<LaneState> state;
    std::thread thread;
    TimePoint started{};
    bool busy = false;
    bool quarantined = false;
    bool ended = false;
  };
  struct Job {
    std::function<void(LaneState&)> work;
    JobState state = JobState::waiting;
    TimePoint started{};
    Worker* worker = nullptr;  ///< only while it runs
  };
  /// Shared with the threads, so that a stuck one never outlives what it touches.
  struct Core {
    LanesOptions options;
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<Job>> queue;
    std::vector<std::shared_ptr<Worker>> workers;
    bool paused = false;
    bool stopping = false;
  };

  Result<void> wait_for(std::function<void(LaneState&)> work, Duration timeout);
  static void serve(const std::shared_ptr<Core>& core, const std::shared_ptr<Worker>& worker);
  static void add_worker(const std::shared_ptr<Core>& core);
  static void quarantine(const std::shared_ptr<Core>& core, Worker& worker);
  static std::size_t count_stuck(const Core& core);

  std::shared_ptr<Core> core_ = std::make_shared<Core>();
};

}  // namespace florin::hsm
