// How payments come to be: at once, or made first and confirmed later.
#include <utility>

#include "daemon/engine/append.h"
#include "daemon/engine/idempotency.h"
#include "daemon/engine/payment_service.h"

namespace florin::engine {
namespace {

// What is known of the account counts more than what its kind usually gives.
template <class Command>
void put_terms_of(const domain::Connector& connector, Command& command) {
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

void claim(ledger::Command& entry, domain::Unique table, const Key16& key, Bytes value) {
  entry.uniques.push_back(
      {.table = static_cast<ledger::UniqueTable>(table), .key = key, .value = std::move(value)});
}

}  // namespace

void add_claims(ledger::Command& entry, const PaymentId& payment, const Caller& caller,
                const FirstClaims& claims) {
  claim(entry, domain::Unique::nonce, caller.nonce_key, {});
  if (claims.customer) add_subject(*claims.customer, entry);
  if (claims.reference) {
    claim(entry, domain::Unique::merchant_reference, *claims.reference,
          to_bytes(payment.value.view()));
  }
}

net::Task<Error> PaymentService::what_is_taken(ContextPtr context, FirstClaims claims) {
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

// What the payment is the first to have. `duplicate_reference` names the payment that has it.
Result<FirstClaims> PaymentService::claims_of(const Context& context, const PaymentId& payment,
                                              domain::PaymentTerms& terms) {
  if (terms.has_branch()) {
    FLORIN_TRY_VOID(check_branch(context, terms));
  }
  FLORIN_TRY(const domain::Merchant merchant, load_merchant(context, terms.merchant));
  FirstClaims claims;
  if (merchant.unique_references) {
    claims.reference = context.payment_reference(merchant.id, terms.merchant_reference);
    FLORIN_TRY(const std::optional<PaymentId> taken, payment_under(context, *claims.reference));
    if (taken) {
      return Error(Errc::duplicate_reference, "/merchant_reference",
                   "another payment has this reference", taken->text());
    }
  }
  if (!terms.customer_reference.empty()) {
    FLORIN_TRY(claims.customer,
               customer_of(context, terms.merchant, terms.customer_reference, clock_, entropy_));
    seal_terms(context, *claims.customer, payment, entropy_, terms);
  }
  return claims;
}

domain::CreateCommand PaymentService::new_payment(const Context& context, const Caller& caller,
                                                  const PaymentId& payment,
                                                  const domain::Connector& connector,
                                                  const domain::PaymentTerms& terms) {
  domain::CreateCommand command{.payment = payment,
                                .attempt = {new_uuid(clock_, entropy_)},
                                .connector = connector.id,
                                .terms = terms,
                                .operation = new_operation(context, caller, 1, "create")};
  put_terms_of(connector, command);
  return command;
}

net::Task<Result<Reply>> PaymentService::create(ContextPtr context, Caller caller,
                                                domain::PaymentTerms terms, bool confirmed) {
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
    const PaymentId payment{new_uuid(clock_, entropy_)};
    Result<FirstClaims> claims = claims_of(*context, payment, terms);
    // It may have been taken by this very request since its key was looked up.
    if (attempt == 1 && !claims.ok() && claims.error().code() == Errc::duplicate_reference) {
      continue;
    }
    if (!claims.ok()) co_return std::move(claims).error();
    // Also of one that is to be confirmed later: nobody waits for what cannot be.
    FLORIN_CO_TRY(const domain::Connector connector, choose_connector(*context));
    const UnixNanos now = clock_.now();
    const domain::Plan plan =
        confirmed ? domain::create(new_payment(*context, caller, payment, connector, terms), now)
                  : domain::create_unconfirmed(payment, terms, confirm_within_.count(), now);
    PaymentView fresh{.payment = plan.life.payment, .captures = {}, .refunds = {}};
    std::optional<Error> refused;
    if (plan.operation_changed) {
      PaymentView known = view_after(plan, fresh);
      Result<domain::Life> life =
          co_await open_intent(context, caller, plan, std::move(fresh), *std::move(claims));
      if (life.ok()) {
        co_return co_await carry_out(context, caller, std::move(*life), std::move(known));
      }
      refused = std::move(life).error();
    } else {
      Result<Reply> made =
          co_await record(context, caller, plan, std::move(fresh), *std::move(claims));
      if (made.ok()) co_return made;
      refused = std::move(made).error();
    }
    // The key was used, or the customer made, by a request that reads do not show yet: look again
    // when they do.
    const bool again = refused->code() == Errc::idempotency_in_progress ||
                       refused->code() == Errc::version_conflict;
    if (!again || attempt == kDecisionAttempts) co_return *std::move(refused);
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
  }
}

net::Task<Result<Reply>> PaymentService::confirm(ContextPtr context, Caller caller,
                                                 PaymentId payment) {
  Decide decide = [this, context](const domain::Payment& state, const domain::Attempt&,
                                  domain::NewOperation operation) -> Result<domain::Plan> {
    FLORIN_TRY(const domain::Connector connector, choose_connector(*context));
    domain::ConfirmCommand command{.attempt = {new_uuid(clock_, entropy_)},
                                   .connector = connector.id,
                                   .operation = std::move(operation)};
    put_terms_of(connector, command);
    return domain::confirm(state, command, clock_.now());
  };
  co_return co_await this->command(context, caller, payment, "confirm", std::move(decide));
}

}  // namespace florin::engine
