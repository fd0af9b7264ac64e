#include "daemon/domain/expiry.h"

namespace florin::domain {

ExpiryStep expiry_step(const Payment& payment, const AuthorizationTime& time,
                       UnixNanos now) noexcept {
  const bool open = !payment.live && payment.capturable() > 0 && payment.authorized_at > 0;
  if (!open || time.validity_s <= 0 || payment.is_closing()) return ExpiryStep::nothing;
  const std::int64_t age_s = (now - payment.authorized_at) / kNanosPerSecond;
  if (age_s >= time.validity_s) return ExpiryStep::expire;
  const bool near = age_s >= time.validity_s - time.margin_s;
  return near && !payment.expiring ? ExpiryStep::void_rest : ExpiryStep::nothing;
}

Result<Plan> void_expiring(const Payment& payment, const Attempt& attempt,
                           const NewOperation& operation, UnixNanos now) {
  FLORIN_TRY(Plan plan, void_rest(payment, attempt, operation, now));
  plan.life.payment.expiring = true;
  return plan;
}

Result<Plan> expire(const Payment& payment, const Attempt& attempt, UnixNanos now) {
  const std::int64_t rest = payment.capturable();
  if (payment.live || rest <= 0) {
    return Error(Errc::state_conflict, {}, "no authorization is open", allowed_commands(payment));
  }
  Plan plan{.life = {.payment = payment,
                     .attempt = attempt,
                     .operation = {.amount = payment.terms.amount}}};
  plan.operation_changed = false;
  Payment& after = plan.life.payment;
  after.updated_at = now;
  after.released += rest;
  after.expired = after.captured == 0;
  plan.movements.push_back({MoneyFact::released, rest});
  plan.events.emplace_back(after.expired ? "payment.expired" : "payment.succeeded");
  return plan;
}

}  // namespace florin::domain
