#include "daemon/engine/payment_service.h"

#include <utility>

#include "base/log.h"
#include "daemon/engine/append.h"
#include "daemon/engine/idempotency.h"

namespace florin::engine {
namespace {

// How often a decision is taken anew when another one came between.
constexpr int kDecisionAttempts = 3;

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

// What is known of the account counts more than what its kind usually gives.
void put_terms_of(const domain::Connector& connector, domain::CreateCommand& command) {
  const connectors::Codec* const codec = connectors::find_codec(connector.kind);
  if (codec != nullptr) {
    command.authorization = codec->sheet().authorization;
    command.can_increment = codec->sheet().of(domain::OperationKind::increment).supported;
  }
  if (connector.authorization) command.authorization = *connector.authorization;
}

// A payment can be of a branch of its own merchant only. What belongs to another is answered like
// what does not exist.
Result<void> check_branch(const Context& context, const domain::PaymentTerms& terms) {
  const Result<domain::Merchant> branch = load_merchant(context, terms.branch);
  if (!branch.ok() && branch.error().code() != Errc::not_found) return branch.error();
  if (!branch.ok() || branch->parent != terms.merchant) {
    return Error(Errc::malformed_value, "/branch", "there is no such branch of yours");
  }
  if (branch->active) return {};
  return Error(Errc::malformed_value, "/branch", "this branch takes no payments");
}

// The payment that has the reference, as far as reads show it.
Result<std::optional<PaymentId>> payment_under(const Context& context, const Key16& reference) {
  FLORIN_TRY(const std::optional<ledger::UniqueRow> row,
             context.books().unique(
                 static_cast<ledger::UniqueTable>(domain::Unique::merchant_reference), reference));
  if (!row) return std::optional<PaymentId>();
  ByteReader reader(row->value);
  const PaymentId payment{{reader.array<16>()}};
  if (!reader.done()) return Error(Errc::ledger_record_invalid, {}, {}, "a payment's reference");
  return std::optional<PaymentId>(payment);
}

void claim(ledger::Command& entry, domain::Unique table, const Key16& key, Bytes value) {
  entry.uniques.push_back(
      {.table = static_cast<ledger::UniqueTable>(table), .key = key, .value = std::move(value)});
}

// The oldest active connector of the ledger takes the payment; choosing among several is policy.
Result<domain::Connector> choose_connector(const Context& context) {
  FLORIN_TRY(std::vector<ledger::ObjectRow> rows,
             context.books().objects(static_cast<ledger::ObjectKind>(domain::Kind::connector),
                                     std::nullopt, 100));
  for (const ledger::ObjectRow& row : rows) {
    FLORIN_TRY(domain::Connector connector,
               domain::decode_connector(row.id, row.immutable, row.head));
    if (connector.active) return connector;
  }
  return Error(Errc::capability_missing, {}, "no acquirer is set up for this merchant yet");
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

net::Task<Result<Reply>> PaymentService::create(ContextPtr context, Caller caller,
                                                domain::PaymentTerms terms) {
  terms.merchant = caller.merchant;
  for (int attempt = 1;; ++attempt) {
    Result<std::optional<Reply>> earlier = earlier_answer(*context, caller, clock_.now());
    // A reservation whose answer is durable already, but not shown by reads yet.
    if (attempt == 1 && !earlier.ok() && earlier.error().code() == Errc::idempotency_in_progress) {
      FLORIN_CO_TRY_VOID(co_await wait_visible(context));
      continue;
    }
    if (!earlier.ok()) co_return std::move(earlier).error();
    if (*earlier) co_return std::move(**earlier);
    if (terms.has_branch()) {
      FLORIN_CO_TRY_VOID(check_branch(*context, terms));
    }
    FLORIN_CO_TRY(const domain::Merchant merchant, load_merchant(*context, terms.merchant));
    FirstClaims claims;
    if (merchant.unique_references) {
      claims.reference = context->payment_reference(merchant.id, terms.merchant_reference);
      FLORIN_CO_TRY(const std::optional<PaymentId> taken,
                    payment_under(*context, *claims.reference));
      // It may have been taken by this very request since its key was looked up.
      if (taken && attempt == 1) continue;
      if (taken) {
        co_return Error(Errc::duplicate_reference, "/merchant_reference",
                        "another payment has this reference", taken->text());
      }
    }
    FLORIN_CO_TRY(domain::Connector connector, choose_connector(*context));
    const PaymentId payment{new_uuid(clock_, entropy_)};
    std::optional<Customer>& customer = claims.customer;
    if (!terms.customer_reference.empty()) {
      FLORIN_CO_TRY(customer, customer_of(*context, terms.merchant, terms.customer_reference,
                                          clock_, entropy_));
      seal_terms(*context, *customer, payment, entropy_, terms);
    }
    domain::CreateCommand command{.payment = payment,
                                  .attempt = {new_uuid(clock_, entropy_)},
                                  .connector = connector.id,
                                  .terms = terms,
                                  .operation = new_operation(*context, caller, 1, "create")};
    put_terms_of(connector, command);
    const domain::Plan plan = domain::create(command, clock_.now());
    PaymentView fresh{.payment = plan.life.payment, .captures = {}, .refunds = {}};
    PaymentView known = view_after(plan, fresh);
    Result<domain::Life> life =
        co_await open_intent(context, caller, plan, std::move(fresh), std::move(claims));
    if (life.ok()) {
      co_return co_await carry_out(context, caller, std::move(*life), std::move(known));
    }
    // The key was used, or the customer made, by a request that reads do not show yet: look again
    // when they do.
    const bool again = life.error().code() == Errc::idempotency_in_progress ||
                       life.error().code() == Errc::version_conflict;
    if (!again || attempt == kDecisionAttempts) co_return std::move(life).error();
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
  }
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
    FLORIN_CO_TRY(domain::Attempt latest, load_attempt(*context, view.payment.attempt));
    FLORIN_CO_TRY(domain::Plan plan, decide(view.payment, latest,
                                            new_operation(*context, caller, latest.number, kind)));
    std::optional<Error> refused;
    if (plan.operation_changed) {
      Result<domain::Life> life = co_await open_intent(context, caller, plan, view);
      if (life.ok()) co_return co_await carry_out(context, caller, std::move(*life));
      refused = std::move(life).error();
    } else {
      Result<Reply> reply = co_await record_wish(context, caller, plan, view);
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
  claim(entry, domain::Unique::nonce, caller.nonce_key, {});
  if (claims.customer) add_subject(*claims.customer, entry);
  if (claims.reference) {
    claim(entry, domain::Unique::merchant_reference, *claims.reference,
          to_bytes(plan.life.payment.id.value.view()));
  }
  Result<ledger::Receipt> receipt = co_await append(context, std::move(entry));
  if (receipt.ok()) co_return stored_life(plan, true);
  if (receipt.error().code() != Errc::unique_violation) co_return std::move(receipt).error();
  // Whose is taken: the customer or the reference by another payment, else the nonce.
  FLORIN_CO_TRY_VOID(co_await wait_visible(context));
  bool lost = false;
  if (claims.reference) {
    FLORIN_CO_TRY(const auto taken, payment_under(*context, *claims.reference));
    lost = taken.has_value();
  }
  if (!lost && claims.customer && claims.customer->fresh) {
    FLORIN_CO_TRY(lost, is_known(*context, *claims.customer));
  }
  co_return Error(lost ? Errc::version_conflict : Errc::nonce_reused);
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
