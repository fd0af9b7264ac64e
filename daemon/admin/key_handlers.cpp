// Keys as everybody may see them: names, states, check values.
#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"
#include "daemon/engine/customer.h"
#include "daemon/http/query.h"

namespace florin::admin {
namespace {

Result<control::KeyService*> keys_of(const Call& call) {
  control::KeyService* const keys = call.machine.keys();
  if (keys == nullptr) return call.machine.not_serving();
  return keys;
}

}  // namespace

Result<http::Response> get_keys(const Call& call) {
  FLORIN_TRY(control::KeyService* const keys, keys_of(call));
  return list_document("florin.key.list/1", keys->list());
}

// The way from a merchant's reference for a customer, which nothing keeps, to what two people sign:
// the parameters of key.shred-subject.
Result<http::Response> post_subject_search(const Call& call) {
  FLORIN_TRY(const ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(const domain::Merchant merchant,
             call.machine.appliance()->merchant(ledger, call.match.parameter("merchant")));
  FLORIN_TRY(const std::vector<std::string> texts,
             read_texts(call.request, {{"customer_reference", 64}}));
  FLORIN_TRY(const engine::ContextPtr context,
             call.machine.contexts->find(ledger.tenant, ledger.mode));
  FLORIN_TRY_VOID(ledger.books->catch_up());
  FLORIN_TRY(const domain::Subject subject, engine::find_subject(*context, merchant.id, texts[0]));
  json::object body{{"parameters", json::object{{"tenant", ledger.tenant.text()},
                                                {"mode", ledger::mode_name(ledger.mode)},
                                                {"subject", subject.id.text()}}},
                    {"created_at", to_rfc3339(subject.created_at)},
                    {"erased_at", nullptr}};
  if (subject.erased()) body["erased_at"] = to_rfc3339(subject.erased_at);
  return document(200, "florin.subject.search/1", body);
}

// By query, since names have slashes.
Result<http::Response> get_key(const Call& call) {
  FLORIN_TRY(control::KeyService* const keys, keys_of(call));
  FLORIN_TRY(const http::QueryPairs pairs, http::parse_query(call.request.query()));
  if (pairs.size() != 1 || pairs.front().first != "name") {
    return Error(Errc::field_missing, "name", "is required, and nothing else");
  }
  FLORIN_TRY(const json::object shown, keys->show(pairs.front().second));
  return document(200, "florin.key.show/1", shown);
}

Result<http::Response> post_key_verification(const Call& call) {
  FLORIN_TRY(control::KeyService* const keys, keys_of(call));
  FLORIN_TRY(const json::object report, keys->verify());
  return document(200, "florin.key.verify/1", report);
}

}  // namespace florin::admin
