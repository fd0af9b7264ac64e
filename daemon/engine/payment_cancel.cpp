// Cancelling: what a merchant asks for, and what it comes to.
#include "base/log.h"
#include "daemon/domain/cancel.h"
#include "daemon/engine/append.h"
#include "daemon/engine/payment_service.h"

namespace florin::engine {

net::Task<Result<Reply>> PaymentService::cancel(ContextPtr context, Caller caller,
                                                PaymentId payment) {
  const UnixNanos now = clock_.now();
  Decide decide = [now](const domain::Payment& state, const domain::Attempt& attempt,
                        const domain::NewOperation& operation) {
    return domain::cancel(state, attempt, operation, now);
  };
  co_return co_await command(context, caller, payment, "cancel", std::move(decide));
}

net::Task<Result<void>> PaymentService::carry_out_cancel(ContextPtr context, PaymentId id) {
  for (int attempt = 1;; ++attempt) {
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
    FLORIN_CO_TRY(PaymentView view, load_view(*context, id));
    if (view.payment.cancel != domain::CancelState::due) co_return Result<void>{};
    FLORIN_CO_TRY(domain::Attempt latest, load_attempt(*context, view.payment.attempt));
    FLORIN_CO_TRY(domain::Merchant merchant, load_merchant(*context, view.payment.terms.merchant));
    // A function of the merchant's key, like every other: a rebuilt system asks under the same one.
    const std::string_view kind = view.payment.cancel_refund > 0 ? "cancel-refund" : "cancel-void";
    const domain::NewOperation operation{
        .id = {new_uuid(clock_, entropy_)},
        .target = new_uuid(clock_, entropy_),
        .psp_key = context->psp_key(view.payment.cancel_key, latest.number, kind)};
    const domain::Plan plan =
        domain::cancel_step(view.payment, latest, merchant.late_success, operation, clock_.now());
    const PaymentView shown = view_after(plan, view);
    ledger::Command entry = translate(*context, plan, shown, ledger::Origin::command, {},
                                      entry_ids(plan.events.size()), std::nullopt);
    Result<ledger::Receipt> receipt = co_await append(context, std::move(entry));
    if (!receipt.ok()) {
      const bool again = receipt.error().code() == Errc::version_conflict;
      if (!again || attempt == kFactAttempts) co_return std::move(receipt).error();
      continue;
    }
    log(LogLevel::notice, "payment.cancel_carried_out",
        {{"payment", id.text()},
         {"operation", plan.operation_changed ? plan.life.operation.id.text() : "none"}});
    if (!plan.operation_changed) continue;
    domain::Life life = stored_life(plan, true);
    domain::Outcome outcome = co_await acquirer_.perform(context, life);
    FLORIN_CO_TRY(PaymentView after,
                  co_await book_outcome(context, std::move(life), std::move(outcome), {}));
  }
}

}  // namespace florin::engine
