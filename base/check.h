#pragma once
/// Assertions that stay on in every build. They guard our own invariants, never input.

namespace florin {

/// Prints the failed condition to standard error and aborts: a broken invariant must not run on.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace florin

#define FLORIN_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::florin::assertion_failed(#condition, __FILE__, __LINE__))
