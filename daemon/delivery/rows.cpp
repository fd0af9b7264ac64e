#include "daemon/delivery/rows.h"

namespace florin::delivery {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kMaxTypeLength = 128;
constexpr std::string_view kAttemptLabel = "delivery-attempt/1";

void write_key(ByteWriter& out, const EndpointKey& key) {
  out.raw(key.ledger.tenant.view());
  out.u8(static_cast<std::uint8_t>(key.ledger.mode));
  out.raw(key.endpoint.view());
}

EndpointKey read_endpoint_key(ByteReader& in) {
  EndpointKey key;
  key.ledger.tenant = Uuid{in.array<16>()};
  key.ledger.mode = static_cast<ledger::Mode>(in.u8());
  key.endpoint = Uuid{in.array<16>()};
  return key;
}

Error invalid(std::string_view what) {
  return Error(Errc::ledger_record_invalid, {}, {},
               std::string(what) + " of the delivery database");
}

}  // namespace

std::string_view state_name(DeliveryState state) noexcept {
  switch (state) {
    case DeliveryState::due:
      return "due";
    case DeliveryState::in_flight:
      return "in_flight";
    case DeliveryState::delivered:
      return "delivered";
    case DeliveryState::failed:
      return "failed";
    case DeliveryState::held:
      return "held";
  }
  return "invalid";
}

std::string_view outcome_name(AttemptOutcome outcome) noexcept {
  switch (outcome) {
    case AttemptOutcome::none:
      return "none";
    case AttemptOutcome::delivered:
      return "delivered";
    case AttemptOutcome::gone:
      return "gone";
    case AttemptOutcome::redirected:
      return "redirected";
    case AttemptOutcome::refused:
      return "refused";
    case AttemptOutcome::unreachable:
      return "unreachable";
    case AttemptOutcome::no_answer:
      return "no_answer";
    case AttemptOutcome::unknown:
      return "unknown";
    case AttemptOutcome::not_sent:
      return "not_sent";
  }
  return "invalid";
}

Bytes encode_key(const LedgerKey& key) {
  ByteWriter out;
  out.raw(key.tenant.view());
  out.u8(static_cast<std::uint8_t>(key.mode));
  return std::move(out).take();
}

Bytes encode_key(const EndpointKey& key) {
  ByteWriter out;
  write_key(out, key);
  return std::move(out).take();
}

Bytes encode_key(const DeliveryKey& key) {
  ByteWriter out;
  write_key(out, key.endpoint);
  out.u64_be(key.event.seq);
  out.u32_be(key.event.index);
  return std::move(out).take();
}

Bytes encode_due_key(const DeliveryKey& key, UnixNanos next_at) {
  ByteWriter out;
  write_key(out, key.endpoint);
  out.u64_be(static_cast<std::uint64_t>(next_at));
  out.u64_be(key.event.seq);
  out.u32_be(key.event.index);
  return std::move(out).take();
}

Bytes encode_attempt_key(const DeliveryKey& key, std::uint32_t number, AttemptPhase phase) {
  ByteWriter out;
  out.raw(encode_key(key));
  out.u32_be(number);
  out.u8(static_cast<std::uint8_t>(phase));
  return std::move(out).take();
}

Result<DeliveryKey> decode_delivery_key(BytesView bytes) {
  ByteReader in(bytes);
  DeliveryKey key;
  key.endpoint = read_endpoint_key(in);
  key.event.seq = in.u64_be();
  key.event.index = in.u32_be();
  if (!in.done()) return invalid("a key");
  return key;
}

Result<DueKey> decode_due_key(BytesView bytes) {
  ByteReader in(bytes);
  DueKey due;
  due.key.endpoint = read_endpoint_key(in);
  due.next_at = static_cast<UnixNanos>(in.u64_be());
  due.key.event.seq = in.u64_be();
  due.key.event.index = in.u32_be();
  if (!in.done()) return invalid("a due key");
  return due;
}

Bytes encode(const Delivery& delivery) {
  ByteWriter out;
  out.u8(kFormat);
  out.u8(static_cast<std::uint8_t>(delivery.state));
  out.u32(delivery.attempts);
  out.u32(delivery.failures);
  out.i64(delivery.next_at);
  out.i64(delivery.booked_at);
  out.raw(delivery.event_id.view());
  out.u8(static_cast<std::uint8_t>(delivery.last_outcome));
  out.u16(delivery.last_status);
  out.raw(delivery.chain);
  out.sized_text(delivery.event_type);
  return std::move(out).take();
}

Result<Delivery> decode_delivery(const DeliveryKey& key, BytesView bytes) {
  ByteReader in(bytes);
  if (in.u8() != kFormat) in.fail();
  Delivery delivery;
  delivery.key = key;
  delivery.state = static_cast<DeliveryState>(in.u8());
  delivery.attempts = in.u32();
  delivery.failures = in.u32();
  delivery.next_at = in.i64();
  delivery.booked_at = in.i64();
  delivery.event_id = Uuid{in.array<16>()};
  delivery.last_outcome = static_cast<AttemptOutcome>(in.u8());
  delivery.last_status = in.u16();
  delivery.chain = in.array<32>();
  delivery.event_type = in.sized_text(kMaxTypeLength);
  if (!in.done() || delivery.state < DeliveryState::due || delivery.state > DeliveryState::held) {
    return invalid("a delivery row");
  }
  return delivery;
}

Bytes encode(const AttemptRecord& record) {
  ByteWriter out;
  out.u8(kFormat);
  out.u8(static_cast<std::uint8_t>(record.phase));
  out.u32(record.number);
  out.i64(record.at);
  out.u8(static_cast<std::uint8_t>(record.outcome));
  out.u16(record.status);
  out.u32(record.duration_ms);
  out.raw(record.previous);
  return std::move(out).take();
}

Result<AttemptRecord> decode_attempt(BytesView bytes) {
  ByteReader in(bytes);
  if (in.u8() != kFormat) in.fail();
  AttemptRecord record;
  record.phase = static_cast<AttemptPhase>(in.u8());
  record.number = in.u32();
  record.at = in.i64();
  record.outcome = static_cast<AttemptOutcome>(in.u8());
  record.status = in.u16();
  record.duration_ms = in.u32();
  record.previous = in.array<32>();
  if (!in.done()) return invalid("an attempt record");
  return record;
}

Hash32 attempt_hash(BytesView key, BytesView record) {
  return sha256({view_of(kAttemptLabel), key, record});
}

}  // namespace florin::delivery
