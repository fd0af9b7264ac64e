#include "cli/render_doubts.h"

#include <fmt/format.h>

#include "cli/render.h"

namespace florin::cli {
namespace {

std::string text_at(const json::value& from, std::string_view path, Format format = Format::text) {
  return format_value(find_path(from, path), format);
}

// "3d 04h", "2h 05m", "12m 30s".
std::string age_text(const json::value& row) {
  const json::value* age = find_path(row, "age_s");
  if (age == nullptr || !age->is_int64()) return "-";
  const std::int64_t s = age->get_int64();
  if (s >= 86'400) return fmt::format("{}d {:02}h", s / 86'400, s / 3600 % 24);
  if (s >= 3600) return fmt::format("{}h {:02}m", s / 3600, s / 60 % 60);
  return fmt::format("{}m {:02}s", s / 60, s % 60);
}

std::string sums_text(const json::value& document) {
  const json::value* sums = find_path(document, "sums");
  if (sums == nullptr || !sums->is_array()) return {};
  std::string out;
  for (const json::value& sum : sums->get_array()) {
    out += fmt::format("{} in {} operation(s)\n", text_at(sum, "amount", Format::money),
                       text_at(sum, "count"));
  }
  return out;
}

}  // namespace

std::string render_doubts(const json::value& document, const Style& /*style*/) {
  const json::value* items = find_path(document, "items");
  if (items == nullptr || !items->is_array() || items->get_array().empty()) {
    return "nothing in doubt\n";
  }
  std::vector<std::vector<std::string>> rows{{"AGE", "LEDGER", "PAYMENT", "KIND", "STATE", "AMOUNT",
                                              "CONNECTOR", "INQUIRIES", "NEXT", "EVIDENCE"}};
  rows.reserve(items->get_array().size() + 1);
  for (const json::value& row : items->get_array()) {
    rows.push_back({age_text(row), text_at(row, "tenant") + "/" + text_at(row, "mode"),
                    text_at(row, "payment"), text_at(row, "kind"), text_at(row, "state"),
                    text_at(row, "amount", Format::money), text_at(row, "connector"),
                    text_at(row, "inquiries"), text_at(row, "next_inquiry_at", Format::time),
                    text_at(row, "last_evidence")});
  }
  const std::vector<bool> right = {true, false, false, false, false,
                                   true, false, true,  false, false};
  std::string out = format_grid(rows, right) + "\n" + sums_text(document);
  const json::value* count = find_path(document, "count");
  const auto shown = static_cast<std::int64_t>(items->get_array().size());
  if (count != nullptr && count->is_int64() && count->get_int64() > shown) {
    out += fmt::format("{} more are not shown; the sums are of all\n", count->get_int64() - shown);
  }
  return out;
}

}  // namespace florin::cli
