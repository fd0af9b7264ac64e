#pragma once
/// One daemon per data directory, and so per token: two that log in at the same time can break a
/// token for both.
#include <filesystem>

#include "base/result.h"

namespace florin {

/// A lock of the kernel (flock) on <data>/instance.lock; it ends with the process, also by kill -9.
class InstanceLock {
 public:
  InstanceLock() = default;
  /// Errors: `state_conflict` when another process holds it, `io_failure`.
  static Result<InstanceLock> take(const std::filesystem::path& data_directory);
  InstanceLock(InstanceLock&& other) noexcept;
  InstanceLock& operator=(InstanceLock&& other) noexcept;
  InstanceLock(const InstanceLock&) = delete;
  InstanceLock& operator=(const InstanceLock&) = delete;
  ~InstanceLock();

 private:
  explicit InstanceLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace florin
