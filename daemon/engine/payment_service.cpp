#include "daemon/engine/payment_service.h"

#include <utility>

#include "base/log.h"
#include "daemon/engine/append.h"
#include "daemon/engine/idempotency.h"

namespace florin::engine {
namespace {

int http_status_of(domain::PaymentStatus status) {
  const bool open = status == domain::PaymentStatus::processing ||
                    status == domain::PaymentStatus::in_doubt ||
                    status == domain::PaymentStatus::review;
  return open ? 202 : 201;
}

// A refund in doubt leaves the payment as it is, but its answer is not final either.
int reply_status(const PaymentView& view, const OperationId& operation) {
  for (const domain::Refund& refund : view.refunds) {
    const bool open = refund.status == domain::RefundStatus::pending ||
                      refund.status == domain::RefundStatus::unknown ||
                      refund.status == domain::RefundStatus::review;
    if (refund.operation == operation) return open ? 202 : 201;
  }
  return http_status_of(domain::status_of(view.payment));
}

ledger::Actor actor_of(const Caller& caller) {
  return {ledger::ActorKind::credential, caller.credential.value};
}

}  // namespace

void add_provenance(ledger::Command& entry, const Provenance& provenance) {
  entry.note = provenance.note;
  entry.approvals = provenance.approvals;
  entry.uniques.insert(entry.uniques.end(), provenance.uniques.begin(), provenance.uniques.end());
  entry.objects.insert(entry.objects.end(), provenance.objects.begin(), provenance.objects.end());
}

domain::NewOperation PaymentService::new_operation(const Context& context, const Caller& caller,
                                                   std::uint16_t attempt, std::string_view kind) {
  return {.id = {new_uuid(clock_, entropy_)},
          .target = new_uuid(clock_, entropy_),
          .psp_key = context.psp_key(caller.idempotency_key, attempt, kind),
          .idempotency_key = caller.idempotency_key,
          .fingerprint = caller.fingerprint};
}

EntryIds PaymentService::entry_ids(std::size_t events) {
  EntryIds ids{.entry = new_uuid(clock_, entropy_), .events = {}};
  ids.events.reserve(events);
  for (std::size_t i = 0; i < events; ++i) ids.events.push_back(new_uuid(clock_, entropy_));
  return ids;
}

net::Task<Result<Reply>> PaymentService::command(ContextPtr context, Caller caller, PaymentId id,
                                                 std::string_view kind, Decide decide) {
  for (int attempt = 1;; ++attempt) {
    // A command builds on what this merchant was answered before: see all that is durable.
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
    FLORIN_CO_TRY(std::optional<Reply> earlier, earlier_answer(*context, caller, clock_.now()));
    if (earlier) co_return std::move(*earlier);
    FLORIN_CO_TRY(PaymentView view, load_view(*context, id));
    // Another merchant's payment is answered exactly like one that does not exist.
    if (view.payment.terms.merchant != caller.merchant) co_return Error(Errc::not_found);
    FLORIN_CO_TRY(domain::Attempt latest, latest_attempt(*context, view.payment));
    FLORIN_CO_TRY(domain::Plan plan, decide(view.payment, latest,
                                            new_operation(*context, caller, latest.number, kind)));
    std::optional<Error> refused;
    if (plan.operation_changed) {
      Result<domain::Life> life = co_await open_intent(context, caller, plan, view);
      if (life.ok()) co_return co_await carry_out(context, caller, std::move(*life));
      refused = std::move(life).error();
    } else {
      Result<Reply> reply = co_await record(context, caller, plan, view);
      if (reply.ok()) co_return reply;
      refused = std::move(reply).error();
    }
    const bool again = refused->code() == Errc::version_conflict ||
                       refused->code() == Errc::idempotency_in_progress;
    if (!again || attempt == kDecisionAttempts) co_return *std::move(refused);
  }
}

// Record group 1: the intent is durable before a byte leaves.
net::Task<Result<domain::Life>> PaymentService::open_intent(ContextPtr context, Caller caller,
                                                            domain::Plan plan, PaymentView before,
                                                            FirstClaims claims) {
  const PaymentView shown = view_after(plan, std::move(before));
  const StoredAnswer reservation{.key = caller.idempotency_key,
                                 .fingerprint = caller.fingerprint,
                                 .resource = plan.life.payment.id.value};
  ledger::Command entry = translate(*context, plan, shown, ledger::Origin::command,
                                    actor_of(caller), entry_ids(plan.events.size()), reservation);
  add_claims(entry, plan.life.payment.id, caller, claims);
  Result<ledger::Receipt> receipt = co_await append(context, std::move(entry));
  if (receipt.ok()) co_return stored_life(plan, true);
  if (receipt.error().code() != Errc::unique_violation) co_return std::move(receipt).error();
  co_return co_await what_is_taken(context, std::move(claims));
}

// A command that sends nothing: state, event and answer are one entry.
net::Task<Result<Reply>> PaymentService::record(ContextPtr context, Caller caller,
                                                domain::Plan plan, PaymentView before,
                                                FirstClaims claims) {
  const PaymentView shown = view_after(plan, std::move(before));
  const StoredAnswer answer{
      .key = caller.idempotency_key,
      .fingerprint = caller.fingerprint,
      .resource = plan.life.payment.id.value,
      .http_status = static_cast<std::uint16_t>(http_status_of(domain::status_of(shown.payment))),
      .body = render_stored(*context, shown),
      .expires_at = clock_.now() + kAnswerLifetime_ns};
  ledger::Command entry = translate(*context, plan, shown, ledger::Origin::command,
                                    actor_of(caller), entry_ids(plan.events.size()), answer);
  add_claims(entry, plan.life.payment.id, caller, claims);
  Result<ledger::Receipt> receipt = co_await append(context, std::move(entry));
  if (receipt.ok()) {
    co_return Reply{.status = answer.http_status,
                    .body = render(*context, shown),
                    .payment = plan.life.payment.id.value};
  }
  if (receipt.error().code() != Errc::unique_violation) co_return std::move(receipt).error();
  co_return co_await what_is_taken(context, std::move(claims));
}

net::Task<Result<Reply>> PaymentService::carry_out(ContextPtr context, Caller caller,
                                                   domain::Life life,
                                                   std::optional<PaymentView> known) {
  const OperationId operation = life.operation.id;
  domain::Outcome outcome = co_await acquirer_.perform(context, life);
  Provenance provenance{.actor = actor_of(caller), .evidence = outcome.evidence};
  FLORIN_CO_TRY(Booking booking,
                co_await book(context, std::move(life), settling(std::move(outcome)),
                              std::move(provenance), std::move(known)));
  if (booking.answered) {
    co_return Reply{.status = reply_status(booking.view, operation),
                    .body = render(*context, booking.view),
                    .payment = booking.view.payment.id.value};
  }
  // A notice, or an inquiry, was first and wrote the answer: there is one for each request, for
  // ever.
  FLORIN_CO_TRY_VOID(co_await wait_visible(context));
  FLORIN_CO_TRY(std::optional<Reply> written, stored_answer(*context, caller, clock_.now()));
  if (!written) co_return Error(Errc::ledger_mismatch, {}, {}, "an outcome without its answer");
  written->replayed = false;
  co_return std::move(*written);
}

PaymentService::Rule PaymentService::settling(domain::Outcome outcome) {
  return [outcome = std::move(outcome)](const domain::Life& life,
                                        UnixNanos now) -> Result<std::optional<domain::Plan>> {
    return domain::settle(life, outcome, now);
  };
}

net::Task<Result<PaymentView>> PaymentService::book_outcome(ContextPtr context, domain::Life life,
                                                            domain::Outcome outcome,
                                                            ledger::Actor actor) {
  Provenance provenance{.actor = actor, .evidence = outcome.evidence};
  FLORIN_CO_TRY(Booking booking,
                co_await book(std::move(context), std::move(life), settling(std::move(outcome)),
                              std::move(provenance)));
  co_return std::move(booking.view);
}

// The merchant's answer is written once, with the first outcome; what an unknown resolves to later
// is told by reads and events.
std::optional<StoredAnswer> PaymentService::first_answer(const Context& context,
                                                         const domain::Life& before,
                                                         const PaymentView& shown) const {
  const bool waits = before.operation.idempotency_key != Key16{};
  if (!waits || before.operation.state != domain::OperationState::dispatched) return std::nullopt;
  return StoredAnswer{
      .key = before.operation.idempotency_key,
      .fingerprint = before.operation.fingerprint,
      .resource = before.payment.id.value,
      .http_status = static_cast<std::uint16_t>(reply_status(shown, before.operation.id)),
      .body = render_stored(context, shown),
      .expires_at = clock_.now() + kAnswerLifetime_ns};
}

// Record group 2: outcome, postings, state, answer and events are one entry.
net::Task<Result<Booking>> PaymentService::book(ContextPtr context, domain::Life life, Rule rule,
                                                Provenance provenance,
                                                std::optional<PaymentView> known) {
  for (int attempt = 1;; ++attempt) {
    FLORIN_CO_TRY(std::optional<domain::Plan> plan, rule(life, clock_.now()));
    if (!known) {
      FLORIN_CO_TRY_VOID(co_await wait_visible(context));
      FLORIN_CO_TRY(known, load_view(*context, life.payment.id));
    }
    PaymentView before = *std::exchange(known, std::nullopt);
    if (!plan) co_return Booking{.view = std::move(before), .booked = false};
    if (plan->life.fact) {
      log(LogLevel::error, "operation.late_success",
          {{"operation", life.operation.id.text()}, {"evidence", provenance.evidence}});
    } else if (plan->life.operation.state == domain::OperationState::review) {
      log(LogLevel::error, "operation.answer_differs",
          {{"operation", life.operation.id.text()}, {"evidence", provenance.evidence}});
    }
    PaymentView shown = view_after(*plan, std::move(before));
    EntryIds ids = entry_ids(plan->events.size());
    if (provenance.entry) ids.entry = *provenance.entry;
    const std::optional<StoredAnswer> answer = first_answer(*context, life, shown);
    ledger::Command entry =
        translate(*context, *plan, shown, ledger::Origin::fact, provenance.actor, ids, answer);
    add_provenance(entry, provenance);
    Result<ledger::Receipt> receipt = co_await append(context, std::move(entry));
    if (receipt.ok()) {
      const domain::Life stored = stored_life(*plan, false);
      for (const OutcomeObserver& observer : observers_) {
        observer(context, stored, provenance.evidence);
      }
      if (shown.payment.cancel == domain::CancelState::due && on_cancel_due_) {
        on_cancel_due_(context, shown.payment.id);
      }
      co_return Booking{.view = std::move(shown), .booked = true, .answered = answer.has_value()};
    }
    if (receipt.error().code() == Errc::unique_violation) co_return std::move(receipt).error();
    // Another outcome was first, a notice before the answer for instance: look anew.
    const Errc why = receipt.error().code();
    const bool raced = why == Errc::version_conflict || (why == Errc::state_conflict && answer);
    if (!raced || attempt == kFactAttempts) {
      log_error("operation.outcome_not_booked", receipt.error(),
                {{"operation", life.operation.id.text()}});
      co_return std::move(receipt).error();
    }
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
    FLORIN_CO_TRY(life, load_life(*context, life.operation.id));
  }
}

}  // namespace florin::engine
