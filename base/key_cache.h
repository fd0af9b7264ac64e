#pragma once
/// Ciphers keep keys expanded, per thread, because expanding costs more than a short record. What
/// is kept that way must be forgotten when keys are.
#include <atomic>
#include <cstddef>
#include <mutex>

namespace florin {

/// Held for one record at a time, and contended only while keys are forgotten.
class SpinLock {
 public:
  void lock() noexcept;
  void unlock() noexcept { taken_.clear(std::memory_order_release); }

 private:
  std::atomic_flag taken_ = ATOMIC_FLAG_INIT;
};

/// What one thread keeps. Its own thread uses it, any thread may have it forget; whoever does
/// either holds it.
class KeyCache {
 public:
  KeyCache(const KeyCache&) = delete;
  KeyCache& operator=(const KeyCache&) = delete;
  [[nodiscard]] std::unique_lock<SpinLock> hold() { return std::unique_lock(lock_); }
  /// Overwrites every key and what was expanded from it; tells how many. Only while held.
  virtual std::size_t forget() = 0;

 protected:
  KeyCache() = default;
  ~KeyCache() = default;
  /// From the end of the constructor, and from the beginning of the destructor, of a final class.
  void enter();
  void leave();

 private:
  SpinLock lock_;
};

/// Has every thread's caches forget and returns how many keys that were. Waits for records in work;
/// what is sealed or opened from then on is kept again. Thread-safe.
std::size_t forget_keys();

}  // namespace florin
