#pragma once
/// One deadline at a time, within a total. Private to this room; I/O thread only.
#include <chrono>
#include <functional>
#include <memory>

#include "daemon/net/timer.h"

namespace florin::net {

/// When the time set by `guard` is up, the action runs and `expired` is true for good.
class Expiry : public std::enable_shared_from_this<Expiry> {
 public:
  using Clock = std::chrono::steady_clock;
  Expiry(const Executor& executor, std::chrono::milliseconds total)
      : timer_(executor), end_(Clock::now() + total) {}

  /// Replaces what was guarded before.
  void guard(std::chrono::milliseconds limit, std::function<void()> at_end) {
    at_end_ = std::move(at_end);
    timer_.expires_at(std::min(end_, Clock::now() + limit));
    timer_.async_wait([self = shared_from_this(), turn = ++turn_](const auto& cancelled) {
      if (cancelled || turn != self->turn_) return;
      self->expired_ = true;
      if (self->at_end_) self->at_end_();
    });
  }
  void disarm() {
    ++turn_;
    at_end_ = nullptr;
    timer_.cancel();
  }
  [[nodiscard]] bool expired() const noexcept { return expired_ || Clock::now() >= end_; }
  [[nodiscard]] std::chrono::milliseconds left() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::max(end_ - Clock::now(), Clock::duration::zero()));
  }

 private:
  Timer timer_;
  Clock::time_point end_;
  std::function<void()> at_end_;
  std::uint64_t turn_ = 0;
  bool expired_ = false;
};

}  // namespace florin::net
