#include "daemon/engine/resolver.h"

#include <algorithm>

#include "base/log.h"
#include "daemon/engine/append.h"
#include "daemon/engine/inquiry_schedule.h"
#include "ledger/log_control.h"

namespace florin::engine {
namespace {

using std::chrono::nanoseconds;

}  // namespace

Resolver::Resolver(net::Runtime& runtime, const Clock& clock, const ContextRegistry& contexts,
                   PaymentService& payments, Acquirer& acquirer)
    : runtime_(runtime),
      clock_(clock),
      contexts_(contexts),
      payments_(payments),
      acquirer_(acquirer) {
  payments_.on_outcome(
      [this](const ContextPtr& context, const domain::Life& life, const std::string& evidence) {
        if (domain::awaits_evidence(life.operation.state)) {
          watch(context, life.operation, evidence);
        } else {
          // Its task finds out when it wakes up.
          notes_.end(life.operation.id);
        }
      });
  payments_.on_cancel_due(
      [this](const ContextPtr& context, PaymentId payment) { start_cancel(*context, payment); });
}

net::Task<Result<void>> Resolver::recover(ContextPtr context) {
  FLORIN_CO_TRY(std::vector<OperationId> open, unresolved_operations(*context));
  // What earlier runs left open needs its room as before; the ledger keeps that in memory.
  if (auto* const control = ledger::log_control(context->books())) {
    control->expect_outcomes(open.size());
  }
  for (const OperationId& id : open) {
    FLORIN_CO_TRY(domain::Life life, load_life(*context, id));
    const UnixNanos since = life.operation.created_at;
    if (life.operation.state == domain::OperationState::dispatched) {
      log(LogLevel::warning, "operation.in_doubt_after_restart", {{"operation", id.text()}});
      domain::Outcome lost;
      lost.evidence = "no outcome was recorded before the restart";
      FLORIN_CO_TRY(PaymentView view,
                    co_await payments_.book_outcome(context, std::move(life), std::move(lost), {}));
    }
    start(*context, id, since, true);
  }
  FLORIN_CO_TRY(std::vector<PaymentId> cancelled, due_cancellations(*context));
  for (const PaymentId& payment : cancelled) start_cancel(*context, payment);
  co_return Result<void>{};
}

void Resolver::start_cancel(const Context& context, PaymentId payment) {
  const Cancellation due{context.tenant(), context.ledger().mode, payment, opening_};
  runtime_.spawn("cancel " + payment.text(), [this, due] { return cancel(due); });
}

// A refused command (overload, books that are closed) leaves it due: it is tried again.
net::Task<void> Resolver::cancel(Cancellation due) {
  // Not an await in the condition of the loop: g++ 12 makes an illegal instruction of it.
  bool ended = co_await try_cancel(due);
  while (!ended) {
    co_await net::sleep_for(std::chrono::seconds(10));
    ended = co_await try_cancel(due);
  }
}

net::Task<bool> Resolver::try_cancel(Cancellation due) {
  if (due.opening != opening_) co_return true;
  ++inquiring_;
  const std::shared_ptr<void> in_hand(nullptr, [this](void*) { --inquiring_; });
  auto context = contexts_.find(due.tenant, due.mode);
  if (!context.ok()) co_return true;
  auto done = co_await payments_.carry_out_cancel(std::move(*context), due.payment);
  if (!done.ok()) {
    log_error("payment.cancel_waits", done.error(), {{"payment", due.payment.text()}});
  }
  co_return done.ok();
}

void Resolver::watch(const ContextPtr& context, const domain::Operation& operation,
                     const std::string& evidence) {
  start(*context, operation.id, operation.created_at, false);
  notes_.explained(operation.id, evidence);
}

void Resolver::inquire_now(const ContextPtr& context, OperationId operation) {
  const Doubt doubt{context->tenant(), context->ledger().mode, operation, 0, opening_};
  runtime_.spawn("inquire " + operation.text(), [this, doubt] { return ask_once(doubt); });
}

net::Task<void> Resolver::ask_once(Doubt doubt) {
  co_await try_once(doubt);
}

void Resolver::start(const Context& context, OperationId operation, UnixNanos since, bool at_once) {
  if (!watched_.insert(operation).second) return;
  notes_.begin(operation, since);
  const Doubt doubt{context.tenant(), context.ledger().mode, operation, since, opening_};
  runtime_.spawn("resolve " + operation.text(),
                 [this, doubt, at_once] { return follow(doubt, at_once); });
}

void Resolver::let_go() {
  // Whoever sleeps sees it when he wakes: what was watched then is another's to erase.
  ++opening_;
  for (const OperationId& operation : watched_) notes_.end(operation);
  watched_.clear();
}

net::Task<void> Resolver::follow(Doubt doubt, bool at_once) {
  std::size_t alerts = 0;
  bool ended = at_once && co_await try_once(doubt);
  for (std::size_t n = 0; !ended; ++n) {
    if (doubt.opening != opening_) co_return;
    const auto delay = inquiry_delay(n, doubt.operation);
    notes_.scheduled(doubt.operation, clock_.now() + nanoseconds(delay).count());
    alerts = co_await wait_and_alert(doubt, delay, alerts);
    ended = co_await try_once(doubt);
  }
  if (doubt.opening != opening_) co_return;
  watched_.erase(doubt.operation);
  notes_.end(doubt.operation);
}

// Each alert once for each run of the process: whoever comes to a restarted appliance hears of
// what is old. Gives the number of alerts so far.
net::Task<std::size_t> Resolver::wait_and_alert(Doubt doubt, nanoseconds delay,
                                                std::size_t alerts) {
  while (delay > nanoseconds::zero() && doubt.opening == opening_) {
    const nanoseconds age(std::max<UnixNanos>(0, clock_.now() - doubt.since));
    if (const std::size_t due = alerts_due(age); due > alerts) {
      alerts = due;
      log(LogLevel::error, "operation.in_doubt_alert",
          {{"operation", doubt.operation.text()},
           {"tenant", doubt.tenant.text()},
           {"mode", ledger::mode_name(doubt.mode)},
           {"age_s", std::chrono::duration_cast<std::chrono::seconds>(age).count()}});
    }
    const auto next = next_alert_age(age);
    // A millisecond more, since the timer's are whole ones.
    const nanoseconds part =
        next ? std::min(delay, *next - age + std::chrono::milliseconds(1)) : delay;
    co_await net::sleep_for(std::chrono::ceil<std::chrono::milliseconds>(part));
    delay -= part;
  }
  co_return alerts;
}

net::Task<bool> Resolver::try_once(Doubt doubt) {
  if (doubt.opening != opening_) co_return true;
  if (held_()) co_return false;
  ++inquiring_;
  const std::shared_ptr<void> in_hand(nullptr, [this](void*) { --inquiring_; });
  auto context = contexts_.find(doubt.tenant, doubt.mode);
  // No context: the tenant has ended, or the process does. The next start takes up what is open.
  if (!context.ok()) co_return true;
  co_return co_await try_in(std::move(*context), doubt.operation);
}

// True when there is nothing left to find out. An error of ours is logged and tried again later: an
// unknown is never dropped.
net::Task<bool> Resolver::try_in(ContextPtr context, OperationId operation) {
  auto visible = co_await wait_visible(context);
  auto life = visible.ok() ? load_life(*context, operation)
                           : Result<domain::Life>(std::move(visible).error());
  if (!life.ok()) {
    log_error("operation.not_resolved", life.error(), {{"operation", operation.text()}});
    co_return false;
  }
  // A review is left to people.
  if (!domain::awaits_evidence(life->operation.state)) co_return true;
  notes_.inquired(operation);
  domain::Outcome outcome = co_await acquirer_.inquire(context, *life);
  if (outcome.outcome == domain::OutcomeClass::unknown) {
    log(LogLevel::warning, "operation.still_in_doubt",
        {{"operation", operation.text()}, {"evidence", outcome.evidence}});
    notes_.explained(operation, outcome.evidence);
    co_return false;
  }
  auto view = co_await payments_.book_outcome(context, std::move(*life), std::move(outcome), {});
  if (!view.ok()) {
    log_error("operation.not_resolved", view.error(), {{"operation", operation.text()}});
    co_return false;
  }
  // Pending, or an answer that said too little to prove anything: the doubt stays.
  visible = co_await wait_visible(context);
  life = visible.ok() ? load_life(*context, operation)
                      : Result<domain::Life>(std::move(visible).error());
  if (!life.ok() || domain::awaits_evidence(life->operation.state)) co_return false;
  log(LogLevel::notice, "operation.resolved", {{"operation", operation.text()}});
  co_return true;
}

}  // namespace florin::engine
