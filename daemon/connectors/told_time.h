#pragma once
/// Times as acquirers tell them: whole seconds since 1970-01-01T00:00:00Z.
#include <cstdint>
#include <limits>

#include "base/clock.h"

namespace florin::connectors {

/// The last one that can be held in nanoseconds, in April 2262. What is later is no time.
inline constexpr std::int64_t kLastSecond = std::numeric_limits<UnixNanos>::max() / kNanosPerSecond;

}  // namespace florin::connectors
