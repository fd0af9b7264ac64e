#include "daemon/engine/translate.h"

#include <algorithm>

#include "daemon/domain/render.h"

namespace florin::engine {
namespace {

using domain::AccountRole;
using domain::MoneyFact;

// The stored payment's version after the plan; every plan writes the payment.
std::uint64_t next_version(const domain::Payment& payment) {
  return payment.version + 1;
}

template <class T>
ledger::ObjectWrite write_of(domain::Kind kind, const Uuid& id, std::uint64_t version,
                             const T& object) {
  domain::Stored stored = domain::encode(object);
  ledger::ObjectWrite write{.kind = static_cast<ledger::ObjectKind>(kind),
                            .id = id,
                            .expected_version = version,
                            .head = std::move(stored.head)};
  if (version == 0) write.immutable = std::move(stored.immutable);
  return write;
}

std::vector<ledger::ObjectWrite> object_writes(const domain::Plan& plan) {
  const domain::Life& life = plan.life;
  std::vector<ledger::ObjectWrite> out;
  out.push_back(
      write_of(domain::Kind::payment, life.payment.id.value, life.payment.version, life.payment));
  if (plan.attempt_changed) {
    out.push_back(
        write_of(domain::Kind::attempt, life.attempt.id.value, life.attempt.version, life.attempt));
  }
  out.push_back(write_of(domain::Kind::operation, life.operation.id.value, life.operation.version,
                         life.operation));
  if (life.capture) {
    out.push_back(write_of(domain::Kind::capture, life.capture->id.value, life.capture->version,
                           *life.capture));
  }
  if (life.refund) {
    out.push_back(
        write_of(domain::Kind::refund, life.refund->id.value, life.refund->version, *life.refund));
  }
  return out;
}

ledger::AccountKey account_of(AccountRole role, const domain::Life& life) {
  const std::uint16_t asset = life.payment.currency().number();
  const Uuid merchant = life.payment.terms.merchant.value;
  const Uuid connector = life.attempt.connector.value;
  switch (role) {
    case AccountRole::psp_receivable:
      return {ledger::AccountCode::psp_receivable, asset, connector};
    case AccountRole::merchant_payable:
      return {ledger::AccountCode::merchant_payable, asset, merchant};
    case AccountRole::authorization_memo:
      return {ledger::AccountCode::authorization_memo, asset, merchant};
    case AccountRole::authorization_contra:
      return {ledger::AccountCode::authorization_contra, asset, connector};
  }
  FLORIN_ASSERT(false);
}

std::vector<ledger::Posting> postings(const domain::Plan& plan) {
  std::vector<ledger::Posting> out;
  const Uuid party = plan.life.payment.terms.merchant.value;
  for (const domain::Movement& movement : plan.movements) {
    for (const domain::PostingRule& rule : domain::posting_rules(movement.fact)) {
      const ledger::Layer layer =
          rule.layer == domain::BookLayer::posted ? ledger::Layer::posted : ledger::Layer::pending;
      const auto amount = static_cast<std::uint64_t>(movement.amount);
      out.push_back({account_of(rule.debit, plan.life), ledger::Side::debit, layer, amount, party});
      out.push_back(
          {account_of(rule.credit, plan.life), ledger::Side::credit, layer, amount, party});
    }
  }
  return out;
}

// One hold per payment, under the payment's own identifier.
std::vector<ledger::HoldChange> hold_changes(const domain::Plan& plan) {
  std::vector<ledger::HoldChange> out;
  const std::uint16_t asset = plan.life.payment.currency().number();
  for (const domain::Movement& movement : plan.movements) {
    const auto operation = [&] {
      switch (movement.fact) {
        case MoneyFact::authorized:
          return ledger::HoldOperation::open;
        case MoneyFact::captured:
          return ledger::HoldOperation::capture;
        case MoneyFact::released:
          return ledger::HoldOperation::release;
        case MoneyFact::refunded:
          return ledger::HoldOperation::refund;
      }
      FLORIN_ASSERT(false);
    }();
    out.push_back({plan.life.payment.id.value, operation, asset,
                   static_cast<std::uint64_t>(movement.amount)});
  }
  return out;
}

ledger::EntryType entry_type(const domain::Plan& plan) {
  // A sale opens and captures its hold in one entry; the capture is what moved money.
  ledger::EntryType type = ledger::EntryType::payment_state;
  for (const domain::Movement& movement : plan.movements) {
    switch (movement.fact) {
      case MoneyFact::authorized:
        type = ledger::EntryType::authorization;
        break;
      case MoneyFact::captured:
        type = ledger::EntryType::capture;
        break;
      case MoneyFact::released:
        if (type != ledger::EntryType::capture) type = ledger::EntryType::release;
        break;
      case MoneyFact::refunded:
        type = ledger::EntryType::refund;
        break;
    }
  }
  return type;
}

template <class T>
void put_over(std::vector<T>& list, const std::optional<T>& changed) {
  if (!changed) return;
  const auto same =
      std::find_if(list.begin(), list.end(), [&](const T& item) { return item.id == changed->id; });
  if (same == list.end()) {
    list.push_back(*changed);
  } else {
    *same = *changed;
  }
}

}  // namespace

PaymentView view_after(const domain::Plan& plan, PaymentView before) {
  before.payment = plan.life.payment;
  before.payment.version = next_version(plan.life.payment);
  put_over(before.captures, plan.life.capture);
  put_over(before.refunds, plan.life.refund);
  return before;
}

std::string render(const Context& context, const PaymentView& view) {
  return json::write(domain::render(view.payment, view.payment.version, context.mode(),
                                    view.captures, view.refunds));
}

std::string render_stored(const Context& context, PaymentView view) {
  if (view.payment.terms.has_customer()) {
    view.payment.terms.personal = domain::PersonalState::sealed;
  }
  return render(context, view);
}

ledger::Command translate(const Context& context, const domain::Plan& plan,
                          const PaymentView& shown, ledger::Origin origin,
                          const ledger::Actor& actor, const EntryIds& ids,
                          const std::optional<StoredAnswer>& answer) {
  FLORIN_ASSERT(ids.events.size() >= plan.events.size());
  ledger::Command command{.entry_id = ids.entry,
                          .type = entry_type(plan),
                          .origin = origin,
                          .subject = plan.life.payment.id.value,
                          .actor = actor,
                          .postings = postings(plan),
                          .holds = hold_changes(plan),
                          .objects = object_writes(plan)};
  // An operation that goes out needs room for its outcome; its first outcome uses that room.
  const domain::Operation& operation = plan.life.operation;
  if (operation.state == domain::OperationState::dispatched && operation.version == 0) {
    command.reserves = 1;
  } else if (operation.version == 1) {
    command.frees = 1;
  }
  const std::string data = plan.events.empty() ? std::string() : render_stored(context, shown);
  for (std::size_t i = 0; i < plan.events.size(); ++i) {
    command.events.push_back({.id = ids.events[i],
                              .merchant = plan.life.payment.terms.merchant.value,
                              .object_kind = static_cast<ledger::ObjectKind>(domain::Kind::payment),
                              .object_id = plan.life.payment.id.value,
                              .object_version = next_version(plan.life.payment),
                              .type = plan.events[i],
                              .data = to_bytes(view_of(data))});
  }
  if (answer) {
    command.idempotency = ledger::IdempotencyWrite{.key = answer->key,
                                                   .fingerprint = answer->fingerprint,
                                                   .answered = answer->http_status != 0,
                                                   .resource = answer->resource,
                                                   .http_status = answer->http_status,
                                                   .expires_at = answer->expires_at,
                                                   .body = to_bytes(view_of(answer->body))};
  }
  return command;
}

domain::Life stored_life(const domain::Plan& plan, bool intent) {
  domain::Life life = plan.life;
  ++life.payment.version;
  if (plan.attempt_changed) ++life.attempt.version;
  ++life.operation.version;
  if (life.capture) ++life.capture->version;
  if (life.refund) ++life.refund->version;
  // A sale's capture comes to be only with its success.
  FLORIN_ASSERT(!intent || life.operation.state == domain::OperationState::dispatched);
  return life;
}

}  // namespace florin::engine
