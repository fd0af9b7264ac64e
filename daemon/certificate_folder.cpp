#include "daemon/certificate_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include "daemon/config_lines.h"

namespace florin {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string>& domain_keys() {
  static const std::vector<std::string> keys = {"domain.tenant", "domain.client_certificates"};
  return keys;
}

Error folder_error(const fs::path& path, std::string_view what) {
  return Error(Errc::tls_failed, {}, fmt::format("{}: {}", path.string(), what));
}

// Only what is really absent counts as absent: otherwise a link that leads nowhere would lift a
// domain's limits.
Result<bool> there(const fs::path& path) {
  std::error_code error;
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) return false;
  const bool file = fs::status(path, error).type() == fs::file_type::regular;
  if (file && ::access(path.c_str(), R_OK) == 0) return true;
  return folder_error(path, "is not a file that can be read");
}

Result<net::ClientPolicy> policy_of(const ConfigValue& value) {
  for (const auto policy :
       {net::ClientPolicy::none, net::ClientPolicy::optional, net::ClientPolicy::required}) {
    if (value.value == net::client_policy_name(policy)) return policy;
  }
  return Error(Errc::config_invalid, value.key,
               value.place + ": client_certificates is none, optional or required");
}

struct DomainSettings {
  std::string tenant;
  std::optional<net::ClientPolicy> clients;
};

Result<DomainSettings> read_settings(const fs::path& folder) {
  DomainSettings settings;
  const fs::path file = folder / "domain.conf";
  FLORIN_TRY(const bool present, there(file));
  if (!present) return settings;
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return folder_error(file, "cannot be read");
  FLORIN_TRY(std::vector<ConfigValue> values, read_config_lines(text.str(), file.string()));
  for (const ConfigValue& value : values) {
    if (value.key == "domain.tenant") {
      settings.tenant = value.value;
    } else if (value.key == "domain.client_certificates") {
      FLORIN_TRY(settings.clients, policy_of(value));
    } else {
      return unknown_key(value, domain_keys());
    }
  }
  return settings;
}

Result<net::DomainFiles> read_domain(const fs::path& folder) {
  FLORIN_TRY(DomainSettings settings, read_settings(folder));
  net::DomainFiles files{.domain = folder.filename().string(),
                         .chain = folder / "chain.pem",
                         .key = folder / "key.pem",
                         .tenant = std::move(settings.tenant),
                         .clients = net::ClientPolicy::none,
                         .client_anchors = {},
                         .client_revocations = {}};
  FLORIN_TRY(const bool anchors, there(folder / "clients.pem"));
  FLORIN_TRY(const bool revocations, there(folder / "clients.crl"));
  // Who puts authorities there means them; forgetting the setting must not open the door.
  files.clients =
      settings.clients.value_or(anchors ? net::ClientPolicy::required : net::ClientPolicy::none);
  const bool asked = files.clients != net::ClientPolicy::none;
  if (asked && !anchors) return folder_error(folder, "client certificates need clients.pem");
  if (!asked && anchors) {
    return folder_error(folder, "clients.pem is there, but client_certificates is none");
  }
  if (!asked && revocations)
    return folder_error(folder, "clients.crl is there without clients.pem");
  if (anchors) files.client_anchors = folder / "clients.pem";
  if (revocations) files.client_revocations = folder / "clients.crl";
  return files;
}

}  // namespace

Result<net::CertificateFiles> read_certificate_folder(const Config& config) {
  net::CertificateFiles files{
      .chain = config.certificate, .key = config.private_key, .domains = {}};
  if (config.certificates.empty()) return files;
  std::error_code error;
  std::vector<fs::path> folders;
  for (fs::directory_iterator at(config.certificates, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename().native().starts_with('.')) continue;
    if (!at->is_directory(error)) {
      return folder_error(at->path(), "only folders named by a domain belong here");
    }
    folders.push_back(at->path());
  }
  if (error) return folder_error(config.certificates, error.message());
  std::sort(folders.begin(), folders.end());
  for (const fs::path& folder : folders) {
    FLORIN_TRY(net::DomainFiles domain, read_domain(folder));
    files.domains.push_back(std::move(domain));
  }
  return files;
}

}  // namespace florin
