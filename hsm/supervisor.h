#pragma once
/// Private to this room: keeps the module usable. Runs operations on lanes, replaces lost sessions,
/// starts a lost module anew, probes.
#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/metrics.h"
#include "hsm/breaker.h"
#include "hsm/connection.h"
#include "hsm/lanes.h"

namespace florin::hsm {

enum class Operation : std::uint8_t { wrap, unwrap, sign, random, probe, data };
inline constexpr std::size_t kOperations = 6;
inline constexpr std::size_t kFailureClasses = 11;

/// What an operation works with; valid while it runs on its lane.
struct Call {
  Session& session;
  const KeyTable& keys;
  Entropy& entropy;
};

/// Thread-safe. Everything that calls the module runs on a lane, so no thread of ours can be caught
/// inside it: not the caller's and not the supervisor's own.
class Supervisor : public std::enable_shared_from_this<Supervisor> {
 public:
  Supervisor(const Config& config, TokenUri uri, std::shared_ptr<Module> module, LoginGate& gate,
             Entropy& entropy, const Clock& clock, Hooks hooks);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor();

  /// The first start. Nothing is left running after an error.
  Result<void> start(Secret pin);
  /// After auth_blocked: one login with another PIN. Errors: `state_conflict` in any other state,
  /// those of a start.
  Result<void> unlock(Secret pin);
  Result<void> stop();
  /// Encrypts and decrypts with the probe key.
  Result<void> probe();

  /// Runs `work(Call&)`, which gives a Result<T>, on a lane; once more after the session was lost
  /// and replaced.
  template <class T, class Work>
  Result<T> operate(Operation operation, Work work) {
    const auto shared = std::make_shared<Work>(std::move(work));
    meters_.operations[static_cast<std::size_t>(operation)]->add();
    for (bool first = true;; first = false) {
      FLORIN_TRY_VOID(counted(admit(operation)));
      auto attempt = lanes_->run<Attempt<T>>(
          [self = shared_from_this(), shared](LaneState& lane) -> Result<Attempt<T>> {
            return self->template attempt<T>(lane, *shared);
          },
          op_timeout_);
      if (!attempt.ok()) {
        lane_failed(attempt.error());
        return std::move(attempt).error();
      }
      if (attempt->result.ok()) {
        succeeded();
        return std::move(attempt->result);
      }
      if (!settle(operation, attempt->failure, attempt->generation, first)) {
        ++failures_;
        return std::move(attempt->result);
      }
    }
  }
  /// Runs `work(Connection&)` while no lane works. Errors: `state_conflict`, `hsm_unavailable`, and
  /// those of the work.
  template <class T, class Work>
  Result<T> alone(Work work) {
    FLORIN_TRY_VOID(enter_ceremony());
    auto outcome = on_connection<T>(std::move(work), config_.ceremony_timeout);
    // It runs on and may end the module at any time.
    if (!outcome.ok() && outcome.error().code() == Errc::timed_out) lose("a ceremony is stuck");
    leave_ceremony();
    return outcome;
  }

  [[nodiscard]] std::shared_ptr<const Generation> generation() const {
    return connection_.generation();
  }
  [[nodiscard]] Status status() const;

 private:
  using Nanos = std::chrono::nanoseconds;

  template <class T>
  struct Attempt {
    Result<T> result;
    FailureClass failure = FailureClass::none;
    std::uint64_t generation = 0;
  };
  /// A lane's session, of one generation and one start of the module.
  struct Slot final : LaneState {
    std::optional<Session> session;
    std::uint64_t module_start = 0;
  };
  struct Meters {
    std::array<metrics::Counter*, kOperations> operations{};
    std::array<metrics::Counter*, kFailureClasses> errors{};
    std::array<metrics::Gauge*, std::size(kStates)> states{};
    metrics::Counter* late = nullptr;
    metrics::Counter* restarts = nullptr;
    metrics::Gauge* stuck = nullptr;
  };

  /// Runs `work(Connection&)`, which gives a Result<T>, on the control lane, and never beside
  /// another that is stuck there. Errors: those of Lanes::run and of the work.
  template <class T, class Work>
  Result<T> on_connection(Work work, std::chrono::milliseconds timeout) {
    return control_->run<T>(
        [self = shared_from_this(), moved = std::move(work)](LaneState&) mutable -> Result<T> {
          if (self->control_->stuck() > 0) return stuck_error();
          return moved(self->connection_);
        },
        timeout);
  }

  template <class T, class Work>
  Attempt<T> attempt(LaneState& lane, Work& work) {
    auto& slot = static_cast<Slot&>(lane);
    const std::shared_ptr<const Generation> now = connection_.generation();
    FailureClass failure = FailureClass::none;
    // It was admitted before what is stuck there came to hold the module.
    if (control_->stuck() > 0) return {stuck_error(), failure, now->number};
    if (Result<void> opened = open_slot(slot, *now, failure); !opened.ok()) {
      return {std::move(opened).error(), failure, now->number};
    }
    Call call{*slot.session, now->keys, entropy_};
    Result<T> result = work(call);
    if (result.ok()) return {std::move(result), FailureClass::none, now->number};
    failure = slot.session->last_failure();
    // A module may leave the failed operation active in the session.
    close_slot(slot);
    return {std::move(result), failure, now->number};
  }

  static Error stuck_error();
  [[nodiscard]] std::chrono::milliseconds start_timeout() const {
    return std::max(config_.start_timeout, op_timeout_);
  }
  Result<void> counted(Result<void> allowed);
  Result<void> admit(Operation operation);
  Result<void> open_slot(Slot& slot, const Generation& now, FailureClass& failure);
  void close_slot(Slot& slot);
  bool settle(Operation operation, FailureClass failure, std::uint64_t generation, bool first);
  bool recover(std::uint64_t generation);
  void lane_failed(const Error& error);
  void device_failed();
  void succeeded();
  void lose(std::string_view reason);
  void apply(Event event, std::string_view reason);
  Result<void> enter_ceremony();
  void leave_ceremony();

  void run();
  void tick();
  bool restart_if_due();
  void probe_if_due();
  void restart();
  Result<void> start_module(const std::shared_ptr<Secret>& pin);
  void check_stuck();
  void make_meters();
  [[nodiscard]] Nanos now() const { return Nanos(clock_.monotonic_ns()); }
  [[nodiscard]] std::size_t stuck() const { return lanes_->stuck() + control_->stuck(); }

  const Config config_;
  const std::chrono::milliseconds op_timeout_;
  Entropy& entropy_;
  const Clock& clock_;
  const Hooks hooks_;
  std::unique_ptr<metrics::Registry> own_metrics_;
  Meters meters_;
  Connection connection_;
  std::unique_ptr<Lanes> lanes_;
  std::unique_ptr<Lanes> control_;  ///< one lane: starts, logins, ceremonies

  std::mutex starting_;  ///< one start at a time; taken before `mutex_`
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  State state_ = State::stopped;
  UnixNanos since_ = 0;
  std::string reason_;
  Breaker breaker_;
  RestartSchedule schedule_;
  Nanos next_probe_{};
  bool probe_wanted_ = false;
  bool ending_ = false;
  bool ended_ = false;
  bool hopeless_ = false;
  std::atomic<bool> ceremony_ = false;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<UnixNanos> last_probe_ = 0;
  std::thread thread_;
};

}  // namespace florin::hsm
