#include "daemon/clock_guard.h"

namespace florin {

bool ClockGuard::check(UnixNanos wall, std::int64_t boot_ns) {
  const std::lock_guard lock(mutex_);
  if (diverged_) return false;
  divergence_ = wall - boot_ns - reference_;
  diverged_ = divergence_ > kClockTolerance_ns || divergence_ < -kClockTolerance_ns;
  return diverged_;
}

bool ClockGuard::diverged() const {
  const std::lock_guard lock(mutex_);
  return diverged_;
}

std::int64_t ClockGuard::divergence_ns() const {
  const std::lock_guard lock(mutex_);
  return diverged_ ? divergence_ : 0;
}

std::int64_t ClockGuard::confirm(UnixNanos wall, std::int64_t boot_ns) {
  const std::lock_guard lock(mutex_);
  const std::int64_t confirmed = diverged_ ? wall - boot_ns - reference_ : 0;
  reference_ = wall - boot_ns;
  diverged_ = false;
  divergence_ = 0;
  return confirmed;
}

}  // namespace florin
