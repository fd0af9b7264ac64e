#pragma once
/// The composition root: every part of the daemon, made by hand and in order. Reading app.cpp shows
/// the whole machine.
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "daemon/admin/operator_api.h"
#include "daemon/api/merchant_api.h"
#include "daemon/api/notice_api.h"
#include "daemon/certificate_keeper.h"
#include "daemon/clock_guard.h"
#include "daemon/config.h"
#include "daemon/control/backup_service.h"
#include "daemon/control/key_service.h"
#include "daemon/custody.h"
#include "daemon/delivery/delivery_service.h"
#include "daemon/engine/payment_timer.h"
#include "daemon/engine/resolver.h"
#include "daemon/instance_lock.h"
#include "daemon/net/runtime.h"
#include "daemon/net/server.h"
#include "daemon/service_level.h"
#include "daemon/two_person.h"
#include "daemon/use_count.h"

namespace florin {

class App {
 public:
  explicit App(Config config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Starts, serves until SIGTERM or SIGINT, drains. Returns the error that ended it, if one did.
  Result<void> run();
  /// After run(): a thread is inside the security module. exit() would run the module's handlers
  /// under that thread's feet, so the process must leave by _exit().
  [[nodiscard]] bool stuck() const noexcept { return stuck_; }

 private:
  Result<void> make_clients();
  Result<void> open_operator_sockets();
  admin::Machine lent_machine();
  [[nodiscard]] Error not_serving() const;
  [[nodiscard]] Result<json::object> export_audit(const ledger::TenantLedger& ledger,
                                                  const control::ExportOrder& order) const;
  [[nodiscard]] Result<json::object> prove_audit(const ledger::TenantLedger& ledger,
                                                 const Uuid& subject) const;
  Result<json::object> test_connector(const ledger::TenantLedger& ledger,
                                      const ConnectorId& connector);
  net::Task<Result<void>> check_connector(engine::ContextPtr context, ConnectorId connector,
                                          std::shared_ptr<engine::ConnectorCheck> found);
  Result<void> open_delivery();
  Result<void> start();
  /// Called for each ledger that is opened, on whatever thread opened it.
  void ledger_opened(const ledger::TenantLedger& ledger);
  net::Task<void> begin_serving();
  Result<void> open_merchant_port();
  /// For a tenant that ends: nobody here keeps its ledger open.
  std::function<void(const ledger::TenantLedger&)> let_go_of_ledger();
  /// A part that handlers may use; none until the appliance serves.
  template <class Part>
  Part when_serving(const Part& part) const {
    const std::lock_guard lock(custody_mutex_);
    return state_ == StartState::serving ? part : Part();
  }
  Result<void> make_services(Custody& custody);
  bool stop_backups();
  void drop_services();
  Result<json::object> initialise(const Secret& so_pin, const FirstPeople& people,
                                  control::Person person);
  [[nodiscard]] json::object status() const;
  void measure_doubts();
  bool clock_is_wrong();
  [[nodiscard]] json::object clock_status() const;
  Result<json::object> confirm_clock(control::Person person);
  [[nodiscard]] json::object hsm_status() const;
  void stop_on_signal(int signal);
  void reload_on_signal();
  net::Task<void> reload_certificates();
  void drain();
  net::Task<void> stop_serving();
  void close_operator_sockets(std::size_t index);
  void fail(Error error);

  // app_life.cpp: while the daemon runs.
  hsm::Hooks hsm_hooks();
  net::Task<http::Response> serve_merchant(http::Request request, net::Peer peer);
  Result<void> open_notice_port();
  net::Task<http::Response> serve_notice(http::Request request);
  net::Task<void> watch_custody();
  void measure();
  net::Task<void> close_books(bool with_module);
  net::Task<void> close_books_steps(bool with_module);
  net::Task<void> wait_for_books_in_hand();
  bool close_books_now(bool with_module);
  net::Task<Result<void>> open_books(std::shared_ptr<Secret> pin);
  net::Task<Result<void>> open_books_steps(std::shared_ptr<Secret> pin);
  Result<void> open_books_now(const std::shared_ptr<Secret>& pin);
  void note_refused_pin(const Error& error);
  Result<void> audit(const std::string& note, control::Person person);
  Result<void> order(std::function<net::Task<Result<void>>()> body);
  Result<json::object> lock_hsm(control::Person person);
  net::Task<Result<void>> lock_on_io_thread();
  Result<json::object> probe_hsm();
  Result<json::object> change_pin(const Secret& pin, control::Person person);
  Result<json::object> unlock_hsm(const Secret& pin, control::Person person);

  Config config_;
  SystemClock clock_;
  SystemEntropy entropy_;
  UnixNanos started_at_;
  ClockGuard clock_guard_{clock_.now(), clock_.monotonic_ns()};
  hsm::LoginGate gate_;
  InstanceLock lock_;
  metrics::Registry metrics_;
  metrics::Gauge& unsigned_gauge_ = metrics_.gauge(
      "checkpoints_unsigned_seconds", "Age of the oldest entry without a signed checkpoint.");
  metrics::Gauge& doubts_gauge_ =
      metrics_.gauge("payments_in_doubt", "Operations whose outcome is not known.");
  metrics::Gauge& oldest_doubt_gauge_ =
      metrics_.gauge("payments_oldest_doubt_seconds", "Age of the oldest operation in doubt.");
  net::Runtime runtime_;
  std::shared_ptr<net::Client> acquirer_client_;
  std::shared_ptr<net::Client> webhook_client_;
  engine::ContextRegistry contexts_;
  std::unique_ptr<engine::Acquirer> acquirer_;
  std::unique_ptr<engine::PaymentService> payments_;
  std::unique_ptr<engine::Resolver> resolver_;
  std::unique_ptr<engine::PaymentTimer> payment_timer_;
  std::unique_ptr<engine::NoticeInbox> inbox_;
  std::unique_ptr<delivery::DeliveryService> delivery_;
  std::unique_ptr<api::MerchantApi> merchant_api_;
  std::unique_ptr<api::NoticeApi> notice_api_;
  admin::Machine machine_;
  std::vector<std::unique_ptr<admin::OperatorApi>> operator_apis_;
  std::vector<std::unique_ptr<net::Server>> operator_servers_;
  CertificateKeeper certificates_;
  std::unique_ptr<net::TlsServer> merchant_server_;
  std::unique_ptr<net::TlsServer> notice_server_;
  // Read by the operators' handlers on the blocking pool, hence the lock.
  [[nodiscard]] std::shared_ptr<Custody> custody_now() const;

  mutable std::mutex custody_mutex_;
  StartState state_ = StartState::setup;
  std::shared_ptr<Custody> custody_;
  std::unique_ptr<control::BackupService> backups_;  ///< uses custody and delivery
  std::unique_ptr<control::KeyService> keys_;        ///< uses custody
  UseCount handlers_;                                ///< operators' handlers that may use custody
  std::mutex order_mutex_;                           ///< one order of a custodian at a time
  // I/O thread only.
  ServiceLevel level_ = ServiceLevel::full;
  UnsignedLag lag_;
  std::optional<std::chrono::nanoseconds> lost_since_;
  bool module_ready_ = false;
  bool books_lost_ = false;  ///< closed because the module was away for too long
  bool closing_books_ = false;
  bool begins_ = false;  ///< the books are being opened
  bool closes_ = false;  ///< close_books() runs; closing_books_ stays when the end cuts it short
  std::size_t merchants_in_hand_ = 0;
  TwoPerson two_person_;  ///< uses custody
  Access access_;
  bool stopping_ = false;
  bool stuck_ = false;
  std::optional<Error> failure_;
};

}  // namespace florin
