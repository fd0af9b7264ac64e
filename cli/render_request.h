#pragma once
#include "cli/view.h"

namespace florin::cli {

/// The text that people sign, its digest, who signed, how it ended: a record to print and file.
std::string render_request(const json::value& document, const Style& style);

}  // namespace florin::cli
