#include "daemon/control/audit_period.h"

#include <algorithm>
#include <charconv>

namespace florin::control {
namespace {

constexpr std::int64_t kNanosPerDay = 86'400 * kNanosPerSecond;

Error wrong(const char* field, const char* message) {
  return Error(Errc::malformed_value, field, message);
}

Result<std::optional<std::uint64_t>> number(const char* field, const std::string& text) {
  if (text.empty()) return std::optional<std::uint64_t>();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return wrong(field, "expected the number of an entry");
  }
  return std::optional(value);
}

// The first nanosecond of a day.
Result<UnixNanos> begin_of(const char* field, const std::string& day) {
  constexpr std::size_t kDayLength = 10;
  const auto time = from_rfc3339(day + "T00:00:00Z");
  if (day.size() != kDayLength || !time.ok()) {
    return wrong(field, "expected a UTC day as YYYY-MM-DD");
  }
  return *time;
}

// How many of the first `size` entries were booked before `time`.
Result<std::uint64_t> booked_before(const ledger::Ledger& books, std::uint64_t size,
                                    UnixNanos time) {
  FLORIN_TRY(const std::uint64_t booked, books.size_at(time - 1));
  return std::min(size, booked);
}

}  // namespace

Result<Period> find_period(const ledger::Ledger& books, std::uint64_t size,
                           const PeriodAsked& asked) {
  Period out;
  FLORIN_TRY(out.from_seq, number("/from_seq", asked.from_seq));
  FLORIN_TRY(out.to_seq, number("/to_seq", asked.to_seq));
  if (!asked.from_day.empty()) {
    if (out.from_seq) return wrong("/from", "give the day or the number of the first entry");
    FLORIN_TRY(const UnixNanos begin, begin_of("/from", asked.from_day));
    FLORIN_TRY(out.from_seq, booked_before(books, size, begin));
    if (*out.from_seq == size) return wrong("/from", "there is no entry from that day on");
  }
  if (!asked.to_day.empty()) {
    if (out.to_seq) return wrong("/to", "give the day or the number of the last entry");
    FLORIN_TRY(const UnixNanos begin, begin_of("/to", asked.to_day));
    FLORIN_TRY(const std::uint64_t end, booked_before(books, size, begin + kNanosPerDay));
    if (end == 0) return wrong("/to", "there is no entry up to that day");
    out.to_seq = end - 1;
  }
  const std::uint64_t from = out.from_seq.value_or(0);
  const std::uint64_t to = out.to_seq.value_or(size - 1);
  if (to >= size) return wrong("/to_seq", "there is no such entry yet");
  if (from > to) {
    return wrong(asked.from_day.empty() ? "/from_seq" : "/from", "the period has no entry");
  }
  return out;
}

}  // namespace florin::control
