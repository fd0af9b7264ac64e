#include "daemon/domain/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace florin::domain {
namespace {

Operation make_operation(const Payment& payment, const Attempt& attempt, OperationKind kind,
                         Money amount, const NewOperation& input, UnixNanos now) {
  return Operation{.id = input.id,
                   .payment = payment.id,
                   .attempt = attempt.id,
                   .connector = attempt.connector,
                   .kind = kind,
                   .amount = amount,
                   .target = input.target,
                   .psp_key = input.psp_key,
                   .idempotency_key = input.idempotency_key,
                   .fingerprint = input.fingerprint,
                   .created_at = now,
                   .updated_at = now};
}

Error conflict(const Payment& payment, std::string_view what) {
  return Error(Errc::state_conflict, {},
               fmt::format("a payment that is {} cannot be {}",
                           payment_status_name(status_of(payment)), what),
               allowed_commands(payment));
}

Result<void> check_quiet(const Payment& payment, std::string_view what) {
  if (!payment.live) {
    if (!payment.is_closing()) return {};
    return Error(Errc::state_conflict, {}, "the payment is being canceled",
                 allowed_commands(payment));
  }
  const OperationState state = payment.live->state;
  if (state == OperationState::unknown || state == OperationState::review) {
    return Error(Errc::operation_in_doubt, {},
                 fmt::format("the outcome of the {} is {}", operation_kind_name(payment.live->kind),
                             state == OperationState::unknown ? "not known yet" : "under review"),
                 allowed_commands(payment));
  }
  return conflict(payment, what);
}

Result<void> check_amount(const Payment& payment, const Money& amount) {
  if (amount.currency() != payment.currency()) {
    return Error(Errc::currency_mismatch, "/amount/currency",
                 fmt::format("the payment is in {}", payment.currency().code()),
                 allowed_commands(payment));
  }
  if (amount.is_zero()) {
    return Error(Errc::amount_invalid, "/amount/value", "the amount must be more than 0",
                 allowed_commands(payment));
  }
  return {};
}

Error too_many(const Payment& payment, std::string_view what, int limit) {
  return Error(Errc::state_conflict, {}, fmt::format("a payment has at most {} {}", limit, what),
               allowed_commands(payment));
}

bool may_increment(const Payment& payment) {
  return payment.can_increment && payment.captures == 0 && payment.increments < kMaxIncrements;
}

Money money_of(const Payment& payment, std::int64_t minor) {
  auto money = Money::make(minor, payment.currency());
  FLORIN_ASSERT(money.ok());
  return *money;
}

// The authorization or sale goes out.
Plan first_attempt(Payment payment, const ConfirmCommand& command, UnixNanos now) {
  const bool sale = payment.terms.capture_method == CaptureMethod::automatic;
  const OperationKind kind = sale ? OperationKind::sale : OperationKind::authorize;
  const Attempt attempt{
      .id = command.attempt, .payment = payment.id, .connector = command.connector};
  Operation operation =
      make_operation(payment, attempt, kind, payment.terms.amount, command.operation, now);
  if (!sale) operation.target = Uuid{};
  payment.attempt = attempt.id;
  payment.confirm_before = 0;
  payment.updated_at = now;
  if (!sale) {
    payment.authorization = command.authorization;
    payment.can_increment = command.can_increment;
  }
  payment.live = LiveOperation{operation.id, kind};
  Plan plan{.life = {.payment = std::move(payment),
                     .attempt = attempt,
                     .operation = std::move(operation)}};
  plan.attempt_changed = true;
  return plan;
}

}  // namespace

std::string allowed_commands(const Payment& payment) {
  std::string out;
  const auto add = [&](std::string_view name) {
    out += (out.empty() ? "" : ",") + std::string(name);
  };
  if (payment.is_unconfirmed()) {
    return payment.terms.personal == PersonalState::open ? "confirm,cancel" : "cancel";
  }
  if (!payment.live && payment.capturable() > 0 && !payment.is_closing()) {
    if (payment.captures < kMaxCaptures) add("capture");
    if (may_increment(payment)) add("increment");
    add("void");
    add("cancel");
  }
  // What is under way can be cancelled in advance, unless it is the release itself.
  if (payment.live && payment.live->kind != OperationKind::void_ && !payment.is_closing()) {
    add("cancel");
  }
  if (payment.refundable() > 0 && payment.refunds < kMaxRefunds) add("refund");
  return out;
}

Plan create_unconfirmed(const PaymentId& payment, const PaymentTerms& terms,
                        std::int64_t confirm_within_s, UnixNanos now) {
  Plan plan{.life = {.payment = {.id = payment, .terms = terms},
                     .attempt = {},
                     .operation = {.amount = terms.amount}}};
  plan.operation_changed = false;
  plan.life.payment.terms.created_at = now;
  plan.life.payment.updated_at = now;
  plan.life.payment.confirm_before = now + confirm_within_s * kNanosPerSecond;
  plan.events = {"payment.created"};
  return plan;
}

Result<Plan> confirm(const Payment& payment, const ConfirmCommand& command, UnixNanos now) {
  if (!payment.is_unconfirmed()) return conflict(payment, "confirmed");
  if (now >= payment.confirm_before) {
    return Error(Errc::state_conflict, {}, "the time to confirm the payment is over", "cancel");
  }
  // What the acquirer has to be told is among what may have been erased.
  if (payment.terms.personal != PersonalState::open) {
    return Error(Errc::state_conflict, {}, "the customer's data is not there any more",
                 allowed_commands(payment));
  }
  return first_attempt(payment, command, now);
}

Plan create(const CreateCommand& command, UnixNanos now) {
  Payment payment{.id = command.payment, .terms = command.terms};
  payment.terms.created_at = now;
  Plan plan = first_attempt(std::move(payment),
                            {.attempt = command.attempt,
                             .connector = command.connector,
                             .operation = command.operation,
                             .authorization = command.authorization,
                             .can_increment = command.can_increment},
                            now);
  plan.events = {"payment.created"};
  return plan;
}

Result<Plan> capture(const Payment& payment, const Attempt& attempt, const CaptureCommand& command,
                     UnixNanos now) {
  FLORIN_TRY_VOID(check_quiet(payment, "captured"));
  if (payment.capturable() <= 0) return conflict(payment, "captured");
  const Money amount = command.amount.value_or(money_of(payment, payment.capturable()));
  FLORIN_TRY_VOID(check_amount(payment, amount));
  if (amount.minor() > payment.capturable()) {
    return Error(Errc::amount_exceeds_capturable, "/amount/value",
                 fmt::format("at most {} can be captured", payment.capturable()),
                 allowed_commands(payment));
  }
  if (payment.captures >= kMaxCaptures) return too_many(payment, "captures", kMaxCaptures);
  Plan plan{.life = {.payment = payment,
                     .attempt = attempt,
                     .operation = make_operation(payment, attempt, OperationKind::capture, amount,
                                                 command.operation, now)}};
  plan.life.operation.final_capture = command.final_capture;
  plan.life.capture = Capture{.id = {command.operation.target},
                              .payment = payment.id,
                              .operation = command.operation.id,
                              .amount = amount,
                              .final_capture = command.final_capture,
                              .created_at = now};
  plan.life.payment.capture_pending += amount.minor();
  ++plan.life.payment.captures;
  plan.life.payment.live = LiveOperation{command.operation.id, OperationKind::capture};
  plan.life.payment.updated_at = now;
  return plan;
}

Result<Plan> increment(const Payment& payment, const Attempt& attempt,
                       const IncrementCommand& command, UnixNanos now) {
  FLORIN_TRY_VOID(check_quiet(payment, "increased"));
  // A capture that failed does not matter to the books, but acquirers differ about it.
  if (payment.capturable() <= 0 || payment.captures > 0) return conflict(payment, "increased");
  if (!payment.can_increment) {
    return Error(Errc::capability_missing, {}, "the acquirer cannot increase an authorization",
                 allowed_commands(payment));
  }
  FLORIN_TRY_VOID(check_amount(payment, command.amount));
  if (command.amount.minor() > kMaxAmountMinor - payment.authorized) {
    return Error(Errc::amount_invalid, "/amount/value",
                 fmt::format("at most {} can be authorized", kMaxAmountMinor),
                 allowed_commands(payment));
  }
  if (payment.increments >= kMaxIncrements) return too_many(payment, "increments", kMaxIncrements);
  Plan plan{.life = {.payment = payment,
                     .attempt = attempt,
                     .operation = make_operation(payment, attempt, OperationKind::increment,
                                                 command.amount, command.operation, now)}};
  plan.life.operation.target = Uuid{};
  ++plan.life.payment.increments;
  plan.life.payment.live = LiveOperation{command.operation.id, OperationKind::increment};
  plan.life.payment.updated_at = now;
  return plan;
}

Result<Plan> void_rest(const Payment& payment, const Attempt& attempt,
                       const NewOperation& operation, UnixNanos now) {
  FLORIN_TRY_VOID(check_quiet(payment, "voided"));
  if (payment.capturable() <= 0) return conflict(payment, "voided");
  Plan plan{.life = {.payment = payment,
                     .attempt = attempt,
                     .operation =
                         make_operation(payment, attempt, OperationKind::void_,
                                        money_of(payment, payment.capturable()), operation, now)}};
  plan.life.operation.target = Uuid{};
  plan.life.payment.live = LiveOperation{operation.id, OperationKind::void_};
  plan.life.payment.updated_at = now;
  return plan;
}

Result<Plan> refund(const Payment& payment, const Attempt& attempt, const RefundCommand& command,
                    UnixNanos now) {
  if (payment.captured == 0) return conflict(payment, "refunded");
  FLORIN_TRY_VOID(check_amount(payment, command.amount));
  if (command.amount.minor() > payment.refundable()) {
    return Error(
        Errc::amount_exceeds_refundable, "/amount/value",
        fmt::format("at most {} can be refunded", std::max<std::int64_t>(0, payment.refundable())),
        allowed_commands(payment));
  }
  if (payment.refunds >= kMaxRefunds) return too_many(payment, "refunds", kMaxRefunds);
  Plan plan{.life = {.payment = payment,
                     .attempt = attempt,
                     .operation = make_operation(payment, attempt, OperationKind::refund,
                                                 command.amount, command.operation, now)}};
  plan.life.refund = Refund{.id = {command.operation.target},
                            .payment = payment.id,
                            .operation = command.operation.id,
                            .amount = command.amount,
                            .reason = command.reason,
                            .created_at = now};
  plan.life.payment.refund_pending += command.amount.minor();
  ++plan.life.payment.refunds;
  plan.life.payment.updated_at = now;
  plan.events = {"refund.created"};
  return plan;
}

}  // namespace florin::domain
