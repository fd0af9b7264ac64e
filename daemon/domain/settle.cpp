#include <algorithm>

#include "daemon/domain/decide.h"

namespace florin::domain {
namespace {

bool succeeded(OperationState state) {
  return state == OperationState::succeeded;
}
bool unknown(OperationState state) {
  return state == OperationState::unknown;
}

// A success must be about what we asked for; anything else proves nothing.
OutcomeClass trusted_class(const Operation& operation, const Outcome& outcome) {
  if (outcome.outcome != OutcomeClass::succeeded) return outcome.outcome;
  const bool same_amount = outcome.amount.has_value() && *outcome.amount == operation.amount;
  const bool same_reference = outcome.reference == operation.id.text();
  // A reference that cannot be kept could not be captured or refunded later.
  const bool usable = outcome.psp_reference.size() <= kMaxPspReference;
  return same_amount && same_reference && usable ? OutcomeClass::succeeded : OutcomeClass::unknown;
}

// Connectors keep to the limits; this is the last door before the books, where an outsized text
// would make the object unreadable.
std::optional<Decline> storable(std::optional<Decline> decline) {
  if (decline) {
    decline->code.resize(std::min(decline->code.size(), kMaxDeclineCode));
    decline->network_code.resize(std::min(decline->network_code.size(), kMaxNetworkCode));
  }
  return decline;
}

void book_capture(Plan& plan, std::int64_t amount, bool final_capture) {
  Payment& payment = plan.life.payment;
  payment.captured += amount;
  plan.movements.push_back({MoneyFact::captured, amount});
  const std::int64_t rest = payment.authorized - payment.captured - payment.released;
  if (final_capture && rest > 0) {
    payment.released += rest;
    plan.movements.push_back({MoneyFact::released, rest});
  }
  plan.events.emplace_back("capture.succeeded");
  if (payment.authorized == payment.captured + payment.released) {
    plan.events.emplace_back("payment.succeeded");
  }
}

void settle_authorization(Plan& plan, OperationState state, const Outcome& outcome) {
  Payment& payment = plan.life.payment;
  const Operation& operation = plan.life.operation;
  if (!succeeded(state)) {
    payment.failed = true;
    payment.last_decline = storable(outcome.decline);
    plan.events.emplace_back("payment.failed");
    return;
  }
  payment.authorized = operation.amount.minor();
  plan.life.attempt.psp_reference = outcome.psp_reference;
  plan.attempt_changed = true;
  plan.movements.push_back({MoneyFact::authorized, payment.authorized});
  plan.events.emplace_back("payment.authorized");
  if (operation.kind == OperationKind::sale) {
    plan.life.capture = Capture{.id = {operation.target},
                                .payment = payment.id,
                                .operation = operation.id,
                                .amount = operation.amount,
                                .final_capture = true,
                                .created_at = payment.updated_at,
                                .status = CaptureStatus::succeeded};
    ++payment.captures;
    book_capture(plan, operation.amount.minor(), true);
  }
}

void settle_capture(Plan& plan, OperationState state, const Outcome& outcome) {
  Payment& payment = plan.life.payment;
  const std::int64_t amount = plan.life.operation.amount.minor();
  FLORIN_ASSERT(plan.life.capture.has_value());
  payment.capture_pending -= amount;
  if (succeeded(state)) {
    plan.life.capture->status = CaptureStatus::succeeded;
    book_capture(plan, amount, plan.life.operation.final_capture);
    return;
  }
  plan.life.capture->status = CaptureStatus::failed;
  payment.last_decline = storable(outcome.decline);
  plan.events.emplace_back("capture.failed");
}

void settle_void(Plan& plan, OperationState state, const Outcome& outcome) {
  Payment& payment = plan.life.payment;
  if (!succeeded(state)) {
    payment.last_decline = storable(outcome.decline);
    return;
  }
  payment.released += plan.life.operation.amount.minor();
  plan.movements.push_back({MoneyFact::released, plan.life.operation.amount.minor()});
  plan.events.emplace_back(payment.captured == 0 ? "payment.canceled" : "payment.succeeded");
}

void settle_refund(Plan& plan, OperationState state, const Outcome& outcome) {
  Payment& payment = plan.life.payment;
  const std::int64_t amount = plan.life.operation.amount.minor();
  Refund& refund = *plan.life.refund;
  payment.refund_pending -= amount;
  if (succeeded(state)) {
    payment.refunded += amount;
    refund.status = RefundStatus::succeeded;
    plan.movements.push_back({MoneyFact::refunded, amount});
    plan.events.emplace_back("refund.succeeded");
    return;
  }
  refund.status = RefundStatus::failed;
  refund.decline = storable(outcome.decline);
  plan.events.emplace_back("refund.failed");
}

// The outcome stays open: mark what waits for it, move nothing.
void mark_unknown(Plan& plan) {
  if (plan.life.refund) {
    // An unknown refund is a doubt about the refund alone; the payment lives on.
    plan.life.refund->status = RefundStatus::unknown;
    return;
  }
  if (plan.life.capture) plan.life.capture->status = CaptureStatus::unknown;
  plan.life.payment.live->unknown = true;
  plan.events.emplace_back("payment.in_doubt");
}

}  // namespace

std::optional<Plan> settle(const Life& life, const Outcome& outcome, UnixNanos now) {
  const OutcomeClass trusted = trusted_class(life.operation, outcome);
  const auto state = next_state(life.operation.state, trusted);
  if (!state) return std::nullopt;
  const bool was_unknown = unknown(life.operation.state);
  const bool refund = life.operation.kind == OperationKind::refund;
  FLORIN_ASSERT(refund == life.refund.has_value());
  // A payment has at most one live operation besides refunds, and this must be it.
  FLORIN_ASSERT(refund || (life.payment.live && life.payment.live->id == life.operation.id));

  Plan plan{.life = life};
  plan.life.operation.state = *state;
  plan.life.operation.updated_at = now;
  plan.life.payment.updated_at = now;
  if (unknown(*state)) {
    mark_unknown(plan);
    return plan;
  }
  if (!refund) plan.life.payment.live.reset();
  if (was_unknown && !refund) plan.events.emplace_back("payment.resolved");
  switch (life.operation.kind) {
    case OperationKind::authorize:
    case OperationKind::sale:
      settle_authorization(plan, *state, outcome);
      break;
    case OperationKind::capture:
      settle_capture(plan, *state, outcome);
      break;
    case OperationKind::void_:
      settle_void(plan, *state, outcome);
      break;
    case OperationKind::refund:
      settle_refund(plan, *state, outcome);
      break;
  }
  return plan;
}

}  // namespace florin::domain
