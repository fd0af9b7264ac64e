// What PSPs say unasked: the secrets that prove it, and what waits for somebody.
#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"
#include "daemon/domain/render.h"
#include "daemon/engine/notice_inbox.h"
#include "daemon/http/query.h"

namespace florin::admin {
namespace {

constexpr std::size_t kMostRows = 1000;
constexpr std::size_t kSecretLimit = 128;

json::object fact_document(const domain::InboundFact& fact, const std::string& connector) {
  json::object out{{"id", fact.id.text()},
                   {"state", domain::inbound_state_name(fact.state)},
                   {"connector", connector},
                   {"key", fact.key},
                   {"type", fact.type},
                   {"kind", nullptr},
                   {"told", domain::outcome_class_name(fact.outcome.outcome)},
                   {"amount", nullptr},
                   {"reference", fact.reference},
                   {"psp_reference", fact.psp_reference},
                   {"operation", nullptr},
                   {"dispute", nullptr},
                   {"received_at", to_rfc3339(fact.received_at)},
                   {"closed_by", nullptr},
                   {"closed_at", nullptr}};
  if (fact.state == domain::InboundState::closed) {
    out["closed_by"] = fact.closed_by;
    out["closed_at"] = to_rfc3339(fact.updated_at);
  }
  if (fact.kind) out["kind"] = domain::operation_kind_name(*fact.kind);
  if (fact.outcome.amount) out["amount"] = domain::render(*fact.outcome.amount);
  if (fact.late) {
    if (fact.outcome.outcome == domain::OutcomeClass::unknown) {
      out["told"] = domain::fact_kind_name(fact.late->kind);
    }
    out["amount"] = domain::render(fact.late->amount);
    if (const auto& dispute = fact.late->dispute) {
      out["dispute"] = json::object{{"id", dispute->psp_dispute},
                                    {"stage", domain::dispute_stage_name(dispute->stage)},
                                    {"status", domain::dispute_status_name(dispute->status)}};
    }
  }
  if (!fact.operation.value.is_nil()) out["operation"] = fact.operation.text();
  return out;
}

Result<bool> wants_closed(const http::Request& request) {
  FLORIN_TRY(const http::QueryPairs pairs, http::parse_query(request.query()));
  bool closed = false;
  for (const auto& [name, value] : pairs) {
    if (name != "state" || (value != "open" && value != "closed")) {
      return Error(Errc::malformed_value, name.substr(0, 64), "is not known here, or has no sense");
    }
    closed = value == "closed";
  }
  return closed;
}

}  // namespace

Result<http::Response> get_notices(const Call& call) {
  FLORIN_TRY(const ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(const engine::ContextPtr context,
             call.machine.contexts->find(ledger.tenant, ledger.mode));
  FLORIN_TRY(const bool closed, wants_closed(call.request));
  FLORIN_TRY(const std::vector<domain::InboundFact> facts,
             closed ? engine::closed_inbound_facts(*context, kMostRows)
                    : engine::open_inbound_facts(*context, kMostRows));
  json::array items;
  for (const domain::InboundFact& fact : facts) {
    FLORIN_TRY(const domain::Connector connector, engine::load_connector(*context, fact.connector));
    items.emplace_back(fact_document(fact, connector.name));
  }
  return list_document("florin.payment.notices/1", std::move(items));
}

Result<http::Response> post_notice_secret(const Call& call) {
  FLORIN_TRY(const ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(std::vector<std::string> texts, read_texts(call.request, {{"secret", kSecretLimit}}));
  const Secret secret(view_of(texts[0]));
  wipe(texts[0]);
  control::Appliance& appliance = *call.appliance;
  FLORIN_TRY(const domain::Connector connector,
             appliance.connector(ledger, call.match.parameter("connector")));
  FLORIN_TRY_VOID(appliance.set_notice_secret(ledger, connector, secret, call.person));
  return document(201, "florin.connector.notices/1",
                  {{"connector", connector.name},
                   {"id", connector.id.text()},
                   {"path", "/in/" + ledger.tenant.text() + "/" + connector.id.text()}});
}

}  // namespace florin::admin
