// Connectors beyond their records: do they work?
#include <algorithm>

#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"

namespace florin::admin {
namespace {

Result<domain::Connector> connector_of(const Call& call, const ledger::TenantLedger& ledger) {
  FLORIN_TRY(control::Appliance * appliance, appliance_of(call));
  FLORIN_TRY(std::vector<domain::Connector> all, appliance->connectors(ledger));
  const std::string_view wanted = call.match.parameter("connector");
  const auto found = std::find_if(all.begin(), all.end(), [&](const domain::Connector& connector) {
    return connector.name == wanted || connector.id.text() == wanted;
  });
  if (found != all.end()) return std::move(*found);
  return Error(Errc::not_found, "connector", "there is no such connector");
}

}  // namespace

Result<http::Response> post_connector_test(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(domain::Connector connector, connector_of(call, ledger));
  FLORIN_TRY(json::object body, call.machine.test_connector(ledger, connector.id));
  body["connector"] = connector.name;
  body["kind"] = connector.kind;
  body["base_url"] = connector.base_url;
  return document(200, "florin.connector.test/1", body);
}

}  // namespace florin::admin
