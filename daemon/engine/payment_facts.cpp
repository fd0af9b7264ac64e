// What acquirers tell after the fact: booked once, in whatever order it comes.
#include "base/log.h"
#include "daemon/engine/append.h"
#include "daemon/engine/payment_service.h"

namespace florin::engine {
namespace {

bool fits(const domain::Notice& notice, domain::OperationKind kind) {
  const bool charge =
      kind == domain::OperationKind::sale || kind == domain::OperationKind::authorize;
  switch (notice.kind) {
    case domain::FactKind::capture_reversed:
      return kind == domain::OperationKind::sale || kind == domain::OperationKind::capture;
    case domain::FactKind::refund_returned:
      return kind == domain::OperationKind::refund;
    case domain::FactKind::dispute:
      return notice.dispute.has_value() && (charge || kind == domain::OperationKind::capture);
    case domain::FactKind::late_success:
      break;
  }
  return false;
}

// With the stored dispute of the name that the notice gives, if there is one.
Result<domain::Life> life_for(const Context& context, const OperationId& about,
                              const domain::Notice& notice) {
  FLORIN_TRY(domain::Life life, load_life(context, about));
  if (!fits(notice, life.operation.kind)) {
    return Error(Errc::malformed_value, "operation", "the fact is about another kind of operation");
  }
  FLORIN_TRY_VOID(load_sale_capture(context, life));
  if (notice.dispute) {
    FLORIN_TRY(life.dispute,
               find_dispute(context, life.operation.connector, notice.dispute->psp_dispute));
  }
  return life;
}

}  // namespace

net::Task<Result<FactVerdict>> PaymentService::book_fact(ContextPtr context, OperationId about,
                                                         domain::Notice notice,
                                                         ledger::Actor actor) {
  notice.id = new_uuid(clock_, entropy_);
  for (int attempt = 1;; ++attempt) {
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
    FLORIN_CO_TRY(domain::Life life, life_for(*context, about, notice));
    const std::optional<domain::Plan> plan = domain::apply_fact(life, notice, clock_.now());
    if (!plan) co_return FactVerdict::early;
    FLORIN_CO_TRY(bool known, is_known(*context, *plan->life.fact));
    if (known) co_return FactVerdict::duplicate;
    FLORIN_CO_TRY(PaymentView before, load_view(*context, life.payment.id));
    const PaymentView shown = view_after(*plan, std::move(before));
    ledger::Command entry = translate(*context, *plan, shown, ledger::Origin::fact, actor,
                                      entry_ids(plan->events.size()), std::nullopt);
    Result<ledger::Receipt> receipt = co_await append(context, std::move(entry));
    if (receipt.ok()) {
      log(LogLevel::notice, "payment.fact_booked",
          {{"payment", life.payment.id.text()},
           {"kind", domain::fact_kind_name(notice.kind)},
           {"operation", about.text()}});
      co_return FactVerdict::booked;
    }
    // Somebody else was first: with this fact, or with another one of the payment.
    const bool again = receipt.error().code() == Errc::version_conflict ||
                       receipt.error().code() == Errc::unique_violation;
    if (!again || attempt == kFactAttempts) {
      log_error("payment.fact_not_booked", receipt.error(), {{"operation", about.text()}});
      co_return std::move(receipt).error();
    }
  }
}

}  // namespace florin::engine
