#include "daemon/control/schemas.h"

#include "daemon/connectors/schemas.h"

namespace florin::control {

json::array list_schemas() {
  json::array items;
  for (const connectors::SchemaEntry& entry : connectors::schemas()) {
    items.push_back(
        json::object{{"name", entry.name}, {"version", entry.version}, {"title", entry.title}});
  }
  return items;
}

std::optional<json::object> schema_document(std::string_view name) {
  return connectors::find_schema(name);
}

}  // namespace florin::control
