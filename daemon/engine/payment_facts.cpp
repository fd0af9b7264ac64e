// What acquirers tell after the fact: booked once, in whatever order it comes.
#include "base/log.h"
#include "daemon/engine/append.h"
#include "daemon/engine/payment_service.h"

namespace florin::engine {
namespace {

// How often it is looked at here when its entry holds more: another entry may have that.
constexpr int kFactLooks = 3;

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

// Of a fact that is booked. A dispute may also come back to a place that it had left, with the
// money elsewhere by then: that is not booked again, and not the same.
bool says_the_same(const domain::Life& life, const domain::Fact& known,
                   const domain::Notice& notice) {
  if (known.amount != notice.amount) return false;
  if (!life.dispute || !notice.dispute || notice.told_at <= life.dispute->told_at) return true;
  return domain::funds_of(notice.dispute->stage, notice.dispute->status) ==
         domain::funds_of(life.dispute->stage, life.dispute->status);
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
                                                         Supplement supplement) {
  notice.id = new_uuid(clock_, entropy_);
  for (int attempt = 1;; ++attempt) {
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
    FLORIN_CO_TRY(domain::Life life, life_for(*context, about, notice));
    const std::optional<domain::Plan> plan = domain::apply_fact(life, notice, clock_.now());
    if (!plan) co_return FactVerdict::early;
    FLORIN_CO_TRY(const std::optional<domain::Fact> known, find_fact(*context, *plan->life.fact));
    if (known)
      co_return says_the_same(life, *known, notice) ? FactVerdict::duplicate : FactVerdict::differs;
    FLORIN_CO_TRY(PaymentView before, load_view(*context, life.payment.id));
    const PaymentView shown = view_after(*plan, std::move(before));
    Provenance provenance;
    if (supplement) provenance = supplement(*plan);
    ledger::Command entry =
        translate(*context, *plan, shown, ledger::Origin::fact, provenance.actor,
                  entry_ids(plan->events.size()), std::nullopt);
    add_provenance(entry, provenance);
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
    if (!again || attempt == kFactAttempts || (supplement && attempt == kFactLooks)) {
      log_error("payment.fact_not_booked", receipt.error(), {{"operation", about.text()}});
      co_return std::move(receipt).error();
    }
  }
}

}  // namespace florin::engine
