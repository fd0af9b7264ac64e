#include "daemon/engine/translate.h"

#include <algorithm>

#include "daemon/connectors/declines.h"
#include "daemon/domain/facts.h"
#include "daemon/domain/render.h"
#include "daemon/engine/translate_money.h"

namespace florin::engine {
namespace {

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
  if (plan.operation_changed) {
    out.push_back(write_of(domain::Kind::operation, life.operation.id.value, life.operation.version,
                           life.operation));
  }
  if (life.capture) {
    out.push_back(write_of(domain::Kind::capture, life.capture->id.value, life.capture->version,
                           *life.capture));
  }
  if (life.refund) {
    out.push_back(
        write_of(domain::Kind::refund, life.refund->id.value, life.refund->version, *life.refund));
  }
  if (life.dispute) {
    out.push_back(write_of(domain::Kind::dispute, life.dispute->id.value, life.dispute->version,
                           *life.dispute));
  }
  if (life.fact) {
    out.push_back(write_of(domain::Kind::fact, life.fact->id, life.fact->version, *life.fact));
  }
  return out;
}

// A fact is booked once, whoever tells it and however often; so is the dispute that it opens.
std::vector<ledger::UniqueWrite> unique_writes(const Context& context, const domain::Plan& plan) {
  std::vector<ledger::UniqueWrite> out;
  if (!plan.life.fact) return out;
  const domain::Fact& fact = *plan.life.fact;
  out.push_back({.table = static_cast<ledger::UniqueTable>(domain::Unique::psp_fact),
                 .key = context.psp_fact_key(fact.connector, domain::fact_key(fact)),
                 .value = to_bytes(fact.id.view())});
  if (plan.life.dispute && plan.life.dispute->version == 0) {
    const domain::Dispute& dispute = *plan.life.dispute;
    out.push_back({.table = static_cast<ledger::UniqueTable>(domain::Unique::psp_dispute),
                   .key = context.psp_dispute_key(dispute.connector, dispute.psp_dispute),
                   .value = to_bytes(dispute.id.value.view())});
  }
  return out;
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

// An event tells the object that it is named after: a dispute, or else the payment.
std::vector<ledger::Event> events_of(const Context& context, const domain::Plan& plan,
                                     const PaymentView& shown, const EntryIds& ids) {
  std::vector<ledger::Event> out;
  if (plan.events.empty()) return out;
  const std::string payment = render_stored(context, shown);
  for (std::size_t i = 0; i < plan.events.size(); ++i) {
    ledger::Event event{.id = ids.events[i],
                        .merchant = plan.life.payment.terms.merchant.value,
                        .object_kind = static_cast<ledger::ObjectKind>(domain::Kind::payment),
                        .object_id = plan.life.payment.id.value,
                        .object_version = next_version(plan.life.payment),
                        .type = plan.events[i]};
    if (event.type.starts_with("dispute.")) {
      const domain::Dispute& dispute = *plan.life.dispute;
      event.object_kind = static_cast<ledger::ObjectKind>(domain::Kind::dispute);
      event.object_id = dispute.id.value;
      event.object_version = dispute.version + 1;
      event.data = to_bytes(view_of(render(context, dispute, dispute.version + 1)));
    } else {
      event.data = to_bytes(view_of(payment));
    }
    out.push_back(std::move(event));
  }
  return out;
}

// What the catalogue says of a decline's code, for whoever decides what to do next.
void add_advice(json::object& owner, std::string_view member) {
  json::value* const found = owner.if_contains(member);
  if (found == nullptr || !found->is_object()) return;
  json::object& decline = found->get_object();
  const json::value* const code = decline.if_contains("code");
  if (code == nullptr || !code->is_string()) return;
  const connectors::DeclineEntry& entry = connectors::find_decline(code->get_string());
  decline["advice"] = connectors::decline_advice_name(entry.advice);
  if (entry.retry_after_s > 0) decline["retry_after_s"] = entry.retry_after_s;
}

// An operation that goes out needs room for its outcome. Its end uses that room; a doubt, a review
// or an outcome that is still to come leaves it held, because there will be another entry.
void set_reservations(const domain::Plan& plan, ledger::Command& command) {
  if (!plan.operation_changed) return;
  const domain::Operation& operation = plan.life.operation;
  if (operation.version == 0) {
    command.reserves = 1;
  } else if (domain::has_ended(operation.state) && !plan.life.fact) {
    command.frees = 1;
  }  // with a fact it had ended before: that came late
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
  json::object out = domain::render(view.payment, view.payment.version, context.mode(),
                                    view.captures, view.refunds);
  add_advice(out, "last_decline");
  for (json::value& refund : out.at("refunds").as_array()) {
    add_advice(refund.get_object(), "decline");
  }
  return json::write(out);
}

std::string render(const Context& context, const domain::Dispute& dispute, std::uint64_t version) {
  return json::write(domain::render(dispute, version, context.mode()));
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
  ledger::Command command{
      .entry_id = ids.entry,
      .type = entry_type(plan),
      .origin = origin,
      .subject = plan.life.payment.id.value,
      .actor = actor,
      .postings = plan.by_time ? std::vector<ledger::Posting>() : postings(plan),
      .holds = hold_changes(plan),
      .objects = object_writes(plan)};
  set_reservations(plan, command);
  command.uniques = unique_writes(context, plan);
  command.events = events_of(context, plan, shown, ids);
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
  if (plan.operation_changed) ++life.operation.version;
  if (life.capture) ++life.capture->version;
  if (life.refund) ++life.refund->version;
  // A sale's capture comes to be only with its success.
  FLORIN_ASSERT(!intent || !plan.operation_changed ||
                life.operation.state == domain::OperationState::dispatched);
  return life;
}

}  // namespace florin::engine
