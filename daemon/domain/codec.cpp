#include "daemon/domain/codec.h"

#include "daemon/domain/expiry.h"
#include "daemon/domain/stored_values.h"

namespace florin::domain {
namespace {

using stored::begin;
using stored::invalid;
using stored::kFormat;
using stored::kHeadFormat;
using stored::kMetadataLimit;
using stored::kTextLimit;
using stored::read_decline;
using stored::read_enum;
using stored::read_flag;
using stored::read_live_state;
using stored::read_money;
using stored::write_decline;
using stored::write_money;

// Of a payment's immutable part: when personal fields are sealed, of a branch, and both.
constexpr std::uint8_t kFormatWithCustomer = 2;
constexpr std::uint8_t kFormatOfBranch = 3;
constexpr std::uint8_t kFormatOfBranchWithCustomer = 4;
// Of a payment's head: since its authorization has an end and can grow; since it may wait for its
// confirmation.
constexpr std::uint8_t kHeadWithTimes = 3;
constexpr std::uint8_t kPaymentHeadFormat = 4;
constexpr std::size_t kSealedLimit = 8UL * 1024;

}  // namespace

Stored encode(const Payment& payment) {
  ByteWriter fixed;
  const bool customer = payment.terms.has_customer();
  if (payment.terms.has_branch()) {
    fixed.u8(customer ? kFormatOfBranchWithCustomer : kFormatOfBranch);
    fixed.raw(payment.terms.branch.value.view());
  } else {
    fixed.u8(customer ? kFormatWithCustomer : kFormat);
  }
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
  head.u8(kPaymentHeadFormat);
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
    head.u8(static_cast<std::uint8_t>(payment.live->state));
  }
  write_decline(head, payment.last_decline);
  head.raw(payment.attempt.value.view());
  head.i64(payment.updated_at);
  for (const std::int64_t amount :
       {payment.reversed, payment.returned, payment.disputed, payment.charged_back}) {
    head.i64(amount);
  }
  head.u8(payment.expiring ? 1 : 0);
  head.u8(payment.expired ? 1 : 0);
  head.i64(payment.authorized_at);
  head.u8(static_cast<std::uint8_t>(payment.cancel));
  head.raw(payment.cancel_key);
  head.i64(payment.cancel_refund);
  head.i64(payment.authorization.validity_s);
  head.i64(payment.authorization.margin_s);
  head.u8(payment.expiry_voids);
  head.u16(payment.increments);
  head.u8(payment.can_increment ? 1 : 0);
  head.i64(payment.confirm_before);
  return {std::move(fixed).take(), std::move(head).take()};
}

namespace {

PaymentTerms read_terms(ByteReader& fixed) {
  const std::uint8_t format = fixed.u8();
  if (format < kFormat || format > kFormatOfBranchWithCustomer) fixed.fail();
  const bool of_branch = format >= kFormatOfBranch;
  const bool customer = format == kFormatWithCustomer || format == kFormatOfBranchWithCustomer;
  const MerchantId branch{of_branch ? Uuid{fixed.array<16>()} : Uuid{}};
  // One meaning has one form.
  if (of_branch && branch.value.is_nil()) fixed.fail();
  const MerchantId merchant{{fixed.array<16>()}};
  const Money amount = read_money(fixed);
  PaymentTerms terms{.merchant = merchant, .branch = branch, .amount = amount};
  terms.capture_method = read_enum(fixed, CaptureMethod::manual);
  terms.merchant_reference = fixed.sized_text(kTextLimit);
  if (customer) {
    terms.subject.value.bytes = fixed.array<16>();
    terms.sealed_personal = to_bytes(fixed.sized(kSealedLimit));
    terms.personal = PersonalState::sealed;
    if (!terms.has_customer()) fixed.fail();
  } else {
    terms.payment_token = fixed.sized_text(kTextLimit);
    terms.description = fixed.sized_text(kTextLimit);
    terms.metadata = fixed.sized_text(kMetadataLimit);
  }
  terms.created_at = fixed.i64();
  return terms;
}

// What all formats of a payment's head have.
void read_amounts_and_state(ByteReader& moving, std::uint8_t format, Payment& payment) {
  for (std::int64_t* const field :
       {&payment.authorized, &payment.captured, &payment.released, &payment.refunded,
        &payment.capture_pending, &payment.refund_pending}) {
    *field = moving.i64();
  }
  payment.captures = moving.u16();
  payment.refunds = moving.u16();
  payment.failed = read_flag(moving);
  const std::uint8_t live = moving.u8();
  // A refund is no live operation.
  const bool refund = live == static_cast<std::uint8_t>(OperationKind::refund);
  if (refund || live > static_cast<std::uint8_t>(kLastOperationKind)) moving.fail();
  if (live != 0) {
    const OperationId operation{{moving.array<16>()}};
    payment.live =
        LiveOperation{operation, static_cast<OperationKind>(live), read_live_state(moving, format)};
  }
  payment.last_decline = read_decline(moving);
  payment.attempt.value.bytes = moving.array<16>();
  payment.updated_at = moving.i64();
}

void read_late_facts_and_cancel(ByteReader& moving, Payment& payment) {
  for (std::int64_t* const field :
       {&payment.reversed, &payment.returned, &payment.disputed, &payment.charged_back}) {
    *field = moving.i64();
  }
  payment.expiring = read_flag(moving);
  payment.expired = read_flag(moving);
  payment.authorized_at = moving.i64();
  const std::uint8_t cancel = moving.u8();
  if (cancel > static_cast<std::uint8_t>(CancelState::done)) moving.fail();
  payment.cancel = static_cast<CancelState>(cancel);
  payment.cancel_key = moving.array<16>();
  payment.cancel_refund = moving.i64();
}

void read_times(ByteReader& moving, Payment& payment) {
  payment.authorization.validity_s = moving.i64();
  payment.authorization.margin_s = moving.i64();
  payment.expiry_voids = moving.u8();
  const bool ends = payment.authorization != AuthorizationTime{};
  if (ends && !check_authorization_time(payment.authorization).ok()) moving.fail();
  if (payment.expiry_voids > kMaxExpiryVoids) moving.fail();
  payment.increments = moving.u16();
  payment.can_increment = read_flag(moving);
}

}  // namespace

Result<Payment> decode_payment(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head) {
  ByteReader fixed(immutable);
  Payment payment{.id = {id}, .version = version, .terms = read_terms(fixed)};
  ByteReader moving(head);
  const std::uint8_t format = moving.u8();
  if (format < kFormat || format > kPaymentHeadFormat) moving.fail();
  read_amounts_and_state(moving, format, payment);
  if (format >= kHeadFormat) read_late_facts_and_cancel(moving, payment);
  if (format >= kHeadWithTimes) read_times(moving, payment);
  if (format >= kPaymentHeadFormat) payment.confirm_before = moving.i64();
  if (payment.confirm_before < 0) moving.fail();
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

}  // namespace florin::domain
