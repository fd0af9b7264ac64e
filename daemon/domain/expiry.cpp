#include "daemon/domain/expiry.h"

namespace florin::domain {

Result<void> check_authorization_time(const AuthorizationTime& time) {
  if (time.validity_s < 1 || time.validity_s > kMaxValidity_s) {
    return Error(Errc::malformed_value, "/authorization_validity", "expected 1 s to 366 days");
  }
  if (time.margin_s < 0 || time.margin_s >= time.validity_s) {
    return Error(Errc::malformed_value, "/authorization_margin",
                 "expected less than the validity of authorizations");
  }
  return {};
}

std::optional<UnixNanos> authorization_end(const Payment& payment) noexcept {
  if (payment.authorized_at <= 0 || payment.authorization.validity_s <= 0) return std::nullopt;
  return payment.authorized_at + payment.authorization.validity_s * kNanosPerSecond;
}

std::optional<UnixNanos> capture_before(const Payment& payment) noexcept {
  const auto end = authorization_end(payment);
  const std::int64_t rest = payment.authorized - payment.captured - payment.released;
  if (!end || rest <= 0) return std::nullopt;
  return *end - payment.authorization.margin_s * kNanosPerSecond;
}

std::optional<UnixNanos> expiry_due(const Payment& payment) noexcept {
  if (payment.is_unconfirmed()) return payment.confirm_before;
  const auto end = authorization_end(payment);
  const bool open = !payment.live && !payment.is_closing() && payment.capturable() > 0;
  if (!end || !open) return std::nullopt;
  if (payment.expiry_voids >= kMaxExpiryVoids) return end;
  // Tries are spread evenly over the margin.
  const std::int64_t margin = payment.authorization.margin_s * kNanosPerSecond;
  return *end - margin + margin / kMaxExpiryVoids * payment.expiry_voids;
}

ExpiryStep expiry_step(const Payment& payment, UnixNanos now) noexcept {
  const auto due = expiry_due(payment);
  if (!due || now < *due) return ExpiryStep::nothing;
  if (payment.is_unconfirmed()) return ExpiryStep::forget;
  return now >= *authorization_end(payment) ? ExpiryStep::expire : ExpiryStep::void_rest;
}

Result<Plan> void_expiring(const Payment& payment, const Attempt& attempt,
                           const NewOperation& operation, UnixNanos now) {
  FLORIN_TRY(Plan plan, void_rest(payment, attempt, operation, now));
  plan.life.payment.expiring = true;
  return plan;
}

void note_failed_expiry(Payment& payment, OperationState ended) noexcept {
  const bool again = ended == OperationState::unsent || ended == OperationState::not_executed;
  if (!again) payment.expiry_voids = kMaxExpiryVoids;
  if (payment.expiry_voids < kMaxExpiryVoids) ++payment.expiry_voids;
}

Result<Plan> expire(const Payment& payment, const Attempt& attempt, UnixNanos now) {
  const std::int64_t rest = payment.capturable();
  if (payment.live || payment.is_closing() || rest <= 0) {
    return Error(Errc::state_conflict, {}, "no authorization is open", allowed_commands(payment));
  }
  Plan plan{.life = {.payment = payment,
                     .attempt = attempt,
                     .operation = {.amount = payment.terms.amount}}};
  plan.operation_changed = false;
  plan.by_time = true;
  Payment& after = plan.life.payment;
  after.updated_at = now;
  after.released += rest;
  after.expired = after.captured == 0;
  plan.movements.push_back({MoneyFact::released, rest});
  plan.events.emplace_back(after.expired ? "payment.expired" : "payment.succeeded");
  return plan;
}

Result<Plan> expire_unconfirmed(const Payment& payment, UnixNanos now) {
  if (!payment.is_unconfirmed() || now < payment.confirm_before) {
    return Error(Errc::state_conflict, {}, "the payment does not wait for its confirmation",
                 allowed_commands(payment));
  }
  Plan plan{
      .life = {.payment = payment, .attempt = {}, .operation = {.amount = payment.terms.amount}}};
  plan.operation_changed = false;
  plan.life.payment.confirm_before = 0;
  plan.life.payment.expired = true;
  plan.life.payment.updated_at = now;
  plan.events = {"payment.expired"};
  return plan;
}

}  // namespace florin::domain
