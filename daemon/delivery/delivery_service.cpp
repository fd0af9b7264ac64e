#include "daemon/delivery/delivery_service.h"

#include "base/log.h"
#include "daemon/delivery/dispatcher.h"
#include "daemon/delivery/pump.h"
#include "daemon/delivery/store.h"
#include "daemon/delivery/writer.h"
#include "daemon/webhooks/request.h"

namespace florin::delivery {
namespace {

constexpr std::size_t kReleasedPerStep = 256;

}  // namespace

// Shared with the tasks in flight, which may end after the service is gone.
struct DeliveryService::Core : std::enable_shared_from_this<Core> {
  net::Runtime& runtime;
  const Clock& clock;
  std::uint64_t recovered = 0;
  std::shared_ptr<Writer> writer;
  std::shared_ptr<Pump> pump;
  std::shared_ptr<Dispatcher> dispatcher;
  std::function<void()> stopped;

  Core(net::Runtime& io, const Clock& time) : runtime(io), clock(time) {}

  void assemble(DeliveryOptions options, std::unique_ptr<Store> store, Entropy& entropy) {
    writer = std::make_shared<Writer>(runtime, std::move(store));
    const auto check = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->check_stopped();
    };
    pump = std::make_shared<Pump>(runtime, writer, [weak = weak_from_this(), check] {
      if (const auto self = weak.lock()) self->dispatcher->kick();
      check();
    });
    DispatcherOptions dispatching{.client = std::move(options.client),
                                  .agent = webhooks::user_agent(options.brand),
                                  .in_flight = options.in_flight,
                                  .in_flight_per_endpoint = options.in_flight_per_endpoint,
                                  .tick = options.tick};
    dispatcher = std::make_shared<Dispatcher>(runtime, clock, entropy, writer, pump,
                                              std::move(dispatching), check);
  }

  void check_stopped() {
    if (!stopped || !pump->idle() || !dispatcher->idle()) return;
    const auto done = std::exchange(stopped, nullptr);
    done();
  }

  net::Task<void> release(EndpointKey endpoint, std::function<void(Result<std::size_t>)> done) {
    std::size_t total = 0;
    while (true) {
      std::function<Result<std::size_t>(Store&, lmdb::WriteTransaction&)> step =
          [endpoint, now = clock.now()](Store& store, lmdb::WriteTransaction& transaction) {
            return store.release(transaction, endpoint, now, kReleasedPerStep);
          };
      const Result<std::size_t> moved = co_await writer->commit<std::size_t>(std::move(step));
      if (!moved.ok()) {
        done(moved.error());
        co_return;
      }
      total += *moved;
      dispatcher->kick();
      if (*moved < kReleasedPerStep) break;
    }
    done(total);
  }
};

Result<std::unique_ptr<DeliveryService>> DeliveryService::open(DeliveryOptions options,
                                                               net::Runtime& runtime,
                                                               const Clock& clock,
                                                               Entropy& entropy) {
  FLORIN_TRY(auto store, Store::open(options.directory, options.map_bytes));
  std::size_t recovered = 0;
  {
    FLORIN_TRY(lmdb::WriteTransaction transaction, store->write());
    FLORIN_TRY(recovered, store->recover(transaction, clock.now()));
    FLORIN_TRY_VOID(transaction.commit());
  }
  if (recovered > 0) {
    log(LogLevel::notice, "delivery.recovered", {{"attempts", std::uint64_t{recovered}}});
  }
  auto core = std::make_shared<Core>(runtime, clock);
  core->recovered = recovered;
  core->assemble(std::move(options), std::move(store), entropy);
  return std::unique_ptr<DeliveryService>(new DeliveryService(std::move(core)));
}

DeliveryService::DeliveryService(std::shared_ptr<Core> core) : core_(std::move(core)) {}

DeliveryService::~DeliveryService() {
  core_->stopped = nullptr;
  core_->pump->stop();
  core_->dispatcher->stop();
  core_->writer->close();
}

void DeliveryService::attach(ledger::TenantLedger books) {
  core_->pump->attach(std::move(books));
  core_->dispatcher->kick();
}

void DeliveryService::detach(const TenantId& tenant, ledger::Mode mode) {
  core_->pump->detach({tenant.value, mode});
}

void DeliveryService::start() {
  core_->dispatcher->start();
  core_->pump->start();
}

void DeliveryService::stop(std::function<void()> done) {
  core_->stopped = std::move(done);
  core_->pump->stop();
  core_->dispatcher->stop();
  core_->runtime.post([core = core_] { core->check_stopped(); });
}

DeliveryStatus DeliveryService::status() const {
  const DispatcherCounters& counters = core_->dispatcher->counters();
  const Result<std::uint64_t> due = core_->writer->read<std::uint64_t>(
      [](const Store& store, const lmdb::Transaction& transaction) {
        return store.due_count(transaction);
      });
  return {.in_flight = counters.in_flight,
          .due = due.ok() ? *due : 0,
          .attempts = counters.attempts,
          .delivered = counters.delivered,
          .exhausted = counters.exhausted,
          .recovered = core_->recovered};
}

Result<std::vector<Delivery>> DeliveryService::deliveries(const EndpointKey& endpoint,
                                                          std::optional<Position> before,
                                                          std::size_t limit) const {
  return core_->writer->read<std::vector<Delivery>>(
      [&](const Store& store, const lmdb::Transaction& transaction) {
        return store.list(transaction, endpoint, before, limit);
      });
}

Result<std::vector<AttemptRecord>> DeliveryService::attempts(const DeliveryKey& key) const {
  return core_->writer->read<std::vector<AttemptRecord>>(
      [&](const Store& store, const lmdb::Transaction& transaction) {
        return store.attempts(transaction, key);
      });
}

Result<std::optional<UnixNanos>> DeliveryService::disabled_at(const EndpointKey& endpoint) const {
  return core_->writer->read<std::optional<UnixNanos>>(
      [&](const Store& store, const lmdb::Transaction& transaction) {
        return store.disabled_at(transaction, endpoint);
      });
}

Result<void> DeliveryService::copy_to(const std::filesystem::path& directory) const {
  return core_->writer->copy_to(directory);
}

void DeliveryService::resume(const EndpointKey& endpoint,
                             std::function<void(Result<std::size_t>)> done) {
  core_->runtime.spawn("delivery.resume", [core = core_, endpoint, done = std::move(done)] {
    return core->release(endpoint, done);
  });
}

}  // namespace florin::delivery
