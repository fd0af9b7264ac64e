#pragma once
/// The registry of what connectors promise: documents with a name and a version, made from the same
/// tables that the code runs on. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace florin::connectors {

struct SchemaEntry {
  std::string name;          ///< e.g. "connector.stripe", "declines"
  std::int64_t version = 1;  ///< raised when a member changes its meaning or goes
  std::string title;
};

/// Every document, ordered by name.
std::vector<SchemaEntry> schemas();
/// The document of that name, with its entry; nothing when there is none.
std::optional<json::object> find_schema(std::string_view name);

}  // namespace florin::connectors
