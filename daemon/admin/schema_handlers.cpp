// The registry of what connectors promise.
#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"
#include "daemon/control/schemas.h"

namespace florin::admin {

Result<http::Response> get_schemas(const Call& /*call*/) {
  return list_document("florin.schema.list/1", control::list_schemas());
}

Result<http::Response> get_schema(const Call& call) {
  const auto found = control::schema_document(call.match.parameter("name"));
  if (!found) return Error(Errc::not_found, "schema", "there is no such schema");
  return document(200, "florin.schema.show/1", *found);
}

}  // namespace florin::admin
