// What ends by time, when the timer says that it is due.
#include "base/log.h"
#include "daemon/domain/expiry.h"
#include "daemon/engine/append.h"
#include "daemon/engine/payment_service.h"

namespace florin::engine {
namespace {

// Made of what the books have, so that a rebuilt system asks under the same key; one for each try,
// since a key that was cancelled at the acquirer is never executed.
std::string expiry_key(const Context& context, const domain::Payment& payment,
                       const domain::Attempt& attempt) {
  return context.psp_key(payment.id.value.bytes, attempt.number,
                         "expiry-void-" + std::to_string(payment.expiry_voids));
}

// The instant that the ledger's clock must have passed before anything ends by time.
UnixNanos end_of(const domain::Payment& payment) {
  return payment.is_unconfirmed() ? payment.confirm_before : *domain::authorization_end(payment);
}

}  // namespace

// Nothing expires before the ledger's own clock says so. One record serves all that is due by then.
net::Task<Result<void>> PaymentService::record_time(ContextPtr context, UnixNanos at_least) {
  FLORIN_CO_TRY(const ledger::BooksState state, context->books().books_state());
  if (state.clock >= at_least) co_return Result<void>{};
  ledger::Command entry{.entry_id = new_uuid(clock_, entropy_),
                        .type = ledger::EntryType::clock,
                        .clock = clock_.now()};
  Result<ledger::Receipt> receipt = co_await append(context, std::move(entry));
  // A later time was recorded by somebody else: that serves as well.
  if (receipt.ok() || receipt.error().code() == Errc::state_conflict) co_return Result<void>{};
  co_return std::move(receipt).error();
}

net::Task<Result<void>> PaymentService::end_by_time(ContextPtr context, PaymentId id) {
  for (int attempt = 1;; ++attempt) {
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
    FLORIN_CO_TRY(PaymentView view, load_view(*context, id));
    const UnixNanos now = clock_.now();
    const domain::ExpiryStep step = domain::expiry_step(view.payment, now);
    if (step == domain::ExpiryStep::nothing) co_return Result<void>{};
    const bool asks = step == domain::ExpiryStep::void_rest;
    if (!asks) FLORIN_CO_TRY_VOID(co_await record_time(context, end_of(view.payment)));
    FLORIN_CO_TRY(domain::Attempt latest, latest_attempt(*context, view.payment));
    const domain::NewOperation operation{.id = {new_uuid(clock_, entropy_)},
                                         .target = new_uuid(clock_, entropy_),
                                         .psp_key = expiry_key(*context, view.payment, latest)};
    Result<domain::Plan> plan = asks ? domain::void_expiring(view.payment, latest, operation, now)
                                : view.payment.is_unconfirmed()
                                    ? domain::expire_unconfirmed(view.payment, now)
                                    : domain::expire(view.payment, latest, now);
    if (!plan.ok()) co_return std::move(plan).error();
    const PaymentView shown = view_after(*plan, view);
    ledger::Command entry = translate(*context, *plan, shown, ledger::Origin::command, {},
                                      entry_ids(plan->events.size()), std::nullopt);
    Result<ledger::Receipt> receipt = co_await append(context, std::move(entry));
    if (!receipt.ok()) {
      const bool again = receipt.error().code() == Errc::version_conflict;
      if (!again || attempt == kFactAttempts) co_return std::move(receipt).error();
      continue;
    }
    log(LogLevel::notice, asks ? "payment.ends" : "payment.ended_by_time",
        {{"payment", id.text()},
         {"operation", plan->operation_changed ? plan->life.operation.id.text() : "none"}});
    if (!plan->operation_changed) co_return Result<void>{};
    domain::Life life = stored_life(*plan, true);
    domain::Outcome outcome = co_await acquirer_.perform(context, life);
    FLORIN_CO_TRY(PaymentView after,
                  co_await book_outcome(context, std::move(life), std::move(outcome), {}));
    co_return Result<void>{};
  }
}

}  // namespace florin::engine
