#pragma once
#include "cli/view.h"

namespace florin::cli {

/// `florin ledger balances`: the accounts, then per currency the totals, which must be equal.
std::string render_balances(const json::value& document, const Style& style);
/// `florin ledger statement`: the account, closing totals, postings newest first, opening totals.
std::string render_statement(const json::value& document, const Style& style);
/// `florin ledger entries`: one line an entry, one line below it for each posting.
std::string render_entries(const json::value& document, const Style& style);

}  // namespace florin::cli
