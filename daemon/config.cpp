#include "daemon/config.h"

#include <fmt/format.h>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>
#include <charconv>
#include <fstream>
#include <sstream>

#include "daemon/config_lines.h"
#include "daemon/net/client.h"

namespace florin {
namespace {

namespace po = boost::program_options;

/// Values as read, before they are checked.
struct Raw {
  std::string data_directory, run_directory, uids, brand, address, certificate, private_key,
      certificates, notices_address, notices_certificate, notices_private_key, module,
      module_sha256, uri, pin_source, roots, exports, backups, origin, egress_hosts;
  bool evaluation = false, allow_private = false, execute_on_approval = true;
  std::int64_t port = 0, notices_port = 0, hsm_timeout_ms = 0, checkpoint_ms = 0, connector_ms = 0,
               confirm_s = 0, hsm_lanes = 0, hsm_grace_s = 0, hsm_probe_ms = 0, hsm_restart_ms = 0,
               hsm_stuck_ms = 0, max_unsigned_s = 0, approve_s = 0, execute_s = 0,
               line_in_flight = 0, line_per_s = 0, line_failures = 0, line_open_s = 0;
};

po::options_description description(Raw& raw) {
  po::options_description out("keys");
  const auto text = [](std::string& into) { return po::value<std::string>(&into)->required(); };
  const auto optional = [](std::string& into, const char* standard) {
    return po::value<std::string>(&into)->default_value(standard);
  };
  const auto number = [](std::int64_t& into, std::int64_t standard) {
    return po::value<std::int64_t>(&into)->default_value(standard);
  };
  const auto flag = [](bool& into) { return po::value<bool>(&into)->default_value(false); };
  auto add = out.add_options();
  add("instance.data_directory", text(raw.data_directory));
  add("instance.run_directory", text(raw.run_directory));
  add("instance.evaluation", flag(raw.evaluation));
  add("instance.evaluation_uids", optional(raw.uids, ""));
  add("instance.brand", text(raw.brand));
  add("api.address", optional(raw.address, "127.0.0.1"));
  add("api.port", number(raw.port, 8443));
  add("api.certificate", text(raw.certificate));
  add("api.private_key", text(raw.private_key));
  add("api.certificates", optional(raw.certificates, ""));
  add("notices.address", optional(raw.notices_address, ""));
  add("notices.port", number(raw.notices_port, 8444));
  add("notices.certificate", optional(raw.notices_certificate, ""));
  add("notices.private_key", optional(raw.notices_private_key, ""));
  add("hsm.module", text(raw.module));
  add("hsm.uri", text(raw.uri));
  add("hsm.pin_source", text(raw.pin_source));
  add("hsm.timeout_ms", number(raw.hsm_timeout_ms, 250));
  add("hsm.module_sha256", optional(raw.module_sha256, ""));
  add("hsm.lanes", number(raw.hsm_lanes, 1));
  add("hsm.grace_s", number(raw.hsm_grace_s, 900));
  add("hsm.probe_interval_ms", number(raw.hsm_probe_ms, 5000));
  add("hsm.restart_interval_ms", number(raw.hsm_restart_ms, 30'000));
  add("hsm.stuck_limit_ms", number(raw.hsm_stuck_ms, 60'000));
  add("egress.trusted_roots", optional(raw.roots, ""));
  add("egress.allow_private_addresses", flag(raw.allow_private));
  add("egress.acquirer_hosts", optional(raw.egress_hosts, ""));
  add("audit.export_directory", text(raw.exports));
  add("audit.origin", text(raw.origin));
  add("audit.checkpoint_interval_ms", number(raw.checkpoint_ms, 1000));
  add("audit.max_unsigned_s", number(raw.max_unsigned_s, 900));
  add("backup.directory", optional(raw.backups, ""));
  add("payments.connector_deadline_ms", number(raw.connector_ms, 8000));
  add("payments.confirm_within_s", number(raw.confirm_s, 1800));
  add("payments.connector_max_in_flight", number(raw.line_in_flight, 512));
  add("payments.connector_requests_per_s", number(raw.line_per_s, 0));
  add("payments.connector_breaker_failures", number(raw.line_failures, 15));
  add("payments.connector_breaker_open_s", number(raw.line_open_s, 30));
  add("two_person.approve_within_s", number(raw.approve_s, 24L * 3600));
  add("two_person.execute_within_s", number(raw.execute_s, 3600));
  add("two_person.execute_on_approval",
      po::value<bool>(&raw.execute_on_approval)->default_value(true));
  return out;
}

Error invalid(const std::string& place, const std::string& key, std::string_view what) {
  return Error(Errc::config_invalid, key, fmt::format("{}: {}: {}", place, key, what));
}

using Places = std::map<std::string, std::string>;

std::string place_of(const Places& places, const std::string& key) {
  const auto place = places.find(key);
  return place == places.end() ? "configuration" : place->second;
}

Result<void> check_range(const Places& places, const std::string& key, std::int64_t value,
                         std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return {};
  return invalid(place_of(places, key), key,
                 fmt::format("expected a number from {} to {}", low, high));
}

Result<std::set<std::uint32_t>> parse_uids(const std::string& text) {
  std::set<std::uint32_t> out;
  std::stringstream in(text);
  std::string item;
  while (std::getline(in, item, ',')) {
    std::uint32_t uid = 0;
    const std::size_t blank = item.find_first_not_of(' ');
    const char* const first = item.data() + (blank == std::string::npos ? item.size() : blank);
    const char* const last = item.data() + item.size();
    const auto [end, error] = std::from_chars(first, last, uid);
    if (error != std::errc() || end != last) {
      return invalid("configuration", "instance.evaluation_uids", "expected numbers and commas");
    }
    out.insert(uid);
  }
  return out;
}

// Lower-case, so that it compares as text.
Result<void> check_sha256(const Places& places, const std::string& text) {
  const bool hex = text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (text.empty() || (text.size() == 64 && hex)) return {};
  const std::string key = "hsm.module_sha256";
  return invalid(place_of(places, key), key, "expected 64 hexadecimal digits in lower case");
}

Result<void> check_signing(const Raw& raw, const Places& places) {
  const std::string limit = "audit.max_unsigned_s";
  const std::string interval = "audit.checkpoint_interval_ms";
  FLORIN_TRY_VOID(check_range(places, limit, raw.max_unsigned_s, 1, 86'400));
  FLORIN_TRY_VOID(check_range(places, interval, raw.checkpoint_ms, 50, 3'600'000));
  if (raw.max_unsigned_s * 1000 > raw.checkpoint_ms) return {};
  // Otherwise new work would be refused between two checkpoints that come when they should.
  const std::string& key = places.contains(interval) ? interval : limit;
  return invalid(place_of(places, key), key,
                 fmt::format("{} must be more than {}", limit, interval));
}

Result<void> check_hsm(const Raw& raw, const Places& places) {
  FLORIN_TRY_VOID(check_sha256(places, raw.module_sha256));
  FLORIN_TRY_VOID(check_range(places, "hsm.timeout_ms", raw.hsm_timeout_ms, 10, 60'000));
  FLORIN_TRY_VOID(check_range(places, "hsm.lanes", raw.hsm_lanes, 1, 64));
  FLORIN_TRY_VOID(check_range(places, "hsm.grace_s", raw.hsm_grace_s, 0, 86'400));
  FLORIN_TRY_VOID(check_range(places, "hsm.probe_interval_ms", raw.hsm_probe_ms, 100, 3'600'000));
  FLORIN_TRY_VOID(check_range(places, "hsm.restart_interval_ms", raw.hsm_restart_ms, 100, 600'000));
  return check_range(places, "hsm.stuck_limit_ms", raw.hsm_stuck_ms, 1000, 3'600'000);
}

Result<void> check_lines(const Raw& raw, const std::map<std::string, std::string>& places) {
  FLORIN_TRY_VOID(
      check_range(places, "payments.connector_deadline_ms", raw.connector_ms, 100, 120'000));
  FLORIN_TRY_VOID(check_range(places, "payments.confirm_within_s", raw.confirm_s, 1, 86'400));
  FLORIN_TRY_VOID(
      check_range(places, "payments.connector_max_in_flight", raw.line_in_flight, 1, 10'000));
  FLORIN_TRY_VOID(
      check_range(places, "payments.connector_requests_per_s", raw.line_per_s, 0, 1'000'000));
  FLORIN_TRY_VOID(
      check_range(places, "payments.connector_breaker_failures", raw.line_failures, 0, 20));
  return check_range(places, "payments.connector_breaker_open_s", raw.line_open_s, 1, 3'600);
}

// Names separated by commas; a name with a point in front stands for all below it.
Result<std::vector<std::string>> parse_hosts(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    std::erase(name, ' ');
    const std::string host = name.starts_with('.') ? name.substr(1) : name;
    const auto url = net::parse_url("https://" + host + "/");
    if (!url.ok() || url->host != host || url->port != 443) {
      return invalid("configuration", "egress.acquirer_hosts",
                     "expected names of hosts in lower case, separated by commas");
    }
    out.push_back(std::move(name));
  }
  return out;
}

void fill_lines(Config& config, const Raw& raw) {
  config.line_limits = {.max_in_flight = static_cast<std::size_t>(raw.line_in_flight),
                        .per_second = static_cast<std::uint32_t>(raw.line_per_s),
                        .breaker_failures = static_cast<std::size_t>(raw.line_failures),
                        .breaker_open_s = raw.line_open_s};
}

Result<void> check_notices(const Raw& raw, const std::map<std::string, std::string>& places) {
  FLORIN_TRY_VOID(check_range(places, "notices.port", raw.notices_port, 0, 65'535));
  if (raw.notices_certificate.empty() == raw.notices_private_key.empty()) return {};
  return invalid("configuration", "notices.certificate",
                 "a certificate and its private key belong together");
}

void fill_notices(Config& config, const Raw& raw) {
  config.notices_address = raw.notices_address;
  config.notices_port = static_cast<std::uint16_t>(raw.notices_port);
  config.notices_certificate = raw.notices_certificate;
  config.notices_private_key = raw.notices_private_key;
}

void fill_hsm(Config& config, const Raw& raw) {
  config.hsm_module_sha256 = raw.module_sha256;
  config.hsm_lanes = static_cast<std::size_t>(raw.hsm_lanes);
  config.hsm_grace = std::chrono::seconds(raw.hsm_grace_s);
  config.hsm_probe_interval = std::chrono::milliseconds(raw.hsm_probe_ms);
  config.hsm_restart_interval = std::chrono::milliseconds(raw.hsm_restart_ms);
  config.hsm_stuck_limit = std::chrono::milliseconds(raw.hsm_stuck_ms);
  config.max_unsigned = std::chrono::seconds(raw.max_unsigned_s);
}

Result<void> check_paths(const Raw& raw, const Places& places) {
  for (const auto& [key, path] : {std::pair{"instance.data_directory", &raw.data_directory},
                                  {"instance.run_directory", &raw.run_directory},
                                  {"api.certificate", &raw.certificate},
                                  {"api.private_key", &raw.private_key},
                                  {"api.certificates", &raw.certificates},
                                  {"notices.certificate", &raw.notices_certificate},
                                  {"notices.private_key", &raw.notices_private_key},
                                  {"audit.export_directory", &raw.exports},
                                  {"backup.directory", &raw.backups}}) {
    const bool may_be_left_out = path == &raw.backups || path == &raw.certificates ||
                                 path == &raw.notices_certificate ||
                                 path == &raw.notices_private_key;
    if (may_be_left_out && path->empty()) continue;
    if (!std::filesystem::path(*path).is_absolute()) {
      return invalid(place_of(places, key), key, "expected an absolute path");
    }
  }
  return {};
}

Result<Config> checked(const Raw& raw, const Places& places) {
  FLORIN_TRY_VOID(check_range(places, "api.port", raw.port, 0, 65'535));
  FLORIN_TRY_VOID(check_hsm(raw, places));
  FLORIN_TRY_VOID(check_notices(raw, places));
  FLORIN_TRY_VOID(check_signing(raw, places));
  FLORIN_TRY_VOID(check_lines(raw, places));
  FLORIN_TRY_VOID(
      check_range(places, "two_person.approve_within_s", raw.approve_s, 1, 30L * 24 * 3600));
  FLORIN_TRY_VOID(
      check_range(places, "two_person.execute_within_s", raw.execute_s, 1, 7L * 24 * 3600));
  FLORIN_TRY_VOID(check_paths(raw, places));
  Config config{.data_directory = raw.data_directory,
                .run_directory = raw.run_directory,
                .evaluation = raw.evaluation,
                .evaluation_uids = {},
                .brand = raw.brand,
                .api_address = raw.address,
                .api_port = static_cast<std::uint16_t>(raw.port),
                .certificate = raw.certificate,
                .private_key = raw.private_key,
                .certificates = raw.certificates,
                .hsm_module = raw.module,
                .hsm_module_sha256 = {},
                .hsm_uri = raw.uri,
                .hsm_pin_source = raw.pin_source,
                .hsm_timeout = std::chrono::milliseconds(raw.hsm_timeout_ms),
                .trusted_roots = raw.roots,
                .allow_private_addresses = raw.allow_private,
                .export_directory = raw.exports,
                .backup_directory = raw.backups,
                .origin = raw.origin,
                .checkpoint_interval = std::chrono::milliseconds(raw.checkpoint_ms),
                .connector_deadline = std::chrono::milliseconds(raw.connector_ms),
                .confirm_within = std::chrono::seconds(raw.confirm_s),
                .approve_within = std::chrono::seconds(raw.approve_s),
                .execute_within = std::chrono::seconds(raw.execute_s),
                .execute_on_approval = raw.execute_on_approval};
  fill_hsm(config, raw);
  fill_lines(config, raw);
  FLORIN_TRY(config.egress_hosts, parse_hosts(raw.egress_hosts));
  fill_notices(config, raw);
  FLORIN_TRY(config.evaluation_uids, parse_uids(raw.uids));
  if (config.allow_private_addresses && !config.evaluation) {
    return invalid("configuration", "egress.allow_private_addresses",
                   "is for evaluation instances only");
  }
  if (!config.evaluation && !config.evaluation_uids.empty()) {
    return invalid("configuration", "instance.evaluation_uids", "is for evaluation instances only");
  }
  return config;
}

Result<std::vector<ConfigValue>> read_all(const std::filesystem::path& file,
                                          const std::vector<std::string>& overrides) {
  std::ifstream in(file);
  if (!in) {
    return Error(Errc::config_invalid, {}, fmt::format("{}: cannot be read", file.string()));
  }
  std::stringstream text;
  text << in.rdbuf();
  FLORIN_TRY(std::vector<ConfigValue> values,
             read_config_lines(text.str(), file.filename().string()));
  for (const std::string& item : overrides) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) {
      return Error(Errc::config_invalid, {}, "--set takes section.key=value, not " + item);
    }
    ConfigValue value{item.substr(0, equals), item.substr(equals + 1), "--set"};
    std::erase_if(values, [&](const ConfigValue& earlier) { return earlier.key == value.key; });
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace

std::vector<std::string> config_keys() {
  Raw raw;
  std::vector<std::string> out;
  const po::options_description known = description(raw);
  out.reserve(known.options().size());
  for (const auto& option : known.options()) out.push_back(option->long_name());
  return out;
}

Result<Config> load_config(const std::filesystem::path& file,
                           const std::vector<std::string>& overrides) {
  FLORIN_TRY(std::vector<ConfigValue> values, read_all(file, overrides));
  const std::vector<std::string> known = config_keys();
  std::map<std::string, std::string> places;
  Raw raw;
  const po::options_description keys = description(raw);
  po::parsed_options parsed(&keys);
  for (const ConfigValue& value : values) {
    if (std::find(known.begin(), known.end(), value.key) == known.end()) {
      return unknown_key(value, known);
    }
    places[value.key] = value.place;
    parsed.options.emplace_back(value.key, std::vector<std::string>{value.value});
  }
  // Boost reports by exception; this is the one place where they become values.
  try {
    po::variables_map stored;
    po::store(parsed, stored);
    po::notify(stored);
  } catch (const po::required_option& missing) {
    return invalid(file.filename().string(), missing.get_option_name(), "is required");
  } catch (const po::validation_error& wrong) {
    const std::string key = wrong.get_option_name();
    const auto place = places.find(key);
    return invalid(place == places.end() ? file.filename().string() : place->second, key,
                   "the value has the wrong form");
  } catch (const po::error& other) {
    return Error(Errc::config_invalid, {}, fmt::format("{}: {}", file.string(), other.what()));
  }
  return checked(raw, places);
}

}  // namespace florin
