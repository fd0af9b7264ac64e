#include "cli/render_status.h"

#include <fmt/format.h>

#include "cli/render.h"
#include "cli/render_certificates.h"

namespace florin::cli {
namespace {

std::string text_at(const json::value& document, std::string_view path,
                    Format format = Format::text) {
  return format_value(find_path(document, path), format);
}

std::string shortened(const std::string& root) {
  return root.size() > 16 ? root.substr(0, 8) + "…" + root.substr(root.size() - 8) : root;
}

std::string ledger_table(const json::value& document) {
  const json::value* ledgers = find_path(document, "ledgers");
  if (ledgers == nullptr || !ledgers->is_array() || ledgers->get_array().empty()) return {};
  std::vector<std::vector<std::string>> rows{{"LEDGER", "ENTRIES", "SIGNED", "ROOT"}};
  for (const json::value& ledger : ledgers->get_array()) {
    rows.push_back({text_at(ledger, "tenant") + "/" + text_at(ledger, "mode"),
                    text_at(ledger, "entries"), text_at(ledger, "signed_size"),
                    shortened(text_at(ledger, "root"))});
  }
  return "\n" + format_grid(rows, {false, true, true, false});
}

// Books that were restored take no payments until two people open them.
std::string recovering_notice(const json::value& document) {
  const json::value* ledgers = find_path(document, "ledgers");
  if (ledgers == nullptr || !ledgers->is_array()) return {};
  std::string names;
  for (const json::value& ledger : ledgers->get_array()) {
    if (text_at(ledger, "recovering") != "yes") continue;
    const std::string tenant = text_at(ledger, "tenant");
    names += " " + (tenant == "system" ? tenant : tenant + "/" + text_at(ledger, "mode"));
  }
  if (names.empty()) return {};
  return "\nrecovering:" + names + "\nNext: florin ledger reopen LEDGER --reason TEXT\n";
}

}  // namespace

std::string render_status(const json::value& document, const Style& style) {
  const std::string state = text_at(document, "state");
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"daemon", fmt::format("{} since {}, version {}", paint_state(state, style),
                                        text_at(document, "since", Format::time),
                                        text_at(document, "version"))});
  const json::value* evaluation = find_path(document, "evaluation");
  if (evaluation != nullptr && evaluation->is_bool() && evaluation->get_bool()) {
    rows.push_back({"mode", "evaluation: for trying, never for production"});
  }
  std::string hsm = text_at(document, "hsm.state");
  if (const json::value* token = find_path(document, "hsm.token");
      token != nullptr && token->is_string() && !token->get_string().empty()) {
    hsm +=
        fmt::format(", token {}, serial {}, keys {}", text_at(document, "hsm.token"),
                    text_at(document, "hsm.serial"), text_at(document, "hsm.keys", Format::names));
  }
  rows.push_back({"hsm", std::move(hsm)});
  rows.push_back({"tenants", text_at(document, "tenants")});
  std::string doubts = text_at(document, "payments_in_doubt");
  if (const std::string oldest = text_at(document, "oldest_doubt_s"); oldest != "-") {
    doubts += fmt::format(", the oldest for {} s: florin payment in-doubt", oldest);
  }
  rows.push_back({"in doubt", std::move(doubts)});
  if (const std::string reviews = text_at(document, "payments_in_review");
      reviews != "-" && reviews != "0") {
    rows.push_back({"in review", reviews + ": florin payment in-doubt"});
  }
  if (text_at(document, "clock.state") == "diverged") {
    rows.push_back({"clock", fmt::format("DIVERGED by {} s, nothing is dispatched: "
                                         "florin config confirm-clock when the time is right",
                                         text_at(document, "clock.divergence_s"))});
  }
  rows.push_back({"append-only by the kernel", text_at(document, "append_only")});
  std::string out = format_grid(rows, {false, false}) + ledger_table(document);
  if (const std::string certificates = render_certificates(document, style);
      !certificates.empty()) {
    out += "\n" + certificates;
  }
  out += recovering_notice(document);
  if (state == "setup")
    out += "\nNext: florin role enrol NAME (two people), then florin hsm init\n";
  if (state == "serving" && text_at(document, "tenants") == "0") {
    out += "\nNext: florin tenant create NAME\n";
  }
  return out;
}

}  // namespace florin::cli
