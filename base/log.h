#pragma once
/// The diagnostic log: one JSON object a line on standard error, with the priority prefix that the
/// journal understands (sd-daemon(3)). The audit trail is not here but in the ledger. Secrets are
/// types that no field takes.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace florin {

enum class LogLevel : std::uint8_t { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

/// A named value of a log line. Texts are escaped, so a line cannot be forged through a value.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, std::uint64_t, bool> value;
  LogField(std::string_view n, std::string_view text) : name(n), value(text) {}
  LogField(std::string_view n, const std::string& text) : name(n), value(std::string_view(text)) {}
  LogField(std::string_view n, const char* text) : name(n), value(std::string_view(text)) {}
  LogField(std::string_view n, bool flag) : name(n), value(flag) {}
  LogField(std::string_view n, std::int64_t number) : name(n), value(number) {}
  LogField(std::string_view n, int number) : name(n), value(std::int64_t{number}) {}
  LogField(std::string_view n, std::uint64_t number) : name(n), value(number) {}
  LogField(std::string_view n, std::uint32_t number) : name(n), value(std::uint64_t{number}) {}
};

/// Writes one line. `event` is a stable dotted name such as "ledger.opened". Thread-safe.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
/// An error with code, field, message and detail.
void log_error(std::string_view event, const Error& error,
               std::initializer_list<LogField> fields = {});
/// Lines below this level are dropped; `info` at start.
void set_log_level(LogLevel level) noexcept;

}  // namespace florin
