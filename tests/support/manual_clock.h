#pragma once
/// A clock that moves only when told, and entropy that repeats.
#include <atomic>
#include <mutex>
#include <random>

#include "base/clock.h"
#include "base/entropy.h"

namespace florin::test {

/// Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixNanos now = 1'790'000'000 * kNanosPerSecond) : now_(now) {}
  [[nodiscard]] UnixNanos now() const override { return now_; }
  [[nodiscard]] std::int64_t monotonic_ns() const override { return monotonic_; }
  /// Moves both clocks.
  void advance(std::int64_t ns) {
    now_ += ns;
    monotonic_ += ns;
  }
  /// Moves the wall clock alone, also backwards.
  void step(std::int64_t ns) { now_ += ns; }

 private:
  std::atomic<UnixNanos> now_;
  std::atomic<std::int64_t> monotonic_{0};
};

/// Thread-safe. The same seed gives the same bytes.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : generator_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    const std::lock_guard lock(mutex_);
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(generator_());
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 generator_;
};

}  // namespace florin::test
