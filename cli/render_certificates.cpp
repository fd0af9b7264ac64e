#include "cli/render_certificates.h"

#include "cli/render.h"

namespace florin::cli {
namespace {

const json::array* array_at(const json::value& document, std::string_view path) {
  const json::value* found = find_path(document, path);
  return found != nullptr && found->is_array() ? &found->get_array() : nullptr;
}

std::string text_at(const json::value& document, std::string_view path) {
  return format_value(find_path(document, path), Format::text);
}

std::string joined(const json::array* texts) {
  std::string out;
  for (std::size_t i = 0; texts != nullptr && i < texts->size(); ++i) {
    out += (i == 0 ? "" : ", ") + format_value(&(*texts)[i], Format::text);
  }
  return out;
}

}  // namespace

std::string render_certificates(const json::value& document, const Style& /*style*/) {
  std::string out;
  const json::array* certificates = array_at(document, "certificates");
  if (certificates != nullptr && !certificates->empty()) {
    std::vector<std::vector<std::string>> rows{
        {"CERTIFICATE", "FOR", "DAYS LEFT", "CLIENT CERTIFICATES", "TENANT"}};
    for (const json::value& one : *certificates) {
      const std::string domain = text_at(one, "domain");
      rows.push_back({domain.empty() ? "default" : domain, joined(array_at(one, "names")),
                      text_at(one, "days_left"), text_at(one, "client_certificates"),
                      text_at(one, "tenant")});
    }
    out += format_grid(rows, {false, false, true, false, false});
  }
  const json::array* warnings = array_at(document, "warnings");
  for (std::size_t i = 0; warnings != nullptr && i < warnings->size(); ++i) {
    out += "warning: " + format_value(&(*warnings)[i], Format::text) + "\n";
  }
  return out;
}

}  // namespace florin::cli
