#include "daemon/control/parameters.h"

#include <charconv>

namespace florin::control {

Error wrong_parameter(Errc code, std::string_view name, std::string message) {
  return Error(code, "/parameters/" + std::string(name), std::move(message));
}

Result<std::vector<std::string>> read_parameters(const json::object& parameters,
                                                 const std::vector<TextParameter>& wanted,
                                                 const std::vector<std::string_view>& also) {
  const json::value whole(parameters);
  json::Reader reader(whole, "/parameters");
  std::vector<std::string> out;
  out.reserve(wanted.size());
  for (const TextParameter& each : wanted) {
    out.push_back(reader.text(each.name, each.limit, each.required).value_or(""));
  }
  for (const std::string_view name : also) reader.member(name, false);
  std::vector<Error> problems = reader.finish();
  if (!problems.empty()) return std::move(problems.front());
  return out;
}

Result<std::int32_t> day_parameter(std::string_view name, const std::string& text) {
  constexpr std::size_t day_length = 10;
  const auto time = from_rfc3339(text + "T00:00:00Z");
  if (text.size() != day_length || !time.ok()) {
    return wrong_parameter(Errc::malformed_value, name, "expected a UTC day as YYYY-MM-DD");
  }
  return day_of(*time);
}

Result<std::uint64_t> number_parameter(std::string_view name, std::string_view text) {
  std::uint64_t value = 0;
  const char* const first = text.data();
  const char* const last = first + text.size();
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc() || end != last || std::to_string(value) != text) {
    return wrong_parameter(Errc::malformed_value, name, "expected a whole number");
  }
  return value;
}

}  // namespace florin::control
