#include "daemon/app.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "daemon/pin_marker.h"
#include "daemon/port_file.h"
#include "daemon/private_directory.h"

namespace florin {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// `florin backup restore` keeps this file in the data directory until everything is there.
constexpr std::string_view kUnfinishedRestore = "restoring";
constexpr milliseconds kDrainLimit{20'000};
constexpr milliseconds kFlushLimit{2'000};
constexpr milliseconds kOperatorDrainLimit{1'000};
// A notice in hand waits for a flush or two; who was not answered sends it again.
constexpr milliseconds kNoticeDrainLimit{2'000};

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
  // From here on there is this thread alone, and those of the parts.
  // Nothing that holds a ledger may outlive the runtime its observers post to.
  certificates_.serve(nullptr);
  merchant_server_.reset();
  notice_server_.reset();
  operator_servers_.clear();
  if (backups_) backups_->stop();
  delivery_.reset();
  contexts_.clear();
  drop_services();
  stuck_ = custody_ && !custody_->close();
  custody_.reset();
  log(LogLevel::notice, "daemon.stopped");
  if (failure_) return std::move(*failure_);
  return {};
}

Result<void> App::make_clients() {
  net::ClientOptions options{.trusted_roots = config_.trusted_roots,
                             .public_addresses_only = !config_.allow_private_addresses};
  options.deadlines.total = config_.connector_deadline;
  options.allowed_hosts = config_.egress_hosts;
  FLORIN_TRY(acquirer_client_, net::make_client(runtime_, options));
  options.deadlines.total = net::ClientDeadlines{}.total;
  options.allowed_hosts.clear();
  FLORIN_TRY(webhook_client_, net::make_client(runtime_, options));
  acquirer_ =
      std::make_unique<engine::Acquirer>(*acquirer_client_, clock_, config_.line_limits, &metrics_);
  payments_ = std::make_unique<engine::PaymentService>(clock_, entropy_, *acquirer_,
                                                       config_.confirm_within);
  resolver_ =
      std::make_unique<engine::Resolver>(runtime_, clock_, contexts_, *payments_, *acquirer_);
  resolver_->hold_while([this] { return clock_is_wrong(); });
  payment_timer_ = std::make_unique<engine::PaymentTimer>(runtime_, clock_, contexts_, *payments_);
  payment_timer_->hold_while([this] {
    return stopping_ || closing_books_ || level_ != ServiceLevel::full || clock_is_wrong();
  });
  inbox_ =
      std::make_unique<engine::NoticeInbox>(runtime_, clock_, entropy_, *payments_, *resolver_);
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
  // However the start ends, people have been bound here: uid 0 is none of them.
  access_.set_sealed();
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
    return {};
  }
  if (!custody.ok()) {
    note_refused_pin(custody.error());
    return std::move(custody).error();
  }
  custody_ = std::move(*custody);
  return make_services(*custody_);
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

// First what an earlier run left open, then the merchants.
net::Task<void> App::begin_serving() {
  for (const engine::ContextPtr& context : contexts_.all()) {
    if (stopping_) co_return;
    auto recovered = co_await resolver_->recover(context);
    if (recovered.ok()) recovered = co_await inbox_->recover(context);
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
  if (auto opened = open_notice_port(); !opened.ok()) {
    fail(std::move(opened).error());
    co_return;
  }
  delivery_->start();
  payment_timer_->begin();
  sd_notify(0, "READY=1\nSTATUS=serving");
  // What two people had approved when an earlier run ended.
  const std::shared_ptr<control::Requests> requests = when_serving(two_person_.requests);
  if (!requests) co_return;
  runtime_.run_blocking([requests, held = handlers_.enter()] { requests->complete(); });
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
  runtime_.spawn("reload", [this] { return reload_certificates(); });
}

net::Task<void> App::reload_certificates() {
  // What was wrong is in the log; there is nobody to tell.
  std::function<bool()> work = [this] { return certificates_.reload().ok(); };
  co_await runtime_.offload<bool>(std::move(work));
}

// Merchants first, then their events; the operators' sockets stay open until the end.
void App::drain() {
  const auto finish = [this] { runtime_.spawn("stop serving", [this] { return stop_serving(); }); };
  const auto merchants = [this, finish] {
    if (!merchant_server_) return finish();
    // What was sent is waited for as long as an answer may take; the rest is the next start's.
    const milliseconds limit = std::max(kDrainLimit, config_.connector_deadline + kFlushLimit);
    merchant_server_->drain(limit, finish);
  };
  if (!notice_server_) return merchants();
  notice_server_->drain(kNoticeDrainLimit, merchants);
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
