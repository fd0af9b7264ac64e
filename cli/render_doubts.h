#pragma once
/// Payments in doubt as text.
#include <string>

#include "base/json.h"
#include "cli/view.h"

namespace florin::cli {

/// The ageing report: a row for each operation, the oldest first, and the sum of each currency.
std::string render_doubts(const json::value& document, const Style& style);

}  // namespace florin::cli
