#pragma once
/// One locked region for all small secrets. Locking a page for each of them would exhaust the limit
/// on locked memory after some thousand, and would cost more than deriving the key anew.
#include <cstddef>
#include <cstdint>

#include "base/result.h"

namespace florin {

/// Of the whole process: made once, before the first secret, and never given back. Thread-safe.
class SecretArena {
 public:
  /// Secrets of at most this size come from the arena while it has room.
  static constexpr std::size_t kLargestSecret = 48;
  /// What one of them takes: the secret between two canaries.
  static constexpr std::size_t kSlotBytes = 64;

  /// Maps and locks `bytes` (rounded up to pages) between two pages that nobody may touch, excluded
  /// from core dumps and from children. Proves by the kernel's own count (VmLck) that they are
  /// locked. Errors: `config_invalid` when they are not, naming LimitMEMLOCK;
  /// `already_initialised`.
  static Result<void> open(std::size_t bytes);
  /// Zeroed, or null when there is no arena or no room in it.
  static std::uint8_t* take() noexcept;
  /// Overwrites the secret. False when it is not of the arena. Ends the process when somebody wrote
  /// over the secret's bounds.
  static bool give_back(std::uint8_t* secret) noexcept;
  /// How many secrets it holds now, and how many it can hold.
  static std::size_t used() noexcept;
  static std::size_t capacity() noexcept;
};

/// Bytes that the kernel has locked for this process (VmLck). Error: `io_failure`.
Result<std::size_t> locked_memory_bytes();

}  // namespace florin
