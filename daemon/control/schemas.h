#pragma once
/// The schema registry as operators read it.
#include <optional>
#include <string_view>

#include "base/json.h"

namespace florin::control {

/// Name, version and title of every document. Thread-safe.
json::array list_schemas();
/// The document of that name; nothing when there is none. Thread-safe.
std::optional<json::object> schema_document(std::string_view name);

}  // namespace florin::control
