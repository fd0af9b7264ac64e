#pragma once
/// When to stop asking a failing device, and when to try again. Pure: time and jitter come in.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace florin::hsm {

/// Opens after three failures within ten seconds. While it is open one trial is allowed per pause;
/// a trial that succeeds closes it. Times are of a clock that never steps. Not thread-safe.
class Breaker {
 public:
  using Duration = std::chrono::nanoseconds;
  static constexpr std::size_t kThreshold = 3;
  static constexpr Duration kWindow = std::chrono::seconds(10);

  /// `pause` lies between two trials.
  explicit Breaker(Duration pause) : pause_(pause) {}

  /// True when this failure opens it. `jitter` is added to the pause.
  bool failed(Duration now, Duration jitter);
  /// True when this success closes it.
  bool succeeded();
  [[nodiscard]] bool open() const noexcept { return next_trial_.has_value(); }
  /// Trials that failed since it opened.
  [[nodiscard]] unsigned failed_trials() const noexcept { return failed_trials_; }
  [[nodiscard]] bool trial_due(Duration now) const noexcept {
    return next_trial_.has_value() && now >= *next_trial_;
  }
  /// Closed, nothing remembered: after the module was started anew.
  void reset();

 private:
  Duration pause_;
  std::array<std::optional<Duration>, kThreshold> failures_{};  // oldest first
  std::optional<Duration> next_trial_;
  unsigned failed_trials_ = 0;
};

/// When the module may be started anew: at once the first time, then once per interval, whatever
/// came of it. Pure. Not thread-safe.
class RestartSchedule {
 public:
  using Duration = std::chrono::nanoseconds;
  explicit RestartSchedule(Duration interval) : interval_(interval) {}

  [[nodiscard]] bool due(Duration now) const noexcept {
    return !last_.has_value() || now - *last_ >= interval_;
  }
  void attempted(Duration now) noexcept { last_ = now; }

 private:
  Duration interval_;
  std::optional<Duration> last_;
};

}  // namespace florin::hsm
