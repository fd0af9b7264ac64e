#include "daemon/admin/body.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/http/query.h"

namespace florin::admin {

Result<std::uint64_t> read_number(std::string_view name, std::string_view text, std::uint64_t low,
                                  std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    return Error(Errc::malformed_value, std::string(name),
                 "expected a number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

Result<std::int64_t> read_duration_s(std::string_view field, std::string_view text) {
  constexpr std::int64_t most_s = std::int64_t{3650} * 86'400;
  std::int64_t unit = 1;
  if (!text.empty()) {
    constexpr std::string_view letters = "smhd";
    constexpr std::array<std::int64_t, 4> seconds = {1, 60, 3600, 86'400};
    if (const auto at = letters.find(text.back()); at != std::string_view::npos) {
      unit = seconds[at];
      text.remove_suffix(1);
    }
  }
  std::int64_t count = 0;
  const char* const first = text.data();
  const char* const last = first + text.size();
  const auto [end, failure] = std::from_chars(first, last, count);
  if (failure != std::errc() || end != last || count < 0 || count > most_s / unit) {
    return Error(Errc::malformed_value, std::string(field),
                 "expected a time such as 90s, 15m, 24h, 7d");
  }
  return count * unit;
}

Result<std::vector<std::string>> read_texts(const http::Request& request,
                                            const std::vector<TextField>& fields) {
  FLORIN_TRY(json::value body, json::parse(request.body.empty() ? "{}" : request.body));
  json::Reader reader(body);
  std::vector<std::string> out;
  out.reserve(fields.size());
  for (const TextField& field : fields) {
    out.push_back(reader.text(field.name, field.limit, field.required).value_or(""));
  }
  std::vector<Error> problems = reader.finish();
  if (!problems.empty()) return std::move(problems.front());
  return out;
}

Result<Page> read_page(const http::Request& request) {
  FLORIN_TRY(http::QueryPairs pairs, http::parse_query(request.query()));
  Page page;
  std::vector<std::string> seen;
  for (const auto& [name, value] : pairs) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return Error(Errc::malformed_value, name.substr(0, 64), "is given more than once");
    }
    seen.push_back(name);
    if (name == "limit") {
      FLORIN_TRY(page.limit, read_number(name, value, 1, 1000));
    } else if (name == "from") {
      FLORIN_TRY(page.from, read_number(name, value, 0, UINT64_MAX));
    } else if (name == "before") {
      FLORIN_TRY(page.before, read_number(name, value, 0, UINT64_MAX));
    } else if (name == "at") {
      auto time = from_rfc3339(value);
      if (!time.ok()) return std::move(time).error().in_field("at");
      page.at = *time;
    } else if (name == "cursor") {
      page.cursor = value;
    } else if (name == "merchant") {
      page.merchant = value;
    } else {
      return Error(Errc::field_unknown, name.substr(0, 64), "is not known here");
    }
  }
  return page;
}

http::Response document(int status, std::string_view schema, const json::object& body) {
  json::object out{{"schema", schema}};
  for (const auto& member : body) out.insert(member);
  return http::json_response(status, json::write(out));
}

http::Response list_document(std::string_view schema, json::array items) {
  return document(200, schema, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<control::Appliance*> appliance_of(const Call& call) {
  if (call.appliance == nullptr) return call.machine.not_serving();
  return call.appliance;
}

Result<ledger::TenantLedger> ledger_of(const Call& call) {
  FLORIN_TRY(control::Appliance * appliance, appliance_of(call));
  FLORIN_TRY(domain::Tenant tenant, appliance->tenant(call.match.parameter("tenant")));
  auto mode = ledger::parse_mode(call.match.parameter("mode"));
  if (!mode.ok() || *mode == ledger::Mode::system) {
    return Error(Errc::not_found, "mode", "expected test or live");
  }
  FLORIN_TRY(ledger::TenantLedger ledger, appliance->ledger_of(tenant.id, *mode));
  // What was answered before must be there when it is asked for.
  FLORIN_TRY_VOID(ledger.books->catch_up());
  return ledger;
}

}  // namespace florin::admin
