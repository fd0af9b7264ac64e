#pragma once
/// When an attempt that failed is made again.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace florin::webhooks {

/// Attempts in all: the first one and ten retries, over 75.6 hours.
inline constexpr std::uint32_t kMaxAttempts = 11;
/// A receiver may ask us to wait for so long at most.
inline constexpr std::chrono::seconds kMaxRetryAfter{24 * 60 * 60};

/// The pause before attempt number `failed + 1` when `failed` attempts (1 or more) have failed: 5
/// s, 1 m, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, varied by up to 20 % either way (the first
/// one by up to 50 %) with `jitter`, a uniformly random number. Nothing when the schedule is used
/// up.
std::optional<std::chrono::nanoseconds> retry_delay(std::uint32_t failed, std::uint64_t jitter);

/// Retry-After (RFC 9110 §10.2.3): seconds, or an IMF-fixdate relative to `now`. Never negative, at
/// most kMaxRetryAfter. Nothing when it is neither.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, UnixNanos now);

}  // namespace florin::webhooks
