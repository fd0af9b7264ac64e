#include "daemon/domain/codec.h"
#include "daemon/domain/stored_values.h"

namespace florin::domain {

namespace {
using stored::begin;
using stored::begin_head;
using stored::invalid;
using stored::kFormat;
using stored::kHeadFormat;
using stored::kTextLimit;
using stored::read_decided;
using stored::read_decline;
using stored::read_enum;
using stored::read_flag;
using stored::read_money;
using stored::read_said;
using stored::write_decided;
using stored::write_decline;
using stored::write_money;
using stored::write_said;
}  // namespace

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
  head.u8(kHeadFormat);
  head.u8(static_cast<std::uint8_t>(operation.state));
  head.i64(operation.updated_at);
  write_said(head, operation.said);
  write_decided(head, operation.decided);
  head.u8(operation.late_success ? 1 : 0);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Operation> decode_operation(const Uuid& id, std::uint64_t version, BytesView immutable,
                                   BytesView head) {
  ByteReader fixed(immutable);
  begin(fixed);
  const PaymentId payment{{fixed.array<16>()}};
  const AttemptId attempt{{fixed.array<16>()}};
  const ConnectorId connector{{fixed.array<16>()}};
  const OperationKind kind = read_enum(fixed, kLastOperationKind);
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
  const std::uint8_t format = begin_head(moving);
  operation.state = read_enum(moving, OperationState::review);
  operation.updated_at = moving.i64();
  if (format == kHeadFormat) {
    operation.said = read_said(moving);
    operation.decided = read_decided(moving);
    operation.late_success = read_flag(moving);
  }
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
  head.u8(kHeadFormat);
  head.u8(static_cast<std::uint8_t>(capture.status));
  head.i64(capture.reversed);
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
  const std::uint8_t format = begin_head(moving);
  capture.status = read_enum(moving, CaptureStatus::reversed);
  if (format == kHeadFormat) capture.reversed = moving.i64();
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
  head.u8(kHeadFormat);
  head.u8(static_cast<std::uint8_t>(refund.status));
  write_decline(head, refund.decline);
  head.i64(refund.returned);
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
  const std::uint8_t format = begin_head(moving);
  refund.status = read_enum(moving, RefundStatus::returned);
  refund.decline = read_decline(moving);
  if (format == kHeadFormat) refund.returned = moving.i64();
  if (!fixed.done() || !moving.done()) return invalid("refund");
  return refund;
}

}  // namespace florin::domain
