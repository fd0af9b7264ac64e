#include "ledger/body.h"

#include "ledger/limits.h"

namespace florin::ledger {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint16_t kTagObject = 1;
constexpr std::uint16_t kTagUnique = 2;
constexpr std::uint16_t kTagIdempotency = 3;
constexpr std::uint16_t kTagEvent = 4;

void section(ByteWriter& out, std::uint16_t tag, const ByteWriter& value) {
  out.u16(tag);
  out.sized(value.view());
}

void write(ByteWriter& out, const BodyObject& object) {
  out.u8(static_cast<std::uint8_t>(object.kind));
  out.raw(object.id.view());
  out.u64(object.version);
  out.u8(object.immutable.has_value() ? 1 : 0);
  if (object.immutable.has_value()) out.sized(*object.immutable);
  out.sized(object.head);
}

void write(ByteWriter& out, const UniqueWrite& unique) {
  out.u8(static_cast<std::uint8_t>(unique.table));
  out.raw(unique.key);
  out.sized(unique.value);
}

void write(ByteWriter& out, const IdempotencyWrite& row) {
  out.raw(row.key);
  out.raw(row.fingerprint);
  out.u8(row.answered ? 1 : 0);
  out.raw(row.resource.view());
  out.u16(row.http_status);
  out.i64(row.expires_at);
  out.sized(row.body);
}

void write(ByteWriter& out, const BodyEvent& row) {
  out.raw(row.event.id.view());
  out.raw(row.event.merchant.view());
  out.u64(row.merchant_seq);
  out.u8(static_cast<std::uint8_t>(row.event.object_kind));
  out.raw(row.event.object_id.view());
  out.u64(row.event.object_version);
  out.sized_text(row.event.type);
  out.sized(row.event.data);
}

bool read_flag(ByteReader& in) {
  const std::uint8_t value = in.u8();
  if (value > 1) in.fail();
  return value == 1;
}

Uuid read_uuid(ByteReader& in) {
  return Uuid{in.array<16>()};
}

BodyObject read_object(ByteReader& in) {
  BodyObject out;
  out.kind = static_cast<ObjectKind>(in.u8());
  out.id = read_uuid(in);
  out.version = in.u64();
  if (read_flag(in)) out.immutable = to_bytes(in.sized(kMaxImmutableBytes));
  out.head = to_bytes(in.sized(kMaxHeadBytes));
  // Only a created object has an immutable part, and versions count from 1.
  if (out.version == 0 || (out.immutable.has_value() && out.version != 1)) in.fail();
  return out;
}

UniqueWrite read_unique(ByteReader& in) {
  UniqueWrite out;
  out.table = static_cast<UniqueTable>(in.u8());
  out.key = in.array<16>();
  out.value = to_bytes(in.sized(kMaxUniqueValueBytes));
  return out;
}

IdempotencyWrite read_idempotency(ByteReader& in) {
  IdempotencyWrite out;
  out.key = in.array<16>();
  out.fingerprint = in.array<16>();
  out.answered = read_flag(in);
  out.resource = read_uuid(in);
  out.http_status = in.u16();
  out.expires_at = in.i64();
  out.body = to_bytes(in.sized(kMaxAnswerBytes));
  return out;
}

BodyEvent read_event(ByteReader& in) {
  BodyEvent out;
  out.event.id = read_uuid(in);
  out.event.merchant = read_uuid(in);
  out.merchant_seq = in.u64();
  out.event.object_kind = static_cast<ObjectKind>(in.u8());
  out.event.object_id = read_uuid(in);
  out.event.object_version = in.u64();
  out.event.type = in.sized_text(kMaxEventTypeBytes);
  out.event.data = to_bytes(in.sized(kMaxEventBytes));
  return out;
}

bool read_section(Body& body, std::uint16_t tag, BytesView value) {
  ByteReader in(value);
  switch (tag) {
    case kTagObject:
      body.objects.push_back(read_object(in));
      break;
    case kTagUnique:
      body.uniques.push_back(read_unique(in));
      break;
    case kTagIdempotency:
      if (body.idempotency.has_value()) return false;
      body.idempotency = read_idempotency(in);
      break;
    case kTagEvent:
      body.events.push_back(read_event(in));
      break;
    default:
      return false;
  }
  return in.done();
}

}  // namespace

Result<Bytes> encode_body(const Body& body) {
  ByteWriter out;
  out.u8(kFormat);
  out.raw(body.salt);
  const auto add = [&out](std::uint16_t tag, const auto& item) {
    ByteWriter value;
    write(value, item);
    section(out, tag, value);
  };
  for (const BodyObject& object : body.objects) add(kTagObject, object);
  for (const UniqueWrite& unique : body.uniques) add(kTagUnique, unique);
  if (body.idempotency.has_value()) add(kTagIdempotency, *body.idempotency);
  for (const BodyEvent& event : body.events) add(kTagEvent, event);
  if (out.size() > kMaxBodyBytes) {
    return Error(Errc::ledger_limit, {}, "The entry carries more than 64 KiB.");
  }
  return std::move(out).take();
}

Result<Body> decode_body(BytesView bytes) {
  const Error invalid(Errc::ledger_record_invalid, {}, "The body of an entry is not well formed.");
  if (bytes.size() > kMaxBodyBytes) return invalid;
  ByteReader in(bytes);
  Body body;
  if (in.u8() != kFormat) return invalid;
  body.salt = in.array<32>();
  std::uint16_t last_tag = 0;
  while (in.ok() && in.remaining() > 0) {
    const std::uint16_t tag = in.u16();
    const BytesView value = in.sized(kMaxBodyBytes);
    if (!in.ok() || tag < last_tag || !read_section(body, tag, value)) return invalid;
    last_tag = tag;
  }
  if (!in.ok()) return invalid;
  return body;
}

}  // namespace florin::ledger
