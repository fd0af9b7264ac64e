#include "daemon/delivery/attempt.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/log.h"
#include "daemon/delivery/personal_data.h"
#include "daemon/domain/kinds.h"
#include "daemon/domain/records.h"
#include "daemon/vault/sealed_secret.h"
#include "daemon/webhooks/answer.h"
#include "daemon/webhooks/envelope.h"
#include "daemon/webhooks/request.h"
#include "daemon/webhooks/schedule.h"

namespace florin::delivery {
namespace {

constexpr std::string_view kSecretLabel = "whsec";
// After a fault of our own surroundings (keys not there at present) that no schedule should pay
// for.
constexpr std::int64_t kPauseNs = 30 * kNanosPerSecond;

// The next step of the schedule; `failed` for good when there is none.
void retry(AttemptEnd& end, const Delivery& delivery, std::uint64_t jitter,
           std::chrono::nanoseconds at_least = {}) {
  const auto delay = webhooks::retry_delay(delivery.failures + 1, jitter);
  end.state = delay ? DeliveryState::due : DeliveryState::failed;
  if (delay) end.next_at = end.at + std::max(*delay, at_least).count();
}

Result<std::optional<domain::Endpoint>> load_endpoint(const Source& source, const Uuid& id) {
  const auto kind = ledger::ObjectKind{static_cast<std::uint8_t>(domain::Kind::endpoint)};
  FLORIN_TRY(const auto object, source.books.books->object(kind, id));
  if (!object) return std::optional<domain::Endpoint>();
  FLORIN_TRY(domain::Endpoint endpoint,
             domain::decode_endpoint(id, object->immutable, object->head));
  return std::optional<domain::Endpoint>(std::move(endpoint));
}

Result<ledger::OutboxEvent> load_event(const Source& source, Position place) {
  // The outbox is read behind a position: the one just before ours.
  const Position before = place.index > 0
                              ? Position{place.seq, place.index - 1}
                              : Position{place.seq - 1, std::numeric_limits<std::uint32_t>::max()};
  FLORIN_TRY(auto events, source.books.books->outbox(before.seq, before.index, 1));
  if (events.empty() || events[0].seq != place.seq || events[0].index != place.index) {
    return Error(Errc::ledger_corrupt, {}, {}, "an event of the outbox is missing");
  }
  return std::move(events[0]);
}

Result<Prepared> build(const Source& source, const Delivery& delivery,
                       const domain::Endpoint& endpoint, const std::string& agent,
                       const Clock& clock) {
  FLORIN_TRY(const ledger::OutboxEvent event, load_event(source, delivery.key.event));
  const EventId id{event.event.id};
  FLORIN_TRY(const Bytes data, with_personal_data(source.books, event.event));
  FLORIN_TRY(std::string body,
             webhooks::envelope(webhooks::EventFacts{.id = id,
                                                     .type = event.event.type,
                                                     .merchant = {event.event.merchant},
                                                     .sequence = event.merchant_seq,
                                                     .booked_at = event.booked_at,
                                                     .data = data}));
  FLORIN_TRY(net::Url url, net::parse_url(endpoint.url));
  const std::string place =
      vault::secret_place(source.books.tenant.text(), "endpoint", endpoint.id.text(), "secret");
  // The secret lives for the signature only: it is wiped when this function ends.
  FLORIN_TRY(const Secret secret,
             vault::open_secret(*source.books.keys, kSecretLabel, place, endpoint.sealed_secret));
  const std::array<BytesView, 1> secrets{secret.view()};
  FLORIN_TRY(const webhooks::MessageHeaders headers,
             webhooks::sign(secrets, id.text(), clock.now() / kNanosPerSecond, body));
  http::Request request = webhooks::make_request(url.target, headers, std::move(body), agent);
  return Prepared{std::move(url), std::move(request)};
}

Preparation unusable(AttemptEnd end) {
  end.outcome = AttemptOutcome::not_sent;
  return {std::nullopt, end};
}

}  // namespace

Preparation prepare(const Source& source, const Delivery& delivery, const std::string& agent,
                    const Clock& clock, std::uint64_t jitter) {
  AttemptEnd end{.at = clock.now()};
  auto endpoint = load_endpoint(source, delivery.key.endpoint.endpoint);
  if (endpoint.ok() && !*endpoint) {
    end.state = DeliveryState::failed;
    return unusable(end);
  }
  if (endpoint.ok() && !(*endpoint)->active) {
    end.state = DeliveryState::held;
    end.counts = false;
    return unusable(end);
  }
  Result<Prepared> built = endpoint.ok() ? build(source, delivery, **endpoint, agent, clock)
                                         : Result<Prepared>(endpoint.error());
  if (built.ok()) return {std::move(*built), {}};
  log_error("delivery.not_prepared", built.error(),
            {{"event", EventId{delivery.event_id}.text()},
             {"endpoint", EndpointId{delivery.key.endpoint.endpoint}.text()}});
  if (built.error().error_class() == ErrorClass::unavailable) {
    end.counts = false;
    end.next_at = end.at + kPauseNs;
  } else {
    retry(end, delivery, jitter);
  }
  return unusable(end);
}

AttemptEnd conclude(const Delivery& delivery, const net::Exchange& exchange, UnixNanos now,
                    std::uint64_t jitter) {
  AttemptEnd end{.at = now};
  if (!exchange.response) {
    end.outcome =
        exchange.request_may_have_left ? AttemptOutcome::no_answer : AttemptOutcome::unreachable;
    retry(end, delivery, jitter);
    return end;
  }
  const http::Response& response = *exchange.response;
  end.status = static_cast<std::uint16_t>(std::clamp(response.status, 0, 999));
  switch (webhooks::classify(response.status)) {
    case webhooks::Answer::delivered:
      end.outcome = AttemptOutcome::delivered;
      end.state = DeliveryState::delivered;
      return end;
    case webhooks::Answer::gone:
      end.outcome = AttemptOutcome::gone;
      end.state = DeliveryState::held;
      return end;
    case webhooks::Answer::redirected:
      end.outcome = AttemptOutcome::redirected;
      break;
    case webhooks::Answer::failed:
      end.outcome = AttemptOutcome::refused;
      break;
  }
  const auto asked = response.headers.get("retry-after");
  const auto wait = asked ? webhooks::parse_retry_after(*asked, now) : std::nullopt;
  retry(end, delivery, jitter, wait.value_or(std::chrono::seconds(0)));
  return end;
}

}  // namespace florin::delivery
