#include "cli/render_schema.h"

#include <fmt/format.h>

#include "cli/render.h"

namespace florin::cli {
namespace {

std::string text(const json::value& row, std::string_view path) {
  const json::value* const found = find_path(row, path);
  if (found == nullptr) return {};
  if (const auto* words = found->if_string()) {
    return printable(std::string_view(words->data(), words->size()));
  }
  if (found->is_bool()) return found->get_bool() ? "yes" : "no";
  if (!found->is_array()) return json::write(*found);
  std::string joined;
  for (const json::value& item : found->get_array()) {
    if (!joined.empty()) joined += ", ";
    joined += item.is_string() ? printable(std::string_view(item.get_string())) : json::write(item);
  }
  return joined;
}

void section(std::string& out, const json::value& document, std::string_view member,
             const std::vector<Column>& columns) {
  const json::value* const rows = find_path(document, member);
  if (rows == nullptr || !rows->is_array()) return;
  std::vector<std::size_t> widths;
  widths.reserve(columns.size());
  for (const Column& column : columns) {
    std::size_t width = column.title.size();
    for (const json::value& row : rows->get_array()) {
      width = std::max(width, text(row, column.path).size());
    }
    widths.push_back(width);
  }
  out += '\n';
  for (std::size_t i = 0; i < columns.size(); ++i) {
    out += fmt::format("{:<{}}  ", columns[i].title, widths[i]);
  }
  out += '\n';
  for (const json::value& row : rows->get_array()) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      out += fmt::format("{:<{}}  ", text(row, columns[i].path), widths[i]);
    }
    out += '\n';
  }
}

}  // namespace

std::string render_schema(const json::value& document, const Style& /*style*/) {
  std::string out = fmt::format("{} version {}: {}\n", text(document, "name"),
                                text(document, "version"), text(document, "title"));
  if (const json::value* const sheet = find_path(document, "capabilities");
      sheet != nullptr && sheet->is_object()) {
    out += '\n';
    for (const auto& [name, value] : sheet->get_object()) {
      if (name == "operations") continue;
      out += fmt::format("{:<27} {}\n", std::string_view(name), text(*sheet, name));
    }
  }
  section(out, document, "capabilities.operations",
          {{"OPERATION", "operation"},
           {"IDEMPOTENT", "idempotent"},
           {"KEY LIVES (s)", "key_lifetime_s"},
           {"READS BEHIND (s)", "consistency_window_s"},
           {"UNKNOWN IS RESOLVED BY", "unknown_resolution"}});
  section(out, document, "decline_codes", {{"THEIRS", "theirs"}, {"OURS", "ours"}});
  section(out, document, "faults",
          {{"OPERATION", "operation"},
           {"FAULT", "fault"},
           {"OUTCOME", "outcome"},
           {"RESOLVED BY", "resolution"}});
  section(out, document, "declines",
          {{"CODE", "code"},
           {"CATEGORY", "category"},
           {"ADVICE", "advice"},
           {"RETRY AFTER (s)", "retry_after_s"},
           {"MEANING", "meaning"}});
  return out;
}

}  // namespace florin::cli
