#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/domain/cancel.h"
#include "daemon/domain/decide.h"
#include "daemon/domain/expiry.h"
#include "daemon/domain/facts.h"
#include "daemon/domain/trust.h"

namespace florin::domain {
namespace {

bool succeeded(OperationState state) {
  return state == OperationState::succeeded;
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
  // It cannot have begun earlier, whenever its outcome was learned.
  payment.authorized_at = operation.created_at;
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
  const bool expiring = std::exchange(payment.expiring, false);
  if (!succeeded(state)) {
    // Nobody asked for the void of an expiry, so nobody is told how it failed.
    if (expiring) {
      note_failed_expiry(payment, state);
    } else {
      payment.last_decline = storable(outcome.decline);
    }
    return;
  }
  payment.released += plan.life.operation.amount.minor();
  plan.movements.push_back({MoneyFact::released, plan.life.operation.amount.minor()});
  payment.expired = expiring && payment.captured == 0;
  const std::string_view ended = payment.expired ? "payment.expired" : "payment.canceled";
  plan.events.emplace_back(payment.captured == 0 ? ended : "payment.succeeded");
}

void settle_increment(Plan& plan, OperationState state, const Outcome& outcome) {
  Payment& payment = plan.life.payment;
  if (!succeeded(state)) {
    payment.last_decline = storable(outcome.decline);
    return;
  }
  const std::int64_t amount = plan.life.operation.amount.minor();
  payment.authorized += amount;
  plan.movements.push_back({MoneyFact::increased, amount});
  plan.events.emplace_back("authorization.updated");
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
void mark_open(Plan& plan, OperationState state) {
  if (plan.life.refund) {
    // A doubt about a refund is one about the refund alone; the payment lives on.
    plan.life.refund->status = refund_status_of(state);
    if (state == OperationState::review) plan.events.emplace_back("payment.review_opened");
    return;
  }
  if (plan.life.capture) plan.life.capture->status = capture_status_of(state);
  plan.life.payment.live->state = state;
  if (state == OperationState::unknown) plan.events.emplace_back("payment.in_doubt");
  if (state == OperationState::pending) plan.events.emplace_back("payment.processing");
  if (state == OperationState::review) plan.events.emplace_back("payment.review_opened");
}

Said said_by(const Outcome& outcome) {
  return {outcome.amount, outcome.reference.substr(0, kMaxPspReference), outcome.psp_reference};
}

void settle_part(Plan& plan, OperationState state, const Outcome& outcome) {
  switch (plan.life.operation.kind) {
    case OperationKind::authorize:
    case OperationKind::sale:
      return settle_authorization(plan, state, outcome);
    case OperationKind::capture:
      return settle_capture(plan, state, outcome);
    case OperationKind::void_:
      return settle_void(plan, state, outcome);
    case OperationKind::increment:
      return settle_increment(plan, state, outcome);
    case OperationKind::refund:
      return settle_refund(plan, state, outcome);
  }
}

// One step of the operation with all that follows from it.
Plan step(const Life& life, OperationState state, const Outcome& outcome, UnixNanos now) {
  const bool refund = life.operation.kind == OperationKind::refund;
  FLORIN_ASSERT(refund == life.refund.has_value());
  // A payment has at most one live operation besides refunds, and this must be it.
  FLORIN_ASSERT(refund || (life.payment.live && life.payment.live->id == life.operation.id));
  const OperationState before = life.operation.state;
  Plan plan{.life = life};
  plan.life.operation.state = state;
  plan.life.operation.updated_at = now;
  plan.life.payment.updated_at = now;
  if (!has_ended(state)) {
    mark_open(plan, state);
    return plan;
  }
  if (!refund) plan.life.payment.live.reset();
  if (before == OperationState::unknown && !refund) plan.events.emplace_back("payment.resolved");
  if (before == OperationState::review) plan.events.emplace_back("payment.review_closed");
  settle_part(plan, state, outcome);
  if (!refund) end_wish(plan.life.payment, plan.life.operation);
  return plan;
}

}  // namespace

std::optional<Plan> settle(const Life& life, const Outcome& outcome, UnixNanos now) {
  const auto state = next_state(life.operation.state, judged(life.operation, outcome));
  if (!state) return late_success(life, outcome, now);
  Plan plan = step(life, *state, outcome, now);
  if (*state == OperationState::review) plan.life.operation.said = said_by(outcome);
  return plan;
}

Result<Plan> resolve(const Life& life, const Decision& decision, UnixNanos now) {
  const Operation& operation = life.operation;
  const bool succeeded = decision.verdict == Verdict::succeeded;
  const auto state = next_state(operation.state, succeeded ? OperationInput::decided_succeeded
                                                           : OperationInput::decided_not_executed);
  if (!state) {
    return Error(Errc::state_conflict, {},
                 fmt::format("an operation that is {} is not decided by people",
                             operation_state_name(operation.state)));
  }
  if (decision.psp_reference.size() > kMaxPspReference) {
    return Error(Errc::value_too_long, "psp_reference",
                 fmt::format("at most {} characters are kept", kMaxPspReference));
  }
  if (decision.request.empty() || decision.request.size() > kMaxRequestNumber) {
    return Error(Errc::malformed_value, "request", "expected the number of a request");
  }
  Outcome outcome;
  if (succeeded) {
    const bool said = decision.psp_reference.empty() && operation.said.has_value();
    outcome.psp_reference = said ? operation.said->psp_reference : decision.psp_reference;
  } else {
    outcome.decline = Decline{DeclineCategory::technical, "not_executed", {}};
  }
  Plan plan = step(life, *state, outcome, now);
  plan.life.operation.decided = Decided{decision.verdict, decision.evidence, decision.request};
  return plan;
}

}  // namespace florin::domain
