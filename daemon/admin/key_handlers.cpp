// Keys as everybody may see them: names, states, check values.
#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"
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
