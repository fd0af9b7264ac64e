#include "daemon/domain/facts.h"

#include <algorithm>
#include <tuple>

#include "daemon/domain/trust.h"

namespace florin::domain {
namespace {

Plan plan_of(const Life& life, FactKind kind, const Uuid& id, const Uuid& subject,
             const Money& amount, UnixNanos now) {
  Plan plan{.life = life};
  plan.operation_changed = false;
  plan.life.payment.updated_at = now;
  plan.life.fact = Fact{.id = id,
                        .kind = kind,
                        .payment = life.payment.id,
                        .connector = life.attempt.connector,
                        .subject = subject,
                        .amount = amount,
                        .recorded_at = now};
  return plan;
}

void move_money(Plan& plan, MoneyFact fact, std::int64_t amount, Currency currency) {
  if (amount <= 0) return;
  Movement movement{fact, amount};
  if (currency != plan.life.payment.currency()) movement.currency = currency;
  plan.movements.push_back(movement);
}

// Takes what fits back from a part; what is more, or in another currency, is nobody's yet.
std::int64_t take_back(Plan& plan, const Money& told, std::int64_t at_most, MoneyFact explained,
                       MoneyFact unexplained) {
  const bool same = told.currency() == plan.life.payment.currency();
  const std::int64_t fitting = same ? std::clamp<std::int64_t>(told.minor(), 0, at_most) : 0;
  move_money(plan, explained, fitting, told.currency());
  move_money(plan, unexplained, told.minor() - fitting, told.currency());
  return fitting;
}

std::optional<Plan> reverse_capture(const Life& life, const Notice& notice, UnixNanos now) {
  // A sale that did not succeed never made a capture; what is taken back then is nobody's yet.
  const bool made = life.capture.has_value() && life.capture->status != CaptureStatus::failed;
  if (!has_ended(life.operation.state)) return std::nullopt;
  Plan plan =
      plan_of(life, notice.kind, notice.id,
              life.capture ? life.capture->id.value : life.operation.id.value, notice.amount, now);
  const std::int64_t left = made ? life.capture->amount.minor() - life.capture->reversed : 0;
  const std::int64_t fitting =
      take_back(plan, notice.amount, left, MoneyFact::capture_reversed, MoneyFact::unexplained_out);
  plan.life.payment.reversed += fitting;
  if (made) {
    Capture& capture = *plan.life.capture;
    capture.reversed += fitting;
    if (capture.reversed == capture.amount.minor()) capture.status = CaptureStatus::reversed;
  }
  plan.events.emplace_back("capture.reversed");
  return plan;
}

std::optional<Plan> return_refund(const Life& life, const Notice& notice, UnixNanos now) {
  FLORIN_ASSERT(life.refund.has_value());
  if (!has_ended(life.operation.state)) return std::nullopt;
  const bool made = life.refund->status != RefundStatus::failed;
  Plan plan = plan_of(life, notice.kind, notice.id, life.refund->id.value, notice.amount, now);
  Refund& refund = *plan.life.refund;
  const std::int64_t left = made ? refund.amount.minor() - refund.returned : 0;
  const std::int64_t fitting =
      take_back(plan, notice.amount, left, MoneyFact::refund_returned, MoneyFact::unexplained_in);
  refund.returned += fitting;
  plan.life.payment.returned += fitting;
  if (made && refund.returned == refund.amount.minor()) refund.status = RefundStatus::returned;
  plan.events.emplace_back("refund.returned");
  return plan;
}

// Connectors keep to the limits; this is the last door before the books.
DisputeNotice storable(DisputeNotice notice) {
  notice.psp_dispute.resize(std::min(notice.psp_dispute.size(), kMaxFactKey));
  notice.reason.resize(std::min(notice.reason.size(), kMaxFactKey));
  return notice;
}

Dispute new_dispute(const Life& life, const Notice& notice, UnixNanos now) {
  return {.id = {notice.id},
          .payment = life.payment.id,
          .merchant = life.payment.terms.merchant,
          .branch = life.payment.terms.branch,
          .connector = life.attempt.connector,
          .psp_dispute = storable(*notice.dispute).psp_dispute,
          .currency = notice.amount.currency(),
          .created_at = now};
}

// Moves the money to where the latest that was told says that it is.
void settle_funds(Plan& plan, Dispute& dispute) {
  const DisputeFunds funds = funds_of(dispute.stage, dispute.status);
  const std::int64_t taken = funds == DisputeFunds::with_merchant ? 0 : dispute.amount;
  const std::int64_t lost = funds == DisputeFunds::lost ? dispute.amount : 0;
  const Currency currency = dispute.currency;
  move_money(plan, MoneyFact::dispute_taken, taken - dispute.taken, currency);
  move_money(plan, MoneyFact::dispute_lost, lost - dispute.lost, currency);
  move_money(plan, MoneyFact::dispute_lost_reversed, dispute.lost - lost, currency);
  move_money(plan, MoneyFact::dispute_returned, dispute.taken - taken, currency);
  if (taken > dispute.taken) plan.events.emplace_back("dispute.funds_withdrawn");
  if (taken < dispute.taken) plan.events.emplace_back("dispute.funds_reinstated");
  if (currency == plan.life.payment.currency()) {
    plan.life.payment.charged_back += lost - dispute.lost;
    plan.life.payment.disputed += (taken - lost) - (dispute.taken - dispute.lost);
  }
  dispute.taken = taken;
  dispute.lost = lost;
}

std::optional<Plan> record_dispute(const Life& life, const Notice& notice, UnixNanos now) {
  FLORIN_ASSERT(notice.dispute.has_value());
  // Whether anything was charged is not known while that is under way.
  if (!has_ended(life.operation.state)) return std::nullopt;
  const bool first = !life.dispute.has_value();
  Plan plan = plan_of(life, notice.kind, notice.id, first ? notice.id : life.dispute->id.value,
                      notice.amount, now);
  if (first) plan.life.dispute = new_dispute(life, notice, now);
  Dispute& dispute = *plan.life.dispute;
  const DisputeNotice told = storable(*notice.dispute);
  ++dispute.facts;
  dispute.updated_at = now;
  // Facts arrive in any order; the latest that was told counts.
  const auto place = [](DisputeStage stage, UnixNanos at, DisputeStatus status) {
    return std::tuple(stage, at, status);
  };
  const bool later = first || place(told.stage, notice.told_at, told.status) >
                                  place(dispute.stage, dispute.told_at, dispute.status);
  if (first) plan.events.emplace_back("dispute.opened");
  if (later) {
    dispute.stage = told.stage;
    dispute.status = told.status;
    dispute.told_at = notice.told_at;
    dispute.amount = notice.amount.minor();
    dispute.reason = told.reason;
    dispute.respond_by = told.respond_by;
    if (is_closed(told.status)) {
      plan.events.emplace_back("dispute.closed");
    } else if (!first) {
      plan.events.emplace_back("dispute.updated");
    }
    settle_funds(plan, dispute);
  }
  return plan;
}

}  // namespace

std::optional<Plan> apply_fact(const Life& life, const Notice& notice, UnixNanos now) {
  std::optional<Plan> plan;
  switch (notice.kind) {
    case FactKind::capture_reversed:
      plan = reverse_capture(life, notice, now);
      break;
    case FactKind::refund_returned:
      plan = return_refund(life, notice, now);
      break;
    case FactKind::dispute:
      plan = record_dispute(life, notice, now);
      break;
    case FactKind::late_success:
      break;
  }
  if (!plan) return plan;
  plan->life.fact->psp_key = notice.psp_key.substr(0, kMaxFactKey);
  plan->life.fact->told_at = notice.told_at;
  if (notice.dispute) plan->life.fact->dispute = storable(*notice.dispute);
  return plan;
}

bool is_odd(const Plan& plan) {
  const bool unexplained =
      std::any_of(plan.movements.begin(), plan.movements.end(), [](const Movement& movement) {
        return movement.fact == MoneyFact::unexplained_in ||
               movement.fact == MoneyFact::unexplained_out;
      });
  const Life& life = plan.life;
  return unexplained ||
         (life.dispute && (life.dispute->currency != life.payment.currency() ||
                           life.dispute->amount > life.payment.captured - life.payment.reversed));
}

std::string fact_key(const Fact& fact) {
  std::string out(fact_kind_name(fact.kind));
  if (fact.dispute) {
    return out + "/" + fact.dispute->psp_dispute + "/" +
           std::string(dispute_stage_name(fact.dispute->stage)) + "/" +
           std::string(dispute_status_name(fact.dispute->status));
  }
  if (fact.kind == FactKind::late_success) return out + "/" + fact.subject.text();
  return out + "/" + fact.psp_key;
}

std::optional<Plan> late_success(const Life& life, const Outcome& outcome, UnixNanos now) {
  const Operation& operation = life.operation;
  const OperationInput input = judged(operation, outcome);
  const bool success = input == OperationInput::succeeded || input == OperationInput::differs;
  const bool over = has_ended(operation.state) && operation.state != OperationState::succeeded;
  if (!success || !over || operation.late_success) return std::nullopt;
  // One object for each operation, so its identifier serves.
  Plan plan = plan_of(life, FactKind::late_success, operation.id.value, operation.id.value,
                      *outcome.amount, now);
  plan.operation_changed = true;
  plan.life.operation.late_success = true;
  plan.life.operation.updated_at = now;
  plan.life.fact->psp_key = outcome.psp_reference.substr(0, kMaxFactKey);
  // Whose money it is is for people to say: the payment has ended, or went on without it.
  const Money& amount = *outcome.amount;
  switch (operation.kind) {
    case OperationKind::sale:
    case OperationKind::capture:
      move_money(plan, MoneyFact::unexplained_in, amount.minor(), amount.currency());
      break;
    case OperationKind::refund:
      move_money(plan, MoneyFact::unexplained_out, amount.minor(), amount.currency());
      break;
    case OperationKind::authorize:
    case OperationKind::void_:
    case OperationKind::increment:
      break;
  }
  plan.events.emplace_back("payment.late_success");
  return plan;
}

std::string_view fact_kind_name(FactKind kind) noexcept {
  switch (kind) {
    case FactKind::late_success:
      return "late_success";
    case FactKind::capture_reversed:
      return "capture_reversed";
    case FactKind::refund_returned:
      return "refund_returned";
    case FactKind::dispute:
      return "dispute";
  }
  return "";
}

}  // namespace florin::domain
