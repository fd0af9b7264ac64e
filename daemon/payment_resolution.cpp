#include "daemon/payment_resolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "daemon/control/parameters.h"
#include "daemon/control/people.h"
#include "daemon/domain/posting_rules.h"
#include "daemon/engine/doubts.h"

namespace florin {
namespace {

using control::wrong_parameter;
using domain::OperationKind;
using domain::Role;

// The engine answers after a flush; a machine that is stopping does not.
constexpr std::chrono::seconds kBookingLimit{10};

struct Wanted {
  engine::ContextPtr context;
  std::string tenant;  ///< its name
  domain::Life life;
  std::string connector;
  bool succeeded = false;
  std::string evidence;
  std::string psp_reference;
};

Result<engine::ContextPtr> context_of(const ResolutionTools& tools, const std::string& tenant,
                                      const std::string& mode_text, std::string& name) {
  auto found = tools.appliance.tenant(tenant);
  if (!found.ok()) return wrong_parameter(Errc::not_found, "tenant", "there is no such tenant");
  const auto mode = ledger::parse_mode(mode_text);
  if (!mode.ok() || *mode == ledger::Mode::system) {
    return wrong_parameter(Errc::malformed_value, "mode", "expected test or live");
  }
  name = found->name;
  FLORIN_TRY(const ledger::TenantLedger books, tools.appliance.ledger_of(found->id, *mode));
  FLORIN_TRY_VOID(books.books->catch_up());
  return tools.contexts.find(found->id, *mode);
}

// The operation that was named, or the payment's only doubt.
Result<OperationId> operation_of(const engine::Context& context, const engine::DoubtNotes& notes,
                                 const PaymentId& payment, const std::string& named) {
  if (!named.empty()) {
    auto id = OperationId::parse(named);
    if (!id.ok()) return std::move(id).error().in_field("/parameters/operation");
    return *id;
  }
  FLORIN_TRY(const std::vector<engine::Doubt> doubts, engine::doubts_of(context, notes, payment));
  if (doubts.empty()) {
    return Error(Errc::state_conflict, "/parameters/payment",
                 "nothing of this payment is in doubt");
  }
  if (doubts.size() == 1) return doubts.front().operation.id;
  std::string names;
  for (const engine::Doubt& doubt : doubts) {
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", doubt.operation.id.text(),
                         domain::operation_kind_name(doubt.operation.kind));
  }
  return Error(Errc::field_missing, "/parameters/operation", "is needed: in doubt are " + names);
}

bool opens_payment(OperationKind kind) {
  return kind == OperationKind::authorize || kind == OperationKind::sale;
}

Result<void> check_texts(const Wanted& wanted) {
  const bool hex = wanted.evidence.size() == 64 &&
                   wanted.evidence.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex) {
    return wrong_parameter(Errc::malformed_value, "evidence",
                           "expected a SHA-256 in 64 hexadecimal digits");
  }
  const std::string& name = wanted.psp_reference;
  const bool visible =
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!visible || name.size() > domain::kMaxPspReference) {
    return wrong_parameter(Errc::malformed_value, "psp_reference",
                           "expected 1 to 64 visible ASCII characters");
  }
  const domain::Operation& operation = wanted.life.operation;
  const bool opens = wanted.succeeded && opens_payment(operation.kind);
  // In review the acquirer has named it already.
  const bool named = operation.said && !operation.said->psp_reference.empty();
  if (opens && !named && name.empty()) {
    return wrong_parameter(Errc::field_missing, "psp_reference",
                           "is needed: without the acquirer's name for it, it could never be "
                           "captured or refunded");
  }
  if (!opens && !name.empty()) {
    return wrong_parameter(Errc::field_unknown, "psp_reference",
                           "is only for a payment's first success");
  }
  return {};
}

Result<Wanted> read_wanted(const ResolutionTools& tools, const json::object& parameters) {
  FLORIN_TRY(const auto texts,
             control::read_parameters(parameters,
                                      {{"tenant"},
                                       {"mode", 4},
                                       {"payment"},
                                       {"operation", 64, false},
                                       {"as", 16},
                                       {"evidence", 64},
                                       {"psp_reference", domain::kMaxPspReference, false}},
                                      {"kind", "amount", "connector"}));
  std::string tenant;
  FLORIN_TRY(engine::ContextPtr context, context_of(tools, texts[0], texts[1], tenant));
  auto payment = PaymentId::parse(texts[2]);
  if (!payment.ok()) return std::move(payment).error().in_field("/parameters/payment");
  FLORIN_TRY(const OperationId id, operation_of(*context, tools.notes, *payment, texts[3]));
  auto life = engine::load_life(*context, id);
  if (!life.ok()) return std::move(life).error().in_field("/parameters/operation");
  if (life->payment.id != *payment) {
    return wrong_parameter(Errc::not_found, "operation", "is not one of this payment");
  }
  FLORIN_TRY(domain::Connector connector,
             engine::load_connector(*context, life->operation.connector));
  if (texts[4] != "succeeded" && texts[4] != "not-executed") {
    return wrong_parameter(Errc::malformed_value, "as", "expected succeeded or not-executed");
  }
  Wanted out{.context = std::move(context),
             .tenant = std::move(tenant),
             .life = std::move(*life),
             .connector = std::move(connector.name),
             .succeeded = texts[4] == "succeeded",
             .evidence = texts[5],
             .psp_reference = texts[6]};
  FLORIN_TRY_VOID(check_texts(out));
  return out;
}

domain::Decision decision_of(const Wanted& wanted, const std::string& request) {
  domain::Decision out{
      .verdict = wanted.succeeded ? domain::Verdict::succeeded : domain::Verdict::not_executed,
      .evidence = {},
      .request = request,
      .psp_reference = wanted.psp_reference};
  // Checked to be 64 digits before.
  if (const auto bytes = from_hex(wanted.evidence); bytes.ok()) {
    out.evidence = ByteReader(*bytes).array<32>();
  }
  return out;
}

std::string_view role_name(domain::AccountRole role) {
  switch (role) {
    case domain::AccountRole::psp_receivable:
      return "receivable from the acquirer";
    case domain::AccountRole::merchant_payable:
      return "payable to the merchant";
    case domain::AccountRole::authorization_memo:
      return "authorization memo";
    case domain::AccountRole::authorization_contra:
      return "authorization contra";
    case domain::AccountRole::dispute_holding:
      return "held in a dispute";
    case domain::AccountRole::suspense:
      return "suspense";
  }
  return "account";
}

// "12.50 EUR debit payable to the merchant, credit receivable from the acquirer".
std::string bookings_text(const domain::Plan& plan) {
  std::string out;
  for (const domain::Movement& movement : plan.movements) {
    const auto money = Money::make(movement.amount, plan.life.payment.currency());
    if (!money.ok()) continue;
    for (const domain::PostingRule& rule : domain::posting_rules(movement.fact)) {
      out += fmt::format("{}{}{} debit {}, credit {}", out.empty() ? "" : "; ", money->text(),
                         rule.layer == domain::BookLayer::pending ? " (pending)" : "",
                         role_name(rule.debit), role_name(rule.credit));
    }
  }
  return out;
}

std::string consequence_of(const Wanted& wanted, const domain::Plan& plan) {
  const domain::Operation& operation = wanted.life.operation;
  const std::string bookings = bookings_text(plan);
  return fmt::format(
      "The {} of {} for payment {} at connector {} of {}/{} is booked as {}. {}. The payment is {} "
      "then, and the merchant is told. It is not taken back: what the acquirer proves later is "
      "booked beside it.",
      domain::operation_kind_name(operation.kind), operation.amount.text(),
      wanted.life.payment.id.text(), wanted.connector, wanted.tenant, wanted.context->mode(),
      wanted.succeeded ? "succeeded" : "not executed",
      bookings.empty() ? "No money moves in the books" : "In the books: " + bookings,
      domain::payment_status_name(domain::status_of(plan.life.payment)));
}

Error ended(const domain::Operation& operation) {
  return Error(Errc::state_conflict, "/parameters/operation",
               fmt::format("there is nothing to decide: the operation is {}",
                           domain::operation_state_name(operation.state)));
}

bool may_be_decided(domain::OperationState state) {
  return domain::next_state(state, domain::OperationInput::decided_succeeded).has_value();
}

Result<control::Proposal> propose(const ResolutionTools& tools, const json::object& parameters) {
  FLORIN_TRY(const Wanted wanted, read_wanted(tools, parameters));
  const domain::Operation& operation = wanted.life.operation;
  if (!may_be_decided(operation.state)) return ended(operation);
  FLORIN_TRY(const domain::Plan plan,
             domain::resolve(wanted.life, decision_of(wanted, "R-0000"), operation.updated_at));
  control::Proposal out{.parameters = {{"tenant", wanted.context->tenant().text()},
                                       {"mode", wanted.context->mode()},
                                       {"payment", wanted.life.payment.id.text()},
                                       {"operation", operation.id.text()},
                                       {"kind", domain::operation_kind_name(operation.kind)},
                                       {"amount", operation.amount.text()},
                                       {"connector", wanted.connector},
                                       {"as", wanted.succeeded ? "succeeded" : "not-executed"},
                                       {"evidence", wanted.evidence}},
                        .consequence = consequence_of(wanted, plan),
                        .confirmation = {}};
  if (!wanted.psp_reference.empty()) out.parameters["psp_reference"] = wanted.psp_reference;
  return out;
}

engine::Provenance provenance_of(const Wanted& wanted, const control::ApprovedRequest& request) {
  engine::Provenance out{.actor = control::actor_of({request.people.front()}),
                         .entry = request.id,
                         .note = fmt::format("{}, evidence {}", request.number, wanted.evidence),
                         .evidence = "two people, " + request.number};
  out.approvals.reserve(request.people.size());
  for (const Uuid& person : request.people) out.approvals.push_back({person, request.digest});
  return out;
}

using Booked = std::shared_ptr<Result<engine::Booking>>;

net::Task<void> book_on_io_thread(engine::PaymentService* payments, Wanted wanted,
                                  domain::Decision decision, engine::Provenance provenance,
                                  std::shared_ptr<std::promise<Booked>> answer) {
  engine::PaymentService::Rule rule =
      [decision](const domain::Life& life, UnixNanos now) -> Result<std::optional<domain::Plan>> {
    // A fact was first: there is nothing left to decide.
    if (!may_be_decided(life.operation.state)) return std::optional<domain::Plan>();
    FLORIN_TRY(domain::Plan plan, domain::resolve(life, decision, now));
    return std::optional(std::move(plan));
  };
  Result<engine::Booking> done = co_await payments->book(
      std::move(wanted.context), std::move(wanted.life), std::move(rule), std::move(provenance));
  answer->set_value(std::make_shared<Result<engine::Booking>>(std::move(done)));
}

// From the blocking pool to the I/O thread and back.
Result<engine::Booking> book(const ResolutionTools& tools, const Wanted& wanted,
                             const domain::Decision& decision,
                             const engine::Provenance& provenance) {
  const auto promise = std::make_shared<std::promise<Booked>>();
  auto answer = promise->get_future();
  engine::PaymentService* const payments = &tools.payments;
  tools.runtime.spawn("resolution by two people",
                      [payments, wanted, decision, provenance, promise] {
                        return book_on_io_thread(payments, wanted, decision, provenance, promise);
                      });
  // Where it was booked all the same, the completion finds the entry.
  if (answer.wait_for(kBookingLimit) != std::future_status::ready) return Error(Errc::timed_out);
  return std::move(*answer.get());
}

Result<json::object> execute(const ResolutionTools& tools, const json::object& parameters,
                             const control::ApprovedRequest& request) {
  FLORIN_TRY(const Wanted wanted, read_wanted(tools, parameters));
  const ledger::Ledger& books = wanted.context->books();
  FLORIN_TRY(std::optional<std::uint64_t> seq, books.entry_seq(request.id));
  if (!seq) {
    FLORIN_TRY(
        const engine::Booking booking,
        book(tools, wanted, decision_of(wanted, request.number), provenance_of(wanted, request)));
    if (!booking.booked) {
      FLORIN_TRY(const domain::Life now,
                 engine::load_life(*wanted.context, wanted.life.operation.id));
      return ended(now.operation);
    }
    FLORIN_TRY_VOID(wanted.context->books().catch_up());
    FLORIN_TRY(seq, books.entry_seq(request.id));
  }
  return json::object{{"payment", wanted.life.payment.id.text()},
                      {"operation", wanted.life.operation.id.text()},
                      {"as", wanted.succeeded ? "succeeded" : "not-executed"},
                      {"entry", seq.value_or(0)}};
}

}  // namespace

control::Operation payment_resolution(const ResolutionTools& tools) {
  return {.name = "payment.resolve",
          .requesters = domain::roles(Role::operator_),
          .approvers = domain::roles(Role::operator_, Role::admin),
          .propose = [tools](const json::object& given) { return propose(tools, given); },
          .execute =
              [tools](const json::object& given, const control::ApprovedRequest& request) {
                return execute(tools, given, request);
              }};
}

}  // namespace florin
