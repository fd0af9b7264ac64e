#include "cli/render_request.h"

#include <fmt/format.h>

#include "cli/render.h"

namespace florin::cli {
namespace {

std::string field(const json::value& document, std::string_view name) {
  return format_value(find_path(document, name), Format::text);
}

std::string text_of(const json::value& document) {
  const json::value* found = find_path(document, "text");
  if (found == nullptr || !found->is_string()) return {};
  return printable_lines(std::string_view(found->get_string()), "  ");
}

std::string votes_of(const json::value& document) {
  const json::value* votes = find_path(document, "votes");
  if (votes == nullptr || !votes->is_array()) return {};
  std::string out;
  for (const json::value& vote : votes->get_array()) {
    out += fmt::format("{} by {} (uid {}) {}\n  key        {}\n  signature  {}\n",
                       field(vote, "decision"), field(vote, "person"), field(vote, "uid"),
                       format_value(find_path(vote, "at"), Format::time), field(vote, "key"),
                       field(vote, "signature"));
  }
  return out;
}

}  // namespace

std::string render_request(const json::value& document, const Style& style) {
  std::string out =
      fmt::format("{}  {}  {}\n", field(document, "number"), field(document, "operation"),
                  paint_state(field(document, "state"), style));
  out += "\ntext that is signed:\n" + text_of(document);
  out += fmt::format("sha256 {}\n\n", field(document, "digest"));
  out += fmt::format("requested by {} (uid {})\n  signature  {}\n", field(document, "requested_by"),
                     field(document, "requested_by_uid"), field(document, "signature"));
  out += votes_of(document);
  if (const json::value* evaluation = find_path(document, "evaluation");
      evaluation != nullptr && evaluation->is_bool() && evaluation->get_bool()) {
    out +=
        "evaluation instance: people may share an account, the signatures alone tell them "
        "apart\n";
  }
  out += fmt::format("refused attempts: {}\n", field(document, "refused_attempts"));
  if (find_path(document, "outcome") != nullptr) {
    out += "outcome: " + field(document, "outcome") + "\n";
  }
  if (const json::value* result = find_path(document, "result")) {
    out += "result: " + printable(json::write(*result)) + "\n";
  }
  return out;
}

}  // namespace florin::cli
