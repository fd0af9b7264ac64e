#pragma once
/// Virtual time and all that is going to happen in it.
#include <functional>
#include <map>
#include <utility>

#include "base/clock.h"

namespace florin::sim {

inline constexpr std::int64_t kMicrosecond = 1'000;
inline constexpr std::int64_t kMillisecond = kNanosPerMilli;
inline constexpr std::int64_t kSecond = kNanosPerSecond;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 3'600 * kSecond;
inline constexpr std::int64_t kDay = 24 * kHour;

class Timeline final : public Clock {
 public:
  [[nodiscard]] UnixNanos now() const override { return now_; }
  [[nodiscard]] std::int64_t monotonic_ns() const override { return now_ - kBirth; }

  /// Events of one moment happen in the order in which they were planned.
  void in(std::int64_t delay_ns, std::function<void()> event) {
    events_.emplace(std::pair(now_ + delay_ns, serial_++), std::move(event));
  }
  /// Goes to the next event and lets it happen. False when there is none.
  bool step() {
    if (events_.empty()) return false;
    auto next = events_.extract(events_.begin());
    now_ = next.key().first;
    next.mapped()();
    return true;
  }

 private:
  static constexpr UnixNanos kBirth = 1'790'000'000 * kNanosPerSecond;
  UnixNanos now_ = kBirth;
  std::uint64_t serial_ = 0;
  std::map<std::pair<UnixNanos, std::uint64_t>, std::function<void()>> events_;
};

}  // namespace florin::sim
