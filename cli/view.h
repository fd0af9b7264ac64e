#pragma once
/// How an answer is shown to people, as data.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace florin::cli {

enum class Output : std::uint8_t { table, json };

enum class Format : std::uint8_t {
  text,    ///< texts and integers as they are
  number,  ///< right-aligned
  time,    ///< RFC 3339 as "2026-11-20 09:12:00"
  money,   ///< an object {value, currency, exponent}
  count,   ///< the length of an array
  names,   ///< an array of objects: their member "name", comma-separated
};

struct Column {
  std::string_view title;
  std::string_view path;  ///< members from the row down, joined by dots
  Format format = Format::text;
};

/// Colours for words that tell a state; off unless a person is looking.
struct Style {
  bool colour = false;
};

using Renderer = std::string (*)(const json::value& document, const Style& style);

struct View {
  enum class Shape : std::uint8_t { table, record, custom } shape = Shape::record;
  std::vector<Column> columns;
  std::string_view empty;  ///< said when a table has no rows
  Renderer custom = nullptr;
};

}  // namespace florin::cli
