#pragma once
/// The rows of the delivery database: identifiers, times and codes; never a payload, never a
/// secret.
#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

namespace florin::delivery {

/// One ledger: a tenant in one mode.
struct LedgerKey {
  Uuid tenant;
  ledger::Mode mode = ledger::Mode::test;
  auto operator<=>(const LedgerKey&) const = default;
};

struct EndpointKey {
  LedgerKey ledger;
  Uuid endpoint;
  auto operator<=>(const EndpointKey&) const = default;
};

/// Place of an event in its ledger's outbox.
struct Position {
  std::uint64_t seq = 0;
  std::uint32_t index = 0;
  auto operator<=>(const Position&) const = default;
};

/// One event on its way to one endpoint.
struct DeliveryKey {
  EndpointKey endpoint;
  Position event;
  auto operator<=>(const DeliveryKey&) const = default;
};

enum class DeliveryState : std::uint8_t {
  due = 1,        ///< waits for its time
  in_flight = 2,  ///< an attempt was started and has no end yet
  delivered = 3,
  failed = 4,  ///< the schedule is used up, or the endpoint does not exist any more
  held = 5,    ///< the endpoint takes nothing at present; nothing is lost
};
std::string_view state_name(DeliveryState state) noexcept;

enum class AttemptOutcome : std::uint8_t {
  none = 0,
  delivered = 1,
  gone = 2,         ///< 410: disables the endpoint here
  redirected = 3,   ///< 3xx, not followed
  refused = 4,      ///< any other status
  unreachable = 5,  ///< no byte left this process
  no_answer = 6,    ///< bytes may have left, no answer came
  unknown = 7,      ///< the process ended in between
  not_sent = 8,     ///< it could not be prepared (endpoint, secret or event not usable)
};
std::string_view outcome_name(AttemptOutcome outcome) noexcept;

struct Delivery {
  DeliveryKey key;
  DeliveryState state = DeliveryState::due;
  std::uint32_t attempts = 0;  ///< attempts started
  std::uint32_t failures = 0;  ///< those that used up a step of the schedule
  UnixNanos next_at = 0;       ///< of the next attempt, while due
  UnixNanos booked_at = 0;     ///< of the event
  Uuid event_id;
  std::string event_type;
  AttemptOutcome last_outcome = AttemptOutcome::none;
  std::uint16_t last_status = 0;  ///< HTTP status of the last answer, 0 when there was none
  Hash32 chain{};                 ///< hash of the last attempt record
};

enum class AttemptPhase : std::uint8_t { started = 1, finished = 2 };

/// Written once. Each record carries the hash of the one before it, the first one zeroes.
struct AttemptRecord {
  std::uint32_t number = 0;  ///< from 1
  AttemptPhase phase = AttemptPhase::started;
  UnixNanos at = 0;
  AttemptOutcome outcome = AttemptOutcome::none;
  std::uint16_t status = 0;
  std::uint32_t duration_ms = 0;
  Hash32 previous{};
};

Bytes encode_key(const LedgerKey& key);
Bytes encode_key(const EndpointKey& key);
Bytes encode_key(const DeliveryKey& key);
/// endpoint | next_at BE | event: the rows of an endpoint lie together, in the order of their time.
Bytes encode_due_key(const DeliveryKey& key, UnixNanos next_at);
/// delivery | number BE | phase.
Bytes encode_attempt_key(const DeliveryKey& key, std::uint32_t number, AttemptPhase phase);

struct DueKey {
  DeliveryKey key;
  UnixNanos next_at = 0;
};
/// Errors of all decoders: `ledger_record_invalid`.
Result<DeliveryKey> decode_delivery_key(BytesView bytes);
Result<DueKey> decode_due_key(BytesView bytes);

Bytes encode(const Delivery& delivery);
Result<Delivery> decode_delivery(const DeliveryKey& key, BytesView bytes);
Bytes encode(const AttemptRecord& record);
Result<AttemptRecord> decode_attempt(BytesView bytes);
/// What the next record carries as `previous`: SHA-256 over a label, the record's key and its
/// bytes.
Hash32 attempt_hash(BytesView key, BytesView record);

}  // namespace florin::delivery
