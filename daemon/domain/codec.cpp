#include "daemon/domain/codec.h"

namespace florin::domain {
namespace {

constexpr std::uint8_t kFormat = 1;
// Of a payment's immutable part, when personal fields are sealed.
constexpr std::uint8_t kFormatWithCustomer = 2;
constexpr std::size_t kSealedLimit = 8UL * 1024;
constexpr std::size_t kTextLimit = 1024;
constexpr std::size_t kMetadataLimit = 4UL * 1024;

Error invalid(std::string_view what) {
  return Error(Errc::ledger_record_invalid, {}, {}, "stored " + std::string(what));
}

void write_money(ByteWriter& out, const Money& money) {
  out.u16(money.currency().number());
  out.i64(money.minor());
}

Money read_money(ByteReader& in) {
  static const Currency fallback = *Currency::parse("EUR");
  const auto currency = Currency::from_number(in.u16());
  const std::int64_t minor = in.i64();
  const auto money = Money::make(minor, currency.ok() ? *currency : fallback);
  if (!currency.ok() || !money.ok()) {
    in.fail();
    return Money::zero(fallback);
  }
  return *money;
}

void write_decline(ByteWriter& out, const std::optional<Decline>& decline) {
  out.u8(decline ? static_cast<std::uint8_t>(decline->category) : 0);
  if (!decline) return;
  out.sized_text(decline->code);
  out.sized_text(decline->network_code);
}

std::optional<Decline> read_decline(ByteReader& in) {
  const std::uint8_t category = in.u8();
  if (category == 0) return std::nullopt;
  if (category > static_cast<std::uint8_t>(DeclineCategory::technical)) in.fail();
  Decline decline{
      .category = static_cast<DeclineCategory>(category), .code = {}, .network_code = {}};
  decline.code = in.sized_text(64);
  decline.network_code = in.sized_text(64);
  return decline;
}

template <class E>
E read_enum(ByteReader& in, E last) {
  const std::uint8_t value = in.u8();
  if (value == 0 || value > static_cast<std::uint8_t>(last)) in.fail();
  return static_cast<E>(value);
}

bool read_flag(ByteReader& in) {
  const std::uint8_t value = in.u8();
  if (value > 1) in.fail();
  return value == 1;
}

void begin(ByteReader& in) {
  if (in.u8() != kFormat) in.fail();
}

}  // namespace

Stored encode(const Payment& payment) {
  ByteWriter fixed;
  const bool customer = payment.terms.has_customer();
  fixed.u8(customer ? kFormatWithCustomer : kFormat);
  fixed.raw(payment.terms.merchant.value.view());
  write_money(fixed, payment.terms.amount);
  fixed.u8(static_cast<std::uint8_t>(payment.terms.capture_method));
  fixed.sized_text(payment.terms.merchant_reference);
  if (customer) {
    fixed.raw(payment.terms.subject.value.view());
    fixed.sized(payment.terms.sealed_personal);
  } else {
    fixed.sized_text(payment.terms.payment_token);
    fixed.sized_text(payment.terms.description);
    fixed.sized_text(payment.terms.metadata);
  }
  fixed.i64(payment.terms.created_at);
  ByteWriter head;
  head.u8(kFormat);
  for (const std::int64_t amount :
       {payment.authorized, payment.captured, payment.released, payment.refunded,
        payment.capture_pending, payment.refund_pending}) {
    head.i64(amount);
  }
  head.u16(payment.captures);
  head.u16(payment.refunds);
  head.u8(payment.failed ? 1 : 0);
  head.u8(payment.live ? static_cast<std::uint8_t>(payment.live->kind) : 0);
  if (payment.live) {
    head.raw(payment.live->id.value.view());
    head.u8(payment.live->unknown ? 1 : 0);
  }
  write_decline(head, payment.last_decline);
  head.raw(payment.attempt.value.view());
  head.i64(payment.updated_at);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Payment> decode_payment(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head) {
  ByteReader fixed(immutable);
  const std::uint8_t format = fixed.u8();
  if (format != kFormat && format != kFormatWithCustomer) fixed.fail();
  const MerchantId merchant{{fixed.array<16>()}};
  const Money amount = read_money(fixed);
  Payment payment{
      .id = {id}, .version = version, .terms = {.merchant = merchant, .amount = amount}};
  payment.terms.capture_method = read_enum(fixed, CaptureMethod::manual);
  payment.terms.merchant_reference = fixed.sized_text(kTextLimit);
  if (format == kFormatWithCustomer) {
    payment.terms.subject.value.bytes = fixed.array<16>();
    payment.terms.sealed_personal = to_bytes(fixed.sized(kSealedLimit));
    payment.terms.personal = PersonalState::sealed;
    // One meaning has one form.
    if (!payment.terms.has_customer()) fixed.fail();
  } else {
    payment.terms.payment_token = fixed.sized_text(kTextLimit);
    payment.terms.description = fixed.sized_text(kTextLimit);
    payment.terms.metadata = fixed.sized_text(kMetadataLimit);
  }
  payment.terms.created_at = fixed.i64();
  ByteReader moving(head);
  begin(moving);
  for (std::int64_t* const field :
       {&payment.authorized, &payment.captured, &payment.released, &payment.refunded,
        &payment.capture_pending, &payment.refund_pending}) {
    *field = moving.i64();
  }
  payment.captures = moving.u16();
  payment.refunds = moving.u16();
  payment.failed = read_flag(moving);
  const std::uint8_t live = moving.u8();
  if (live > static_cast<std::uint8_t>(OperationKind::void_)) moving.fail();
  if (live != 0) {
    const OperationId operation{{moving.array<16>()}};
    payment.live = LiveOperation{operation, static_cast<OperationKind>(live), read_flag(moving)};
  }
  payment.last_decline = read_decline(moving);
  payment.attempt.value.bytes = moving.array<16>();
  payment.updated_at = moving.i64();
  if (!fixed.done() || !moving.done()) return invalid("payment");
  return payment;
}

Stored encode(const Attempt& attempt) {
  ByteWriter fixed;
  fixed.u8(kFormat);
  fixed.raw(attempt.payment.value.view());
  fixed.raw(attempt.connector.value.view());
  fixed.u16(attempt.number);
  ByteWriter head;
  head.u8(kFormat);
  head.sized_text(attempt.psp_reference);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Attempt> decode_attempt(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head) {
  ByteReader fixed(immutable);
  begin(fixed);
  Attempt attempt{.id = {id}, .version = version, .payment = {}, .connector = {}};
  attempt.payment.value.bytes = fixed.array<16>();
  attempt.connector.value.bytes = fixed.array<16>();
  attempt.number = fixed.u16();
  ByteReader moving(head);
  begin(moving);
  attempt.psp_reference = moving.sized_text(128);
  if (!fixed.done() || !moving.done()) return invalid("attempt");
  return attempt;
}

Stored encode(const Operation& operation) {
  ByteWriter fixed;
  fixed.u8(kFormat);
  fixed.raw(operation.payment.value.view());
  fixed.raw(operation.attempt.value.view());
  fixed.raw(operation.connector.value.view());
  fixed.u8(static_cast<std::uint8_t>(operation.kind));
  write_money(fixed, operation.amount);
  fixed.raw(operation.target.view());
  fixed.sized_text(operation.psp_key);
  fixed.u8(operation.final_capture ? 1 : 0);
  fixed.raw(operation.idempotency_key);
  fixed.raw(operation.fingerprint);
  fixed.i64(operation.created_at);
  ByteWriter head;
  head.u8(kFormat);
  head.u8(static_cast<std::uint8_t>(operation.state));
  head.i64(operation.updated_at);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Operation> decode_operation(const Uuid& id, std::uint64_t version, BytesView immutable,
                                   BytesView head) {
  ByteReader fixed(immutable);
  begin(fixed);
  const PaymentId payment{{fixed.array<16>()}};
  const AttemptId attempt{{fixed.array<16>()}};
  const ConnectorId connector{{fixed.array<16>()}};
  const OperationKind kind = read_enum(fixed, OperationKind::refund);
  const Money amount = read_money(fixed);
  Operation operation{.id = {id},
                      .version = version,
                      .payment = payment,
                      .attempt = attempt,
                      .connector = connector,
                      .kind = kind,
                      .amount = amount};
  operation.target.bytes = fixed.array<16>();
  operation.psp_key = fixed.sized_text(128);
  operation.final_capture = read_flag(fixed);
  operation.idempotency_key = fixed.array<16>();
  operation.fingerprint = fixed.array<16>();
  operation.created_at = fixed.i64();
  ByteReader moving(head);
  begin(moving);
  operation.state = read_enum(moving, OperationState::unknown);
  operation.updated_at = moving.i64();
  if (!fixed.done() || !moving.done()) return invalid("operation");
  return operation;
}

Stored encode(const Capture& capture) {
  ByteWriter fixed;
  fixed.u8(kFormat);
  fixed.raw(capture.payment.value.view());
  fixed.raw(capture.operation.value.view());
  write_money(fixed, capture.amount);
  fixed.u8(capture.final_capture ? 1 : 0);
  fixed.i64(capture.created_at);
  ByteWriter head;
  head.u8(kFormat);
  head.u8(static_cast<std::uint8_t>(capture.status));
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Capture> decode_capture(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head) {
  ByteReader fixed(immutable);
  begin(fixed);
  const PaymentId payment{{fixed.array<16>()}};
  const OperationId operation{{fixed.array<16>()}};
  Capture capture{.id = {id},
                  .version = version,
                  .payment = payment,
                  .operation = operation,
                  .amount = read_money(fixed)};
  capture.final_capture = read_flag(fixed);
  capture.created_at = fixed.i64();
  ByteReader moving(head);
  begin(moving);
  capture.status = read_enum(moving, CaptureStatus::unknown);
  if (!fixed.done() || !moving.done()) return invalid("capture");
  return capture;
}

Stored encode(const Refund& refund) {
  ByteWriter fixed;
  fixed.u8(kFormat);
  fixed.raw(refund.payment.value.view());
  fixed.raw(refund.operation.value.view());
  write_money(fixed, refund.amount);
  fixed.sized_text(refund.reason);
  fixed.i64(refund.created_at);
  ByteWriter head;
  head.u8(kFormat);
  head.u8(static_cast<std::uint8_t>(refund.status));
  write_decline(head, refund.decline);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Refund> decode_refund(const Uuid& id, std::uint64_t version, BytesView immutable,
                             BytesView head) {
  ByteReader fixed(immutable);
  begin(fixed);
  const PaymentId payment{{fixed.array<16>()}};
  const OperationId operation{{fixed.array<16>()}};
  Refund refund{.id = {id},
                .version = version,
                .payment = payment,
                .operation = operation,
                .amount = read_money(fixed)};
  refund.reason = fixed.sized_text(kTextLimit);
  refund.created_at = fixed.i64();
  ByteReader moving(head);
  begin(moving);
  refund.status = read_enum(moving, RefundStatus::unknown);
  refund.decline = read_decline(moving);
  if (!fixed.done() || !moving.done()) return invalid("refund");
  return refund;
}

}  // namespace florin::domain
