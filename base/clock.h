#pragma once
/// Time as a port: pure code takes values, shells take a Clock.
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace florin {

/// Nanoseconds since 1970-01-01T00:00:00Z.
using UnixNanos = std::int64_t;
inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNanosPerMilli = 1'000'000;

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall clock; may step.
  [[nodiscard]] virtual UnixNanos now() const = 0;
  /// Never steps; only differences mean something.
  [[nodiscard]] virtual std::int64_t monotonic_ns() const = 0;
};

/// The machine's clock. Thread-safe.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] UnixNanos now() const override;
  [[nodiscard]] std::int64_t monotonic_ns() const override;
};

/// RFC 3339 in UTC with microseconds: "2026-11-20T09:12:00.000000Z".
std::string to_rfc3339(UnixNanos time);
/// Takes what to_rfc3339 writes, and whole seconds. Error: `malformed_value`.
Result<UnixNanos> from_rfc3339(std::string_view text);
/// Days since 1970-01-01 in UTC.
std::int32_t day_of(UnixNanos time) noexcept;

}  // namespace florin
