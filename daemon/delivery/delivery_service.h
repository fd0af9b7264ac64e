#pragma once
/// Webhook delivery: every event of the attached ledgers reaches every active endpoint of its
/// merchant at least once, or is kept where somebody can see it.
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/ids.h"
#include "daemon/delivery/rows.h"
#include "daemon/net/client.h"
#include "daemon/net/runtime.h"
#include "ledger/tenant_ledger.h"

namespace florin::delivery {

struct DeliveryOptions {
  std::filesystem::path directory;      ///< <data>/delivery; created when absent
  std::string brand;                    ///< of the operator, for the user agent
  std::shared_ptr<net::Client> client;  ///< with the guard on addresses that the instance calls for
  std::uint64_t map_bytes = std::uint64_t{16} << 30U;
  std::size_t in_flight = 64;
  std::size_t in_flight_per_endpoint = 8;
  std::chrono::milliseconds tick{250};  ///< precision of retry times
};

struct DeliveryStatus {
  std::size_t in_flight = 0;
  std::uint64_t due = 0;        ///< rows that wait for their time
  std::uint64_t attempts = 0;   ///< ended since the start
  std::uint64_t delivered = 0;  ///< of them, answered with 2xx
  std::uint64_t exhausted = 0;  ///< deliveries given up since the start
  std::uint64_t recovered = 0;  ///< attempts that the last start ended as unknown
};

/// Members are called on the I/O thread, or while it does not run. Destroying the service is always
/// safe: what is in flight then is recorded as unknown by the next start, and sent again.
class DeliveryService {
 public:
  /// Opens the database and ends attempts that were left open. Runtime, clock and entropy must
  /// outlive the service and the attached ledgers' writer threads. Errors: `io_failure`,
  /// `state_conflict` (the directory is open already), `ledger_corrupt`.
  static Result<std::unique_ptr<DeliveryService>> open(DeliveryOptions options,
                                                       net::Runtime& runtime, const Clock& clock,
                                                       Entropy& entropy);
  ~DeliveryService();
  DeliveryService(const DeliveryService&) = delete;
  DeliveryService& operator=(const DeliveryService&) = delete;

  /// Takes up a ledger where its cursor stands and listens to its commits, once per ledger.
  /// Deliveries of ledgers that are not attached wait.
  void attach(ledger::TenantLedger books);
  /// Lets go of a ledger for good.
  void detach(const TenantId& tenant, ledger::Mode mode);
  void start();
  /// Starts no more attempts; `done` is called on the I/O thread when those in flight have ended.
  void stop(std::function<void()> done);

  [[nodiscard]] DeliveryStatus status() const;
  /// Deliveries of an endpoint, newest event first, before `before` when given.
  [[nodiscard]] Result<std::vector<Delivery>> deliveries(const EndpointKey& endpoint,
                                                         std::optional<Position> before,
                                                         std::size_t limit) const;
  /// The attempt records of one delivery, their chain verified. Error: `ledger_corrupt`.
  [[nodiscard]] Result<std::vector<AttemptRecord>> attempts(const DeliveryKey& key) const;
  /// When the receiver disabled the endpoint with 410.
  [[nodiscard]] Result<std::optional<UnixNanos>> disabled_at(const EndpointKey& endpoint) const;
  /// Takes the endpoint into service again; what was held for it is due at once. `done` is called
  /// on the I/O thread with the number of deliveries.
  void resume(const EndpointKey& endpoint, std::function<void(Result<std::size_t>)> done);
  /// For backups, from any thread: writes a copy of the database into an empty directory. Errors:
  /// `shutting_down`, `io_failure`.
  Result<void> copy_to(const std::filesystem::path& directory) const;

 private:
  struct Core;
  explicit DeliveryService(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace florin::delivery
