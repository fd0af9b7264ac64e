#pragma once
/// Who still uses what is about to be closed.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace florin {

/// Thread-safe.
class UseCount {
 public:
  /// One user, until the result is destroyed; it must not outlive this object.
  std::shared_ptr<void> enter() {
    {
      const std::lock_guard lock(mutex_);
      ++count_;
    }
    return {this, [this](void*) { leave(); }};
  }
  /// False when somebody is still there after `timeout`.
  bool wait_for_none(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, timeout, [this] { return count_ == 0; });
  }

 private:
  void leave() {
    const std::lock_guard lock(mutex_);
    --count_;
    none_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_ = 0;
};

}  // namespace florin
