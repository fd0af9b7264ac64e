#include "daemon/delivery/dispatcher.h"

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "daemon/delivery/attempt.h"

namespace florin::delivery {
namespace {

constexpr std::int64_t kPauseAfterFailureNs = kNanosPerSecond;

std::uint32_t milliseconds(std::int64_t duration_ns) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(
      duration_ns / kNanosPerMilli, 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

Dispatcher::Dispatcher(net::Runtime& runtime, const Clock& clock, Entropy& entropy,
                       std::shared_ptr<Writer> writer, std::shared_ptr<const Pump> pump,
                       DispatcherOptions options, std::function<void()> ended)
    : runtime_(runtime),
      clock_(clock),
      entropy_(entropy),
      writer_(std::move(writer)),
      pump_(std::move(pump)),
      options_(std::move(options)),
      ended_(std::move(ended)) {}

void Dispatcher::start() {
  if (std::exchange(active_, true)) return;
  ticking_ = true;
  runtime_.spawn("delivery.clock", [self = shared_from_this()] { return self->tick(); });
  kick();
}

// Compares two numbers in memory; the database is only asked when something is due.
net::Task<void> Dispatcher::tick() {
  while (active_) {
    if (next_due_ && clock_.now() >= *next_due_) kick();
    co_await net::sleep_for(options_.tick);
  }
  ticking_ = false;
  ended_();
}

void Dispatcher::kick() {
  if (!active_) return;
  again_ = true;
  if (claiming_ || counters_.in_flight >= options_.in_flight) return;
  claiming_ = true;
  runtime_.spawn("delivery.claim", [self = shared_from_this()] { return self->claim_all(); });
}

ClaimRequest Dispatcher::claim_request() const {
  return {.now = clock_.now(),
          .capacity = options_.in_flight - counters_.in_flight,
          .per_endpoint = options_.in_flight_per_endpoint,
          .ledgers = pump_->attached(),
          .in_flight = in_flight_,
          .after = last_endpoint_};
}

net::Task<void> Dispatcher::claim_all() {
  while (active_ && again_ && counters_.in_flight < options_.in_flight) {
    again_ = false;
    std::function<Result<ClaimResult>(Store&, lmdb::WriteTransaction&)> step =
        [request = claim_request()](Store& store, lmdb::WriteTransaction& transaction) {
          return store.claim(transaction, request);
        };
    const Result<ClaimResult> claimed = co_await writer_->commit<ClaimResult>(std::move(step));
    if (!claimed.ok()) {
      if (claimed.error().code() != Errc::shutting_down) {
        log_error("delivery.claim_failed", claimed.error());
        next_due_ = clock_.now() + kPauseAfterFailureNs;
      }
      break;
    }
    next_due_ = claimed->next_due;
    last_endpoint_ = claimed->last_endpoint;
    for (const Delivery& delivery : claimed->started) started(delivery);
  }
  claiming_ = false;
  ended_();
}

void Dispatcher::started(const Delivery& delivery) {
  ++counters_.in_flight;
  ++in_flight_[delivery.key.endpoint];
  auto source = pump_->source(delivery.key.endpoint.ledger);
  runtime_.spawn("delivery.attempt", [self = shared_from_this(), delivery, source] {
    return self->attempt(delivery, source);
  });
}

void Dispatcher::finished(const Delivery& delivery, const AttemptEnd& end) {
  --counters_.in_flight;
  const auto running = in_flight_.find(delivery.key.endpoint);
  if (--running->second == 0) in_flight_.erase(running);
  ++counters_.attempts;
  if (end.state == DeliveryState::delivered) ++counters_.delivered;
  if (end.state == DeliveryState::failed) ++counters_.exhausted;
  kick();
  ended_();
}

net::Task<void> Dispatcher::attempt(Delivery delivery, std::shared_ptr<const Source> source) {
  const AttemptEnd end = co_await perform(delivery, std::move(source));
  Writer::Step step = [key = delivery.key, end](Store& store, lmdb::WriteTransaction& transaction) {
    return store.finish(transaction, key, end);
  };
  const Result<void> written = co_await writer_->durable(std::move(step));
  // Not recorded means that the next start ends the attempt as unknown.
  if (!written.ok() && written.error().code() != Errc::shutting_down) {
    log_error("delivery.finish_failed", written.error());
  }
  finished(delivery, end);
}

net::Task<AttemptEnd> Dispatcher::perform(Delivery delivery, std::shared_ptr<const Source> source) {
  const std::int64_t begun_ns = clock_.monotonic_ns();
  using Answer = std::optional<Preparation>;
  std::function<Answer()> work = [self = shared_from_this(), source, delivery,
                                  jitter = random()]() -> Answer {
    return prepare(*source, delivery, self->options_.agent, self->clock_, jitter);
  };
  Answer preparation = co_await runtime_.offload<Answer>(std::move(work));
  if (!preparation->prepared) co_return preparation->end;
  Prepared prepared = *std::move(preparation->prepared);
  const net::Exchange exchange =
      co_await options_.client->send(std::move(prepared.url), std::move(prepared.request));
  AttemptEnd end = conclude(delivery, exchange, clock_.now(), random());
  end.duration_ms = milliseconds(clock_.monotonic_ns() - begun_ns);
  co_return end;
}

std::uint64_t Dispatcher::random() {
  ByteArray<8> bytes{};
  entropy_.fill(bytes);
  return ByteReader(bytes).u64();
}

}  // namespace florin::delivery
