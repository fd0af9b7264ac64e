#include "daemon/domain/cancel.h"

#include <fmt/format.h>

#include <algorithm>

namespace florin::domain {
namespace {

Plan payment_alone(const Payment& payment, const Attempt& attempt, UnixNanos now) {
  Plan plan{.life = {.payment = payment,
                     .attempt = attempt,
                     .operation = {.amount = payment.terms.amount}}};
  plan.operation_changed = false;
  plan.life.payment.updated_at = now;
  return plan;
}

}  // namespace

Result<Plan> cancel(const Payment& payment, const Attempt& attempt, const NewOperation& operation,
                    UnixNanos now) {
  if (payment.is_closing()) {
    return Error(Errc::state_conflict, {}, "the cancellation was asked for before",
                 allowed_commands(payment));
  }
  if (payment.is_unconfirmed()) {
    Plan plan = payment_alone(payment, attempt, now);
    plan.life.payment.confirm_before = 0;
    plan.events = {"payment.canceled"};
    return plan;
  }
  if (!payment.live) {
    if (payment.capturable() > 0) return void_rest(payment, attempt, operation, now);
    return Error(Errc::state_conflict, {},
                 fmt::format("a payment that is {} cannot be canceled",
                             payment_status_name(status_of(payment))),
                 allowed_commands(payment));
  }
  // A void says the same already; how it ends is to be awaited.
  if (payment.live->kind == OperationKind::void_) {
    return void_rest(payment, attempt, operation, now);
  }
  Plan plan = payment_alone(payment, attempt, now);
  plan.life.payment.cancel = CancelState::requested;
  plan.life.payment.cancel_key = operation.idempotency_key;
  plan.events = {"payment.cancel_requested"};
  return plan;
}

void end_wish(Payment& payment, const Operation& ended) noexcept {
  if (payment.cancel != CancelState::requested) return;
  const bool took = ended.state == OperationState::succeeded &&
                    (ended.kind == OperationKind::sale || ended.kind == OperationKind::capture);
  payment.cancel_refund = took ? ended.amount.minor() : 0;
  const bool nothing = payment.cancel_refund == 0 && payment.capturable() <= 0;
  payment.cancel = nothing ? CancelState::done : CancelState::due;
}

Plan cancel_step(const Payment& payment, const Attempt& attempt, LateSuccess rule,
                 const NewOperation& operation, UnixNanos now) {
  FLORIN_ASSERT(payment.cancel == CancelState::due && !payment.live);
  // What a step leaves: the wish is over unless a void is still to follow.
  Payment after = payment;
  const std::int64_t amount = std::min(payment.cancel_refund, payment.refundable());
  after.cancel_refund = 0;
  const bool refunds = amount > 0 && payment.refunds < kMaxRefunds;
  const bool rest = payment.capturable() > 0;
  after.cancel = refunds && rest ? CancelState::due : CancelState::done;
  if (rule == LateSuccess::accept || (!refunds && !rest)) {
    after.cancel = CancelState::done;
    return payment_alone(after, attempt, now);
  }
  Result<Plan> plan =
      refunds ? refund(after, attempt,
                       {*Money::make(amount, payment.currency()), "canceled", operation}, now)
              : void_rest(after, attempt, operation, now);
  FLORIN_ASSERT(plan.ok());
  return *std::move(plan);
}

}  // namespace florin::domain
