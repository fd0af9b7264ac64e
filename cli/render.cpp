#include "cli/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace florin::cli {
namespace {

// Columns on a terminal, close enough for names: code points, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string plain(const json::value& value) {
  if (const auto* text = value.if_string()) {
    return printable(std::string_view(text->data(), text->size()));
  }
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  return json::write(value);
}

std::string money(const json::value& value) {
  const json::value* amount = find_path(value, "value");
  const json::value* currency = find_path(value, "currency");
  const json::value* exponent = find_path(value, "exponent");
  if (amount == nullptr || currency == nullptr) return plain(value);
  const std::int64_t places =
      exponent != nullptr && exponent->is_int64() ? exponent->get_int64() : 0;
  return decimal_amount(plain(*amount), places) + " " + plain(*currency);
}

std::string names(const json::value& value) {
  if (!value.is_array()) return plain(value);
  std::string joined;
  for (const json::value& item : value.get_array()) {
    const json::value* name = find_path(item, "name");
    if (!joined.empty()) joined += ", ";
    joined += plain(name != nullptr ? *name : item);
  }
  return joined.empty() ? "-" : joined;
}

bool is_right(Format format) {
  return format == Format::number || format == Format::money || format == Format::count;
}

std::string render_table(const json::value& document, const View& view) {
  const json::value* items = find_path(document, "items");
  if (items == nullptr || !items->is_array() || items->get_array().empty()) {
    return std::string(view.empty) + "\n";
  }
  std::vector<std::vector<std::string>> rows(1);
  std::vector<bool> right;
  for (const Column& column : view.columns) {
    rows.front().emplace_back(column.title);
    right.push_back(is_right(column.format));
  }
  for (const json::value& item : items->get_array()) {
    std::vector<std::string> cells;
    cells.reserve(view.columns.size());
    for (const Column& column : view.columns) {
      cells.push_back(format_value(find_path(item, column.path), column.format));
    }
    rows.push_back(std::move(cells));
  }
  return format_grid(rows, right);
}

std::string render_record(const json::value& document, const View& view, const Style& style) {
  std::vector<std::vector<std::string>> rows;
  for (const Column& column : view.columns) {
    const json::value* value = find_path(document, column.path);
    // A record only tells what there is; a table has to keep its columns.
    if (value == nullptr || value->is_null()) continue;
    std::string text = format_value(value, column.format);
    if (column.path == "state" || column.path == "status") text = paint_state(text, style);
    rows.push_back({std::string(column.title), std::move(text)});
  }
  return format_grid(rows, {false, false});
}

// Ranges of the last byte of what drives a terminal or turns the order of letters around (Unicode
// 15.0, chapter 23): C1 controls, U+061C, U+200E and U+200F, U+2028 to U+202E, U+2066 to U+2069.
struct ControlRange {
  std::string_view front;
  unsigned char first;
  unsigned char last;
};
constexpr std::array kControls = {
    ControlRange{"\xC2", 0x80, 0x9F}, ControlRange{"\xD8", 0x9C, 0x9C},
    ControlRange{"\xE2\x80", 0x8E, 0x8F}, ControlRange{"\xE2\x80", 0xA8, 0xAE},
    ControlRange{"\xE2\x81", 0xA6, 0xA9}};

// How many bytes the control character takes that the text begins with; 0 when it begins with none.
std::size_t leading_control(std::string_view text) {
  const auto byte_at = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte_at(0) < 0x20 || byte_at(0) == 0x7F) return 1;
  for (const ControlRange& range : kControls) {
    const std::size_t size = range.front.size();
    if (text.size() <= size || !text.starts_with(range.front)) continue;
    if (byte_at(size) >= range.first && byte_at(size) <= range.last) return size + 1;
  }
  return 0;
}

}  // namespace

const json::value* find_path(const json::value& from, std::string_view path) {
  const json::value* at = &from;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    const json::object* object = at->if_object();
    if (object == nullptr) return nullptr;
    at = object->if_contains(boost::json::string_view(name.data(), name.size()));
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t escaped = leading_control(text);
    for (const char letter : text.substr(0, escaped)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
    }
    if (escaped == 0) out += text.front();
    text.remove_prefix(std::max<std::size_t>(escaped, 1));
  }
  return out;
}

std::string decimal_amount(std::string_view minor_units, std::int64_t exponent) {
  const bool negative = minor_units.starts_with('-');
  std::string digits(negative ? minor_units.substr(1) : minor_units);
  if (exponent > 0 && exponent <= 9) {
    const auto places = static_cast<std::size_t>(exponent);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

std::string format_value(const json::value* value, Format format) {
  if (value == nullptr || value->is_null()) return "-";
  switch (format) {
    case Format::time: {
      // "2026-11-20T09:12:00.000000Z" -> "2026-11-20 09:12:00"; UTC as everywhere.
      std::string text = plain(*value);
      if (text.size() >= 19 && text[10] == 'T') {
        text.resize(19);
        text[10] = ' ';
      }
      return text;
    }
    case Format::money:
      return money(*value);
    case Format::count:
      return value->is_array() ? std::to_string(value->get_array().size()) : plain(*value);
    case Format::names:
      return names(*value);
    case Format::text:
    case Format::number:
      return plain(*value);
  }
  return plain(*value);
}

std::string format_grid(const std::vector<std::vector<std::string>>& rows,
                        const std::vector<bool>& right) {
  std::vector<std::size_t> widths(right.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width_of(row[i]), ' ');
      if (i > 0) line += "  ";
      line += right[i] ? padding + row[i] : row[i] + padding;
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

std::string paint_state(std::string_view state, const Style& style) {
  if (!style.colour) return std::string(state);
  const bool good = state == "serving" || state == "ready" || state == "captured";
  const bool bad = state == "failed" || state == "lost" || state == "in_doubt";
  return fmt::format("\x1b[{}m{}\x1b[0m", good ? "32" : bad ? "31" : "33", state);
}

std::string render(const json::value& document, const View& view, const Style& style) {
  switch (view.shape) {
    case View::Shape::table:
      return render_table(document, view);
    case View::Shape::record:
      return render_record(document, view, style);
    case View::Shape::custom:
      return view.custom(document, style);
  }
  return {};
}

std::string render_json(const json::value& document, std::string_view schema) {
  const json::object* object = document.if_object();
  if (object == nullptr || object->contains("schema")) return json::write(document) + "\n";
  json::object with_schema;
  with_schema["schema"] = boost::json::string_view(schema.data(), schema.size());
  for (const auto& member : *object) with_schema[member.key()] = member.value();
  return json::write(with_schema) + "\n";
}

std::string printable_lines(std::string_view text, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += std::string(indent) + printable(text.substr(0, end)) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

}  // namespace florin::cli
