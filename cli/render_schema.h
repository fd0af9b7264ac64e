#pragma once
/// Documents of the schema registry as tables.
#include <string>

#include "cli/view.h"

namespace florin::cli {

std::string render_schema(const json::value& document, const Style& style);

}  // namespace florin::cli
