#include "daemon/certificate_keeper.h"

#include "base/log.h"
#include "daemon/certificate_folder.h"
#include "daemon/certificate_report.h"

namespace florin {
namespace {

constexpr std::chrono::hours kWatchEvery{24};

}  // namespace

CertificateKeeper::CertificateKeeper(const Config& config, net::Runtime& runtime,
                                     const Clock& clock)
    : config_(config), clock_(clock), timer_(runtime.context().get_executor()) {}

Result<void> CertificateKeeper::load() {
  // Two at once could end with the older files.
  const std::lock_guard one_at_a_time(load_mutex_);
  FLORIN_TRY(net::CertificateFiles files, read_certificate_folder(config_));
  FLORIN_TRY(std::shared_ptr<const net::Certificates> made, net::Certificates::load(files));
  const std::lock_guard lock(mutex_);
  current_ = std::move(made);
  for (net::TlsServer* server : servers_) server->use(current_);
  return {};
}

Result<json::object> CertificateKeeper::reload() {
  if (auto loaded = load(); !loaded.ok()) {
    log_error("tls.reload_refused", loaded.error());
    // Not a failure of the daemon: it serves as before.
    return Error(Errc::state_conflict, {},
                 loaded.error().message() + "; what was there before is served on",
                 loaded.error().detail());
  }
  const auto set = current();
  log(LogLevel::notice, "tls.reloaded", {{"certificates", std::uint64_t{set->status().size()}}});
  warn();
  json::array warnings;
  for (const std::string& text : certificate_warnings(set->status(), clock_.now())) {
    warnings.emplace_back(text);
  }
  return json::object{{"certificates", certificate_items(set->status(), clock_.now())},
                      {"warnings", std::move(warnings)}};
}

std::shared_ptr<const net::Certificates> CertificateKeeper::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

json::array CertificateKeeper::status() const {
  const auto set = current();
  return set ? certificate_items(set->status(), clock_.now()) : json::array();
}

void CertificateKeeper::serve(net::TlsServer* server) {
  const std::lock_guard lock(mutex_);
  if (server == nullptr) {
    servers_.clear();
    return;
  }
  servers_.push_back(server);
  // A reload may have come between the making of the server and this.
  if (current_) server->use(current_);
}

void CertificateKeeper::watch() {
  if (stopped_) return;
  warn();
  timer_.expires_after(kWatchEvery);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) watch();
  });
}

void CertificateKeeper::stop() {
  stopped_ = true;
  timer_.cancel();
}

void CertificateKeeper::warn() const {
  const auto set = current();
  if (!set) return;
  for (const std::string& text : certificate_warnings(set->status(), clock_.now())) {
    log(LogLevel::warning, "tls.attention", {{"reason", text}});
  }
}

}  // namespace florin
