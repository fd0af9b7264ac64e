#pragma once
/// Documents as text: tables and records for people, one JSON document for programs. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "cli/view.h"

namespace florin::cli {

/// Follows members joined by dots; null when one is absent.
const json::value* find_path(const json::value& from, std::string_view path);
/// One value as text for a terminal: control characters are escaped, so data cannot drive it.
/// Absent and null values are "-".
std::string format_value(const json::value* value, Format format);
/// Minor units (a decimal text or integer) with the point set: ("129900", 2) -> "1299.00".
std::string decimal_amount(std::string_view minor_units, std::int64_t exponent);
/// Columns padded to their widest cell, two spaces apart; `right` tells right-aligned columns.
std::string format_grid(const std::vector<std::vector<std::string>>& rows,
                        const std::vector<bool>& right);
/// The view of an answer for people; ends with a line feed.
std::string render(const json::value& document, const View& view, const Style& style);
/// The document in one line, with the schema id in front when it brings none.
std::string render_json(const json::value& document, std::string_view schema);
/// A state word with its colour.
std::string paint_state(std::string_view state, const Style& style);
/// Escapes control characters, and those that turn the order of letters around.
std::string printable(std::string_view text);
/// A text of several lines, whose line ends alone are kept; each line behind `indent`.
std::string printable_lines(std::string_view text, std::string_view indent);

}  // namespace florin::cli
