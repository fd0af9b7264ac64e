#pragma once
#include "cli/view.h"

namespace florin::cli {

/// `florin status`: the daemon's state, its HSM and every ledger's head in a few lines.
std::string render_status(const json::value& document, const Style& style);

}  // namespace florin::cli
