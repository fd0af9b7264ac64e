#include "daemon/app.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <fstream>

#include "base/log.h"
#include "daemon/control/append_only.h"
#include "daemon/control/audit_export.h"
#include "daemon/control/audit_note.h"
#include "daemon/control/reports.h"
#include "daemon/pin_marker.h"
#include "daemon/socket_group.h"
#include "daemon/version.h"

namespace florin {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// `florin backup restore` keeps this file in the data directory until everything is there.
constexpr std::string_view kUnfinishedRestore = "restoring";
constexpr milliseconds kDrainLimit{20'000};
constexpr milliseconds kOperatorDrainLimit{1'000};

Result<void> make_private_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return Error(Errc::io_failure, {}, fmt::format("{}: {}", path.string(), error.message()));
  }
  return {};
}

// Scripts and tests learn the port from here; complete or absent, never half.
Result<void> write_port_file(const fs::path& path, std::uint16_t port) {
  const fs::path temporary = path.string() + ".new";
  {
    std::ofstream out(temporary);
    out << port << "\n";
    out.flush();
    if (!out) return Error(Errc::io_failure, {}, temporary.string() + ": cannot be written");
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) return Error(Errc::io_failure, {}, path.string() + ": " + error.message());
  return {};
}

}  // namespace

App::App(Config config)
    : config_(std::move(config)),
      started_at_(clock_.now()),
      certificates_(config_, runtime_, clock_),
      access_(config_.evaluation, config_.evaluation_uids) {}

App::~App() = default;

Result<void> App::run() {
  FLORIN_TRY_VOID(make_private_directory(config_.data_directory));
  FLORIN_TRY_VOID(make_private_directory(config_.run_directory));
  FLORIN_TRY(lock_, InstanceLock::take(config_.data_directory));
  FLORIN_TRY_VOID(make_clients());
  FLORIN_TRY_VOID(open_delivery());
  // Before the token is opened: a signal must not end the process inside a login, which some
  // tokens do not survive. It is acted on when the start is over.
  runtime_.on_signal([this](int signal) { stop_on_signal(signal); });
  FLORIN_TRY_VOID(start());
  FLORIN_TRY_VOID(open_operator_sockets());
  if (state_ == StartState::serving) {
    runtime_.spawn("begin serving", [this] { return begin_serving(); });
  } else {
    sd_notifyf(0, "READY=1\nSTATUS=%s", std::string(start_state_name(state_)).c_str());
  }
  runtime_.spawn("watch", [this] { return watch_custody(); });
  log(LogLevel::notice, "daemon.started", {{"state", start_state_name(state_)}});
  runtime_.run();
  // Nothing that holds a ledger may outlive the runtime its observers post to.
  certificates_.serve(nullptr);
  merchant_server_.reset();
  operator_servers_.clear();
  if (backups_) backups_->stop();
  delivery_.reset();
  contexts_.clear();
  bool stuck = false;
  {
    const std::lock_guard lock(custody_mutex_);
    drop_services();
    stuck = custody_ && !custody_->close();
    custody_.reset();
  }
  log(LogLevel::notice, "daemon.stopped");
  // A thread is inside the module: exit() would run its handlers under that thread's feet.
  if (stuck && !failure_) ::_exit(0);
  if (failure_) return std::move(*failure_);
  return {};
}

Result<void> App::make_clients() {
  net::ClientOptions options{.trusted_roots = config_.trusted_roots,
                             .public_addresses_only = !config_.allow_private_addresses};
  options.deadlines.total = config_.connector_deadline;
  FLORIN_TRY(acquirer_client_, net::make_client(runtime_, options));
  options.deadlines.total = net::ClientDeadlines{}.total;
  FLORIN_TRY(webhook_client_, net::make_client(runtime_, options));
  acquirer_ = std::make_unique<engine::Acquirer>(*acquirer_client_);
  payments_ = std::make_unique<engine::PaymentService>(clock_, entropy_, *acquirer_);
  resolver_ = std::make_unique<engine::Resolver>(runtime_, contexts_, *payments_, *acquirer_);
  return {};
}

Result<void> App::open_delivery() {
  FLORIN_TRY(delivery_,
             delivery::DeliveryService::open({.directory = config_.data_directory / "delivery",
                                              .brand = config_.brand,
                                              .client = webhook_client_},
                                             runtime_, clock_, entropy_));
  return {};
}

Result<void> App::start() {
  if (std::error_code error; fs::exists(config_.data_directory / kUnfinishedRestore, error)) {
    return Error(Errc::state_conflict, {},
                 "the data directory is an unfinished restore: empty it and restore again");
  }
  state_ = Custody::expected_state(config_);
  if (state_ == StartState::setup) return {};
  if (pin_was_refused(config_.data_directory)) {
    log(LogLevel::error, "daemon.sealed", {{"reason", "the token refused the PIN before"}});
    state_ = StartState::sealed;
    return {};
  }
  auto custody = Custody::open(
      config_, gate_, clock_, entropy_,
      [this](const ledger::TenantLedger& ledger) { ledger_opened(ledger); }, hsm_hooks());
  if (!custody.ok() && custody.error().code() == Errc::hsm_pin_missing) {
    log_error("daemon.sealed", custody.error());
    state_ = StartState::sealed;
    access_.set_sealed();
    return {};
  }
  if (!custody.ok()) {
    note_refused_pin(custody.error());
    return std::move(custody).error();
  }
  custody_ = std::move(*custody);
  return make_services();
}

void App::ledger_opened(const ledger::TenantLedger& ledger) {
  auto context = engine::Context::make(ledger);
  if (!context.ok()) {
    log_error("ledger.not_served", context.error());
    return;
  }
  contexts_.put(std::move(*context));
  runtime_.post([this, ledger] {
    if (delivery_ && !stopping_) delivery_->attach(ledger);
  });
}

Result<void> App::open_operator_sockets() {
  machine_ = {.status = [this] { return status(); },
              .hsm_status = [this] { return hsm_status(); },
              .initialise = [this](const Secret& pin, const FirstPeople& people,
                                   control::Person by) { return initialise(pin, people, by); },
              .lock = [this](control::Person person) { return lock_hsm(person); },
              .unlock = [this](const Secret& pin,
                               control::Person person) { return unlock_hsm(pin, person); },
              .probe = [this] { return probe_hsm(); },
              .metrics = [this] { return metrics_.to_text(); },
              .hold = [this] { return handlers_.enter(); },
              .appliance = [this]() -> control::Appliance* {
                const std::lock_guard lock(custody_mutex_);
                return custody_ && state_ == StartState::serving ? &custody_->appliance() : nullptr;
              },
              .not_serving = [this]() -> Error {
                const std::lock_guard lock(custody_mutex_);
                if (state_ == StartState::sealed) {
                  if (custody_) return Error(Errc::hsm_unavailable);
                  return Error(Errc::hsm_pin_missing, {},
                               "the appliance is sealed: florin hsm unlock opens it");
                }
                return Error(Errc::not_initialised, {}, "the appliance is not initialised yet");
              },
              .export_audit = [this](const ledger::TenantLedger& ledger,
                                     const control::ExportOrder& order) -> Result<json::object> {
                FLORIN_TRY_VOID(make_private_directory(config_.export_directory));
                const std::shared_ptr<Custody> custody = custody_now();
                if (!custody) return Error(Errc::not_initialised);
                return control::export_audit(ledger, custody->hsm().audit_signer(),
                                             config_.export_directory, order);
              },
              .prove_audit = [this](const ledger::TenantLedger& ledger,
                                    const Uuid& subject) -> Result<json::object> {
                const std::shared_ptr<Custody> custody = custody_now();
                if (!custody) return Error(Errc::not_initialised);
                return control::prove_audit(ledger, custody->hsm().audit_signer(), subject);
              },
              .backups = [this]() -> control::BackupService* {
                const std::lock_guard lock(custody_mutex_);
                return state_ == StartState::serving ? backups_.get() : nullptr;
              },
              .keys = [this]() -> control::KeyService* {
                const std::lock_guard lock(custody_mutex_);
                return state_ == StartState::serving ? keys_.get() : nullptr;
              },
              .reload = [this] { return certificates_.reload(); },
              .requests = [this] { return when_serving(two_person_.requests); },
              .people = [this] { return when_serving(two_person_.people); },
              .may_use = [this](auto uid, admin::Role role) { return access_.check(uid, role); },
              .contexts = &contexts_};
  for (const admin::Role role :
       {admin::Role::auditor, admin::Role::operator_, admin::Role::custodian, admin::Role::admin}) {
    operator_apis_.push_back(
        std::make_unique<admin::OperatorApi>(role, machine_, runtime_, clock_, entropy_));
    admin::OperatorApi* const api = operator_apis_.back().get();
    const fs::path path = config_.run_directory / fmt::format("{}.sock", role_name(role));
    FLORIN_TRY(
        std::unique_ptr<net::Server> server,
        net::listen_unix(runtime_, path, 0660, {}, [api](http::Request request, net::Peer peer) {
          return api->handle(std::move(request), std::move(peer));
        }));
    give_to_group(path, role_name(role));
    operator_servers_.push_back(std::move(server));
  }
  return {};
}

// First what an earlier run left open, then the merchants.
net::Task<void> App::begin_serving() {
  for (const engine::ContextPtr& context : contexts_.all()) {
    auto recovered = co_await resolver_->recover(context);
    if (!recovered.ok()) {
      fail(std::move(recovered).error());
      co_return;
    }
  }
  if (auto opened = open_merchant_port(); !opened.ok()) {
    fail(std::move(opened).error());
    co_return;
  }
  if (!merchant_api_ || !delivery_) co_return;
  delivery_->start();
  sd_notify(0, "READY=1\nSTATUS=serving");
  // What two people had approved when an earlier run ended.
  if (!two_person_.requests) co_return;
  runtime_.run_blocking([requests = two_person_.requests] { requests->complete(); });
}

Result<void> App::open_merchant_port() {
  if (stopping_ || closing_books_) return {};
  std::shared_ptr<Custody> custody;
  {
    const std::lock_guard lock(custody_mutex_);
    custody = custody_;
  }
  // Locked again while it began.
  if (!custody || !custody->books_open()) return {};
  merchant_api_ = std::make_unique<api::MerchantApi>(
      api::Authentication(custody->appliance().credential_directory(), contexts_, clock_,
                          [appliance = &custody->appliance()](const std::string& name) {
                            const auto tenant = appliance->tenant(name);
                            return tenant.ok() ? std::optional(tenant->id) : std::nullopt;
                          }),
      *payments_, clock_, entropy_);
  // After the books were reopened the port is still there.
  if (merchant_server_) return {};
  FLORIN_TRY_VOID(certificates_.load());
  FLORIN_TRY(merchant_server_, net::listen_tls(runtime_,
                                               {.address = config_.api_address,
                                                .port = config_.api_port,
                                                .certificate_chain = {},
                                                .private_key = {},
                                                .certificates = certificates_.current(),
                                                .limits = {}},
                                               [this](http::Request request, net::Peer peer) {
                                                 return serve_merchant(std::move(request),
                                                                       std::move(peer));
                                               }));
  certificates_.serve(merchant_server_.get());
  certificates_.watch();
  FLORIN_TRY_VOID(write_port_file(config_.run_directory / "api.port", merchant_server_->port()));
  log(LogLevel::notice, "daemon.serving",
      {{"address", config_.api_address}, {"port", int{merchant_server_->port()}}});
  return {};
}

std::shared_ptr<Custody> App::custody_now() const {
  const std::lock_guard lock(custody_mutex_);
  return custody_;
}

// Runs on the blocking pool.
Result<json::object> App::initialise(const Secret& so_pin, const FirstPeople& people,
                                     control::Person person) {
  const std::lock_guard lock(custody_mutex_);
  if (state_ != StartState::setup) return Error(Errc::already_initialised);
  FLORIN_TRY_VOID(note_first_people(config_, people));
  FLORIN_TRY(custody_, Custody::initialise(
                           config_, so_pin, gate_, clock_, entropy_,
                           [this](const ledger::TenantLedger& ledger) { ledger_opened(ledger); },
                           hsm_hooks()));
  if (auto made = make_services(); !made.ok()) {
    drop_services();
    custody_->close();
    custody_.reset();
    return std::move(made).error();
  }
  state_ = StartState::serving;
  log(LogLevel::notice, "hsm.initialised", {{"uid", person.uid}});
  runtime_.spawn("begin serving", [this] { return begin_serving(); });
  FLORIN_TRY_VOID(control::append_note(*custody_->appliance().system_ledger(), "hsm initialised",
                                       person.uid, clock_, entropy_));
  const hsm::Status status = custody_->hsm().status();
  json::array keys;
  for (const hsm::KeyInfo& key : status.keys) {
    keys.push_back(json::object{{"name", key.label}, {"check_value", key.check_value}});
  }
  return json::object{
      {"token", status.token.label}, {"serial", status.token.serial}, {"keys", std::move(keys)}};
}

json::object App::status() const {
  std::shared_ptr<Custody> custody;
  StartState state{};
  {
    const std::lock_guard lock(custody_mutex_);
    custody = custody_;
    state = state_;
  }
  json::object out{{"state", start_state_name(state)},
                   {"since", to_rfc3339(started_at_)},
                   {"version", kVersion},
                   {"evaluation", config_.evaluation},
                   {"certificates", certificates_.status()},
                   {"hsm", hsm_status()}};
  if (!custody || state != StartState::serving) return out;
  json::array ledgers;
  ledgers.emplace_back(control::head_document("system", *custody->appliance().system_ledger()));
  std::vector<std::filesystem::path> logs = {
      custody->appliance().system_ledger()->options().directory / "log"};
  std::int64_t in_doubt = 0;
  for (const ledger::TenantLedger& ledger : custody->appliance().ledgers()) {
    logs.push_back(ledger.books->options().directory / "log");
    const auto tenant = custody->appliance().tenant(ledger.tenant.text());
    ledgers.emplace_back(
        control::head_document(tenant.ok() ? tenant->name : ledger.tenant.text(), *ledger.books));
    if (const auto context = contexts_.find(ledger.tenant, ledger.mode); context.ok()) {
      const auto open = engine::unresolved_operations(**context);
      if (open.ok()) in_doubt += static_cast<std::int64_t>(open->size());
    }
  }
  out["append_only"] = control::append_only(logs);
  out["tenants"] = custody->appliance().tenants().size();
  out["ledgers"] = std::move(ledgers);
  out["payments_in_doubt"] = in_doubt;
  if (const auto requests = machine_.requests(); requests != nullptr) {
    if (const auto counts = requests->counts(); counts.ok()) out["requests"] = *counts;
  }
  return out;
}

void App::fail(Error error) {
  log_error("daemon.failed", error);
  failure_ = std::move(error);
  runtime_.stop();
}

void App::stop_on_signal(int signal) {
  if (signal == SIGHUP) return reload_on_signal();
  if (stopping_) return;
  stopping_ = true;
  certificates_.stop();
  log(LogLevel::notice, "daemon.draining", {{"signal", signal}});
  sd_notify(0, "STOPPING=1\nSTATUS=draining");
  drain();
}

void App::reload_on_signal() {
  if (stopping_) return;
  runtime_.spawn("reload", [this]() -> net::Task<void> {
    std::function<bool()> work = [this] { return certificates_.reload().ok(); };
    co_await runtime_.offload<bool>(std::move(work));
  });
}

// Merchants first, then their events; the operators' sockets stay open until the end.
void App::drain() {
  const auto finish = [this] {
    if (!delivery_) return close_operator_sockets(0);
    delivery_->stop([this] { close_operator_sockets(0); });
  };
  if (merchant_server_) {
    merchant_server_->drain(kDrainLimit, finish);
  } else {
    finish();
  }
}

void App::close_operator_sockets(std::size_t index) {
  if (index == operator_servers_.size()) {
    runtime_.stop();
    return;
  }
  operator_servers_[index]->drain(kOperatorDrainLimit,
                                  [this, index] { close_operator_sockets(index + 1); });
}

}  // namespace florin
