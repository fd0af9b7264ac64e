#include "daemon/engine/translate_money.h"

#include <algorithm>

#include "daemon/domain/expiry.h"

namespace florin::engine {
namespace {

using domain::AccountRole;
using domain::MoneyFact;

ledger::AccountKey account_of(AccountRole role, const domain::Life& life, std::uint16_t asset) {
  const domain::PaymentTerms& terms = life.payment.terms;
  const Uuid party = terms.party().value;
  const Uuid connector = life.attempt.connector.value;
  switch (role) {
    case AccountRole::psp_receivable:
      return {ledger::AccountCode::psp_receivable, asset, connector};
    case AccountRole::merchant_payable:
      return {terms.has_branch() ? ledger::AccountCode::submerchant_payable
                                 : ledger::AccountCode::merchant_payable,
              asset, party};
    case AccountRole::authorization_memo:
      return {ledger::AccountCode::authorization_memo, asset, party};
    case AccountRole::authorization_contra:
      return {ledger::AccountCode::authorization_contra, asset, connector};
    case AccountRole::dispute_holding:
      return {ledger::AccountCode::dispute_holding, asset, party};
    case AccountRole::suspense:
      return {ledger::AccountCode::suspense, asset, {}};
  }
  FLORIN_ASSERT(false);
}

ledger::Posting posting_of(AccountRole role, ledger::Side side, ledger::Layer layer,
                           const domain::Life& life, std::uint16_t asset, std::uint64_t amount) {
  const domain::PaymentTerms& terms = life.payment.terms;
  ledger::Posting out{.account = account_of(role, life, asset),
                      .side = side,
                      .layer = layer,
                      .amount = amount,
                      .party = terms.party().value};
  // What is payable to a branch rolls up into what is payable to its merchant.
  if (out.account.code == ledger::AccountCode::submerchant_payable) {
    out.parent_owner = terms.merchant.value;
  }
  return out;
}

}  // namespace

std::vector<ledger::Posting> postings(const domain::Plan& plan) {
  std::vector<ledger::Posting> out;
  for (const domain::Movement& movement : plan.movements) {
    for (const domain::PostingRule& rule : domain::posting_rules(movement.fact)) {
      const ledger::Layer layer =
          rule.layer == domain::BookLayer::posted ? ledger::Layer::posted : ledger::Layer::pending;
      const auto amount = static_cast<std::uint64_t>(movement.amount);
      const std::uint16_t asset = movement.currency.value_or(plan.life.payment.currency()).number();
      out.push_back(posting_of(rule.debit, ledger::Side::debit, layer, plan.life, asset, amount));
      out.push_back(posting_of(rule.credit, ledger::Side::credit, layer, plan.life, asset, amount));
    }
  }
  return out;
}

namespace {

std::optional<ledger::HoldOperation> hold_operation(MoneyFact fact) {
  switch (fact) {
    case MoneyFact::authorized:
      return ledger::HoldOperation::open;
    case MoneyFact::increased:
      return ledger::HoldOperation::increase;
    case MoneyFact::captured:
      return ledger::HoldOperation::capture;
    case MoneyFact::released:
      return ledger::HoldOperation::release;
    case MoneyFact::refunded:
      return ledger::HoldOperation::refund;
    case MoneyFact::capture_reversed:
    case MoneyFact::refund_returned:
    case MoneyFact::dispute_taken:
    case MoneyFact::dispute_returned:
    case MoneyFact::dispute_lost:
    case MoneyFact::dispute_lost_reversed:
    case MoneyFact::unexplained_in:
    case MoneyFact::unexplained_out:
      break;
  }
  return std::nullopt;
}

// A hold counts refunds up to what was captured. What is refunded anew after it came back is more
// than that, and no limit of the hold: the payment's own amounts guard it.
std::int64_t hold_amount(const domain::Plan& plan, const domain::Movement& movement) {
  if (movement.fact != MoneyFact::refunded) return movement.amount;
  const domain::Payment& payment = plan.life.payment;
  const std::int64_t room = payment.captured - (payment.refunded - movement.amount);
  return std::clamp<std::int64_t>(room, 0, movement.amount);
}

}  // namespace

std::vector<ledger::HoldChange> hold_changes(const domain::Plan& plan) {
  std::vector<ledger::HoldChange> out;
  const std::uint16_t asset = plan.life.payment.currency().number();
  const Uuid hold = plan.life.payment.id.value;
  if (plan.by_time) {
    out.push_back({hold, ledger::HoldOperation::expire, asset});
    return out;
  }
  for (const domain::Movement& movement : plan.movements) {
    const auto operation = hold_operation(movement.fact);
    const auto amount = static_cast<std::uint64_t>(hold_amount(plan, movement));
    if (!operation || amount == 0) continue;
    ledger::HoldChange change{hold, *operation, asset, amount};
    if (operation == ledger::HoldOperation::open) {
      change.expires_at = domain::authorization_end(plan.life.payment).value_or(0);
    }
    out.push_back(change);
  }
  return out;
}

namespace {

ledger::EntryType entry_type_of(MoneyFact fact) {
  switch (fact) {
    case MoneyFact::authorized:
      return ledger::EntryType::authorization;
    case MoneyFact::increased:
      return ledger::EntryType::increment;
    case MoneyFact::captured:
    case MoneyFact::capture_reversed:
      return ledger::EntryType::capture;
    case MoneyFact::released:
      return ledger::EntryType::release;
    case MoneyFact::refunded:
    case MoneyFact::refund_returned:
      return ledger::EntryType::refund;
    case MoneyFact::dispute_taken:
    case MoneyFact::dispute_returned:
    case MoneyFact::dispute_lost:
    case MoneyFact::dispute_lost_reversed:
    case MoneyFact::unexplained_in:
    case MoneyFact::unexplained_out:
      break;
  }
  return ledger::EntryType::payment_state;
}

}  // namespace

ledger::EntryType entry_type(const domain::Plan& plan) {
  // The ledger itself makes the postings, of what its own clock has ended.
  if (plan.by_time) return ledger::EntryType::expiry;
  // A sale opens and captures its hold in one entry; the capture is what moved money.
  ledger::EntryType type = ledger::EntryType::payment_state;
  for (const domain::Movement& movement : plan.movements) {
    const ledger::EntryType next = entry_type_of(movement.fact);
    const bool kept = type == ledger::EntryType::capture && next == ledger::EntryType::release;
    if (next != ledger::EntryType::payment_state && !kept) type = next;
  }
  return type;
}

}  // namespace florin::engine
