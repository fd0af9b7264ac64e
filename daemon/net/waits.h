#pragma once
/// Where waits come from.
#include <chrono>
#include <functional>

namespace florin::net {

/// A runtime without one lets `sleep_for` wait on the machine's timers. A simulation gives its own
/// and moves the time itself. Used on the I/O thread alone.
class Waits {
 public:
  virtual ~Waits() = default;
  /// Calls `done` once, when `duration` has passed. Calls that are still to come are destroyed
  /// before the runtime is.
  virtual void after(std::chrono::milliseconds duration, std::function<void()> done) = 0;
};

}  // namespace florin::net
