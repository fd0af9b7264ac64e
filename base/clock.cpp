#include "base/clock.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>

namespace florin {
namespace {

std::int64_t read_clock(clockid_t id) {
  timespec time{};
  FLORIN_ASSERT(clock_gettime(id, &time) == 0);
  return static_cast<std::int64_t>(time.tv_sec) * kNanosPerSecond + time.tv_nsec;
}

// Digits only: the standard parsers also take signs and blanks.
bool read_digits(std::string_view text, std::size_t at, std::size_t count, std::int64_t& out) {
  out = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  return true;
}

}  // namespace

UnixNanos SystemClock::now() const {
  return read_clock(CLOCK_REALTIME);
}
std::int64_t SystemClock::monotonic_ns() const {
  return read_clock(CLOCK_MONOTONIC);
}

std::string to_rfc3339(UnixNanos time) {
  std::int64_t seconds = time / kNanosPerSecond;
  std::int64_t nanos = time % kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  }
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&moment, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     nanos / 1000);
}

Result<UnixNanos> from_rfc3339(std::string_view text) {
  const Error malformed(Errc::malformed_value, {}, "expected a time like 2026-11-20T09:12:00Z");
  std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  const bool shape = text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                     text[13] == ':' && text[16] == ':' && text.back() == 'Z';
  if (!shape || !read_digits(text, 0, 4, year) || !read_digits(text, 5, 2, month) ||
      !read_digits(text, 8, 2, day) || !read_digits(text, 11, 2, hour) ||
      !read_digits(text, 14, 2, minute) || !read_digits(text, 17, 2, second)) {
    return malformed;
  }
  if (text.size() != 20 &&
      (text.size() != 27 || text[19] != '.' || !read_digits(text, 20, 6, micros))) {
    return malformed;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59 || year < 1970 || year > 2200) {
    return malformed;
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60 * kNanosPerSecond + second * kNanosPerSecond +
         micros * 1000;
}

std::int32_t day_of(UnixNanos time) noexcept {
  constexpr std::int64_t day_ns = 86'400 * kNanosPerSecond;
  return static_cast<std::int32_t>(time / day_ns - (time % day_ns < 0 ? 1 : 0));
}

}  // namespace florin
