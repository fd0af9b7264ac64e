#pragma once
#include "cli/view.h"

namespace florin::cli {

/// The member `certificates` of a document as a table, and its `warnings`, one a line; empty when
/// there is neither.
std::string render_certificates(const json::value& document, const Style& style);

}  // namespace florin::cli
