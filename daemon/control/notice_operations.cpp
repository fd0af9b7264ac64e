#include "daemon/control/notice_operations.h"

#include <fmt/format.h>

#include "daemon/control/ledger_operation_books.h"
#include "daemon/control/parameters.h"
#include "daemon/domain/inbound_fact.h"
#include "daemon/domain/kinds.h"

namespace florin::control {
namespace {

using domain::InboundFact;
using domain::Role;

constexpr auto kFactKind = static_cast<ledger::ObjectKind>(domain::Kind::inbound_fact);

struct Wanted {
  NamedBooks books;
  std::string tenant;  ///< as it was given
  std::string mode;
  InboundFact fact;
};

Result<Wanted> read_wanted(const Appliance& appliance, const json::object& parameters) {
  FLORIN_TRY(const auto texts, read_parameters(parameters, {{"tenant"}, {"mode", 4}, {"notice"}},
                                               {"connector", "key", "type", "state"}));
  auto books = tenant_books_of(appliance, texts[0] + "/" + texts[1]);
  if (!books.ok()) return std::move(books).error().in_field("/parameters/tenant");
  const auto id = domain::InboundFactId::parse(texts[2]);
  if (!id.ok()) return wrong_parameter(Errc::malformed_value, "notice", "expected inf_…");
  FLORIN_TRY(const std::optional<ledger::ObjectRow> row,
             books->books->object(kFactKind, id->value));
  if (!row) return wrong_parameter(Errc::not_found, "notice", "there is no such notice");
  FLORIN_TRY(InboundFact fact,
             domain::decode_inbound_fact(row->id, row->version, row->immutable, row->head));
  const std::size_t slash = books->canonical.find('/');
  return Wanted{.books = *books,
                .tenant = books->canonical.substr(0, slash),
                .mode = books->canonical.substr(slash + 1),
                .fact = std::move(fact)};
}

Result<Proposal> propose(const Appliance& appliance, const json::object& parameters) {
  FLORIN_TRY(const Wanted wanted, read_wanted(appliance, parameters));
  InboundFact closed = wanted.fact;
  FLORIN_TRY_VOID(domain::close(closed, "R-0000", wanted.fact.updated_at));
  const std::string_view state = domain::inbound_state_name(wanted.fact.state);
  return Proposal{
      .parameters = {{"tenant", wanted.tenant},
                     {"mode", wanted.mode},
                     {"notice", wanted.fact.id.text()},
                     {"connector", wanted.fact.connector.text()},
                     {"key", wanted.fact.key},
                     {"type", wanted.fact.type},
                     {"state", state}},
      .consequence = fmt::format(
          "The notice {} ({}) of an acquirer in {}, which is {}, waits no longer and is never "
          "applied, also when what it is about is found later. No money moves and no payment "
          "changes.",
          wanted.fact.key, wanted.fact.type, wanted.books.spoken, state),
      .confirmation = {}};
}

Result<json::object> execute(const Appliance& appliance, const Clock& clock,
                             const json::object& parameters, const ApprovedRequest& request) {
  FLORIN_TRY(const Wanted wanted, read_wanted(appliance, parameters));
  ledger::Command command = command_for(request, ledger::EntryType::audit);
  command.subject = wanted.fact.id.value;
  FLORIN_TRY(const std::optional<std::uint64_t> done_before,
             wanted.books.books->entry_seq(request.id));
  if (!done_before) {
    InboundFact fact = wanted.fact;
    FLORIN_TRY_VOID(domain::close(fact, request.number, clock.now()));
    command.objects.push_back({.kind = kFactKind,
                               .id = fact.id.value,
                               .expected_version = fact.version,
                               .immutable = std::nullopt,
                               .head = domain::encode(fact).head});
  }
  FLORIN_TRY(json::object done, append_once(wanted.books, std::move(command)));
  done["notice"] = wanted.fact.id.text();
  done["key"] = wanted.fact.key;
  done["state"] = domain::inbound_state_name(domain::InboundState::closed);
  return done;
}

}  // namespace

std::vector<Operation> notice_operations(Appliance& appliance, const Clock& clock) {
  const Appliance* const all = &appliance;
  const Clock* const now = &clock;
  std::vector<Operation> out;
  out.push_back({.name = "notice.close",
                 .requesters = domain::roles(Role::operator_),
                 .approvers = domain::roles(Role::operator_, Role::admin),
                 .propose = [all](const json::object& given) { return propose(*all, given); },
                 .execute =
                     [all, now](const json::object& given, const ApprovedRequest& request) {
                       return execute(*all, *now, given, request);
                     }});
  return out;
}

}  // namespace florin::control
