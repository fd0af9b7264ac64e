#pragma once
/// When to ask again, and when people have to hear of a doubt. Pure.
#include <chrono>
#include <cstddef>
#include <optional>

#include "base/ids.h"

namespace florin::engine {

/// How long to wait before the n-th inquiry, n from 0: 2 s, 10 s, 30 s, 2 min, 10 min, 1 h, 6 h,
/// then daily for ever, each a tenth more or less by the operation's identifier, so that what was
/// lost together is not asked for together.
std::chrono::milliseconds inquiry_delay(std::size_t n, const OperationId& operation) noexcept;

/// How many of the alerts, at 15 minutes and at 24 hours, a doubt of this age calls for.
std::size_t alerts_due(std::chrono::nanoseconds age) noexcept;
/// The age of the next alert; nothing after the last one.
std::optional<std::chrono::nanoseconds> next_alert_age(std::chrono::nanoseconds age) noexcept;

}  // namespace florin::engine
