#pragma once
/// Who still uses what is about to be closed.
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
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
  /// Waits until nobody is there, however long that takes. `still_there` is told of each time that
  /// `patience` has passed, with how many are left.
  void wait_for_none(std::chrono::milliseconds patience,
                     const std::function<void(std::size_t)>& still_there) {
    std::unique_lock lock(mutex_);
    while (!none_.wait_for(lock, patience, [this] { return count_ == 0; })) {
      const std::size_t left = count_;
      lock.unlock();
      still_there(left);
      lock.lock();
    }
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
