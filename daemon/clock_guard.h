#pragma once
/// Notices when the wall clock was set: payments are dated, keys and sessions expire by it.
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace florin {

/// How far wall clock and boot clock may drift apart before nothing acts on time any more.
inline constexpr std::int64_t kClockTolerance_ns = 5 * 60 * kNanosPerSecond;

/// Thread-safe; pure but for what it remembers.
class ClockGuard {
 public:
  ClockGuard(UnixNanos wall, std::int64_t boot_ns) noexcept : reference_(wall - boot_ns) {}

  /// Compares the clocks; true when this reading made it diverge. It stays diverged, also when the
  /// clock is set back, until somebody confirms.
  bool check(UnixNanos wall, std::int64_t boot_ns);
  [[nodiscard]] bool diverged() const;
  /// By how much the wall clock is ahead of what was expected when it was noticed.
  [[nodiscard]] std::int64_t divergence_ns() const;
  /// The wall clock is right as it is now. Returns the divergence that is confirmed, 0 for none.
  std::int64_t confirm(UnixNanos wall, std::int64_t boot_ns);

 private:
  mutable std::mutex mutex_;
  std::int64_t reference_;
  std::int64_t divergence_ = 0;
  bool diverged_ = false;
};

}  // namespace florin
