#include "daemon/engine/inquiry_schedule.h"

#include <algorithm>
#include <array>

namespace florin::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::array<std::int64_t, 8> kDelays_s = {2, 10, 30, 120, 600, 3'600, 21'600, 86'400};
constexpr std::array<nanoseconds, 2> kAlertAges = {std::chrono::minutes(15),
                                                   std::chrono::hours(24)};

// A number from 0 to 2000 that differs from operation to operation and from inquiry to inquiry.
std::int64_t spread(std::size_t n, const OperationId& operation) noexcept {
  std::uint32_t mixed = static_cast<std::uint32_t>(n) * 0x9E3779B9U;
  for (const std::uint8_t byte : operation.value.bytes) mixed = (mixed ^ byte) * 0x01000193U;
  return mixed % 2001;
}

}  // namespace

milliseconds inquiry_delay(std::size_t n, const OperationId& operation) noexcept {
  const std::int64_t seconds = kDelays_s[std::min(n, kDelays_s.size() - 1)];
  // Nine tenths, and up to two tenths more.
  return milliseconds((seconds * 1000 * (9'000 + spread(n, operation))) / 10'000);
}

std::size_t alerts_due(nanoseconds age) noexcept {
  return static_cast<std::size_t>(std::count_if(kAlertAges.begin(), kAlertAges.end(),
                                                [age](nanoseconds at) { return age >= at; }));
}

std::optional<nanoseconds> next_alert_age(nanoseconds age) noexcept {
  const auto* const next = std::find_if(kAlertAges.begin(), kAlertAges.end(),
                                        [age](nanoseconds at) { return age < at; });
  return next == kAlertAges.end() ? std::nullopt : std::optional(*next);
}

}  // namespace florin::engine
