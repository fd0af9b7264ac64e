#include "daemon/webhooks/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace florin::webhooks {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::array<seconds, kMaxAttempts - 1> kDelays = {
    seconds(5), minutes(1), minutes(5), minutes(30), hours(2),
    hours(5),   hours(10),  hours(14),  hours(20),   hours(24)};
constexpr std::int64_t kFirstJitterPercent = 50;
constexpr std::int64_t kJitterPercent = 20;

template <class T>
std::optional<T> parse_digits(std::string_view text) {
  T value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || text.front() == '-') {
    return std::nullopt;
  }
  return value;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7); the obsolete forms are not taken.
std::optional<std::int64_t> parse_fixdate(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const std::size_t month = kMonths.find(text.substr(8, 3));
  const auto day = parse_digits<unsigned>(text.substr(5, 2));
  const auto year = parse_digits<int>(text.substr(12, 4));
  const auto hour = parse_digits<int>(text.substr(17, 2));
  const auto minute = parse_digits<int>(text.substr(20, 2));
  const auto second = parse_digits<int>(text.substr(23, 2));
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute ||
      !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  const auto midnight = std::chrono::sys_days(date).time_since_epoch();
  return (std::chrono::duration_cast<seconds>(midnight) + hours(*hour) + minutes(*minute) +
          seconds(*second))
      .count();
}

}  // namespace

std::optional<nanoseconds> retry_delay(std::uint32_t failed, std::uint64_t jitter) {
  if (failed == 0 || failed > kDelays.size()) return std::nullopt;
  const std::int64_t delay_ns = nanoseconds(kDelays[failed - 1]).count();
  const std::int64_t spread_ns =
      delay_ns / 100 * (failed == 1 ? kFirstJitterPercent : kJitterPercent);
  const auto width = static_cast<std::uint64_t>(2 * spread_ns + 1);
  return nanoseconds(delay_ns - spread_ns + static_cast<std::int64_t>(jitter % width));
}

std::optional<seconds> parse_retry_after(std::string_view value, UnixNanos now) {
  if (value.empty()) return std::nullopt;
  std::int64_t wait_s = 0;
  if (std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    wait_s = parse_digits<std::int64_t>(value).value_or(kMaxRetryAfter.count());
  } else {
    const auto until = parse_fixdate(value);
    if (!until) return std::nullopt;
    wait_s = *until - now / kNanosPerSecond;
  }
  return seconds(std::clamp<std::int64_t>(wait_s, 0, kMaxRetryAfter.count()));
}

}  // namespace florin::webhooks
