#include "daemon/domain/records.h"

#include <algorithm>

namespace florin::domain {
namespace {

constexpr std::uint8_t kFormat = 1;
// Of the head of a connector that has times of its own.
constexpr std::uint8_t kFormatWithTimes = 2;
// Of the head of a merchant whose references are unique; it has nothing more.
constexpr std::uint8_t kFormatWithUniqueReferences = 3;
constexpr std::size_t kTextLimit = 2048;

// Every record has the same two parts: texts and the owner that never change, and the head.
struct Shape {
  Uuid owner;
  std::string first;
  std::string second;
  std::string third;
  UnixNanos created_at = 0;
  bool active = true;
  Bytes sealed_secret;
  std::optional<AuthorizationTime> authorization{};
  bool unique_references = false;
};

std::uint8_t head_format_of(const Shape& shape) {
  if (shape.authorization) return kFormatWithTimes;
  return shape.unique_references ? kFormatWithUniqueReferences : kFormat;
}

Stored encode_shape(const Shape& shape) {
  ByteWriter immutable;
  immutable.u8(kFormat);
  immutable.raw(shape.owner.view());
  immutable.sized_text(shape.first);
  immutable.sized_text(shape.second);
  immutable.sized_text(shape.third);
  immutable.i64(shape.created_at);
  ByteWriter head;
  head.u8(head_format_of(shape));
  head.u8(shape.active ? 1 : 0);
  head.sized(shape.sealed_secret);
  if (shape.authorization) {
    head.i64(shape.authorization->validity_s);
    head.i64(shape.authorization->margin_s);
  }
  return {std::move(immutable).take(), std::move(head).take()};
}

Result<Shape> decode_shape(std::string_view what, BytesView immutable, BytesView head) {
  ByteReader fixed(immutable);
  Shape shape;
  const bool known = fixed.u8() == kFormat;
  shape.owner.bytes = fixed.array<16>();
  shape.first = fixed.sized_text(kTextLimit);
  shape.second = fixed.sized_text(kTextLimit);
  shape.third = fixed.sized_text(kTextLimit);
  shape.created_at = fixed.i64();
  ByteReader moving(head);
  const std::uint8_t head_format = moving.u8();
  const bool known_head = head_format >= kFormat && head_format <= kFormatWithUniqueReferences;
  const std::uint8_t active = moving.u8();
  shape.active = active == 1;
  shape.sealed_secret = to_bytes(moving.sized(512));
  shape.unique_references = head_format == kFormatWithUniqueReferences;
  if (head_format == kFormatWithTimes) {
    shape.authorization = AuthorizationTime{moving.i64(), moving.i64()};
    if (!check_authorization_time(*shape.authorization).ok()) moving.fail();
  }
  if (!known || !known_head || active > 1 || !fixed.done() || !moving.done()) {
    return Error(Errc::ledger_record_invalid, {}, {}, "stored " + std::string(what));
  }
  return shape;
}

}  // namespace

Stored encode(const Tenant& record) {
  return encode_shape({{}, record.name, record.display, {}, record.created_at, record.active, {}});
}

Stored encode(const Merchant& record) {
  // The usual rule is written as nothing, as it was before there was another.
  const bool usual = record.late_success == LateSuccess::reverse;
  return encode_shape({record.parent.value,
                       record.name,
                       record.display,
                       usual ? std::string() : std::string(late_success_name(record.late_success)),
                       record.created_at,
                       record.active,
                       {},
                       {},
                       record.unique_references});
}

std::string_view late_success_name(LateSuccess rule) noexcept {
  return rule == LateSuccess::accept ? "accept" : "reverse";
}

Result<LateSuccess> parse_late_success(std::string_view name) {
  if (name == "reverse") return LateSuccess::reverse;
  if (name == "accept") return LateSuccess::accept;
  return Error(Errc::malformed_value, {}, "expected \"reverse\" or \"accept\"");
}

Stored encode(const Credential& record) {
  return encode_shape({record.merchant.value, record.label, record.certificate, record.identity,
                       record.created_at, record.active, record.sealed_secret});
}

Stored encode(const Connector& record) {
  return encode_shape({{},
                       record.name,
                       record.kind,
                       record.base_url,
                       record.created_at,
                       record.active,
                       record.sealed_secret,
                       record.authorization});
}

Stored encode(const Endpoint& record) {
  return encode_shape({record.merchant.value,
                       record.url,
                       {},
                       {},
                       record.created_at,
                       record.active,
                       record.sealed_secret});
}

namespace {

// Members that a record does not have are written empty; bytes there belong to no record of ours.
template <class T>
Result<T> exact(T record, BytesView immutable, BytesView head) {
  const Stored again = encode(record);
  if (!std::equal(again.immutable.begin(), again.immutable.end(), immutable.begin(),
                  immutable.end()) ||
      !std::equal(again.head.begin(), again.head.end(), head.begin(), head.end())) {
    return Error(Errc::ledger_record_invalid, {}, {}, "stored record with members of another kind");
  }
  return record;
}

}  // namespace

Result<Tenant> decode_tenant(const Uuid& id, BytesView immutable, BytesView head) {
  FLORIN_TRY(Shape shape, decode_shape("tenant", immutable, head));
  return exact(Tenant{{id}, shape.first, shape.second, shape.created_at, shape.active}, immutable,
               head);
}

Result<Merchant> decode_merchant(const Uuid& id, BytesView immutable, BytesView head) {
  FLORIN_TRY(Shape shape, decode_shape("merchant", immutable, head));
  const LateSuccess rule = shape.third.empty() ? LateSuccess::reverse : LateSuccess::accept;
  return exact(Merchant{{id},
                        shape.first,
                        shape.second,
                        shape.created_at,
                        shape.active,
                        rule,
                        {shape.owner},
                        shape.unique_references},
               immutable, head);
}

Result<Credential> decode_credential(const Uuid& id, BytesView immutable, BytesView head) {
  FLORIN_TRY(Shape shape, decode_shape("credential", immutable, head));
  return exact(Credential{{id},
                          {shape.owner},
                          shape.first,
                          shape.created_at,
                          shape.active,
                          std::move(shape.sealed_secret),
                          std::move(shape.second),
                          std::move(shape.third)},
               immutable, head);
}

Result<Connector> decode_connector(const Uuid& id, BytesView immutable, BytesView head) {
  FLORIN_TRY(Shape shape, decode_shape("connector", immutable, head));
  return exact(Connector{{id},
                         shape.first,
                         shape.second,
                         shape.third,
                         shape.created_at,
                         shape.active,
                         std::move(shape.sealed_secret),
                         shape.authorization},
               immutable, head);
}

Result<Endpoint> decode_endpoint(const Uuid& id, BytesView immutable, BytesView head) {
  FLORIN_TRY(Shape shape, decode_shape("endpoint", immutable, head));
  return exact(Endpoint{{id},
                        {shape.owner},
                        shape.first,
                        shape.created_at,
                        shape.active,
                        std::move(shape.sealed_secret)},
               immutable, head);
}

Result<void> check_name(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto other = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  bool good = name.size() >= 2 && name.size() <= 31 && letter(name.front());
  for (const char c : name) good = good && other(c);
  if (!good) {
    return Error(
        Errc::malformed_value, {},
        "expected 2 to 31 lower-case letters, digits and hyphens, beginning with a letter");
  }
  return {};
}

}  // namespace florin::domain
