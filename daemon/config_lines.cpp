#include "daemon/config_lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace florin {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

Error at(std::string_view place, std::string_view what) {
  return Error(Errc::config_invalid, {}, fmt::format("{}: {}", place, what));
}

Result<std::string> value_of(std::string_view raw, std::string_view place) {
  if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"') {
    const std::string_view inner = raw.substr(1, raw.size() - 2);
    if (inner.find('"') != std::string_view::npos) return at(place, "a quote inside quotes");
    return std::string(inner);
  }
  if (raw.find('#') != std::string_view::npos) {
    return at(place, "a value with # must stand in quotes; a comment needs a line of its own");
  }
  if (raw.find('"') != std::string_view::npos) return at(place, "a quote that does not close");
  return std::string(raw);
}

// Levenshtein distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

Result<std::vector<ConfigValue>> read_config_lines(std::string_view text, std::string_view file) {
  std::vector<ConfigValue> out;
  std::string section;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string place = fmt::format("{}:{}", file, ++number);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[') {
      if (line.back() != ']' || line.size() < 3) return at(place, "expected [section]");
      section = trimmed(line.substr(1, line.size() - 2));
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return at(place, "expected key = value");
    if (section.empty()) return at(place, "a key before the first [section]");
    ConfigValue item{.key = section + "." + std::string(trimmed(line.substr(0, equals))),
                     .value = {},
                     .place = place};
    for (const ConfigValue& earlier : out) {
      if (earlier.key == item.key) {
        return at(place, fmt::format("key \"{}\" is already set at {}", item.key, earlier.place));
      }
    }
    FLORIN_TRY(item.value, value_of(trimmed(line.substr(equals + 1)), place));
    out.push_back(std::move(item));
  }
  return out;
}

Error unknown_key(const ConfigValue& value, const std::vector<std::string>& known) {
  std::string hint;
  std::size_t best = 5;  // farther than this is no misspelling
  for (const std::string& candidate : known) {
    if (const std::size_t steps = distance(value.key, candidate); steps < best) {
      best = steps;
      hint = fmt::format(" (did you mean \"{}\"?)", candidate);
    }
  }
  return at(value.place, fmt::format("unknown key \"{}\"{}", value.key, hint));
}

}  // namespace florin
