#include "base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

#include "base/clock.h"
#include "base/json.h"

namespace florin {
namespace {

std::atomic<LogLevel> minimum{LogLevel::info};

json::value to_json(const LogField& field) {
  return std::visit([](const auto& item) { return json::value(item); }, field.value);
}

void emit(LogLevel level, const json::object& line) {
  const std::string text = fmt::format("<{}>{}\n", static_cast<int>(level), json::write(line));
  // One write per line, so lines of several threads do not mix. Nothing can be done if it fails.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

void set_log_level(LogLevel level) noexcept {
  minimum = level;
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level > minimum.load(std::memory_order_relaxed)) return;
  json::object line;
  line["time"] = to_rfc3339(SystemClock().now());
  line["event"] = event;
  for (const LogField& field : fields) line[field.name] = to_json(field);
  emit(level, line);
}

void log_error(std::string_view event, const Error& error, std::initializer_list<LogField> fields) {
  json::object line;
  line["time"] = to_rfc3339(SystemClock().now());
  line["event"] = event;
  for (const LogField& field : fields) line[field.name] = to_json(field);
  line["code"] = errc_name(error.code());
  line["message"] = error.message();
  if (!error.field().empty()) line["field"] = error.field();
  if (!error.detail().empty()) line["detail"] = error.detail();
  emit(LogLevel::error, line);
}

}  // namespace florin
