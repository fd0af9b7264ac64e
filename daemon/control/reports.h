#pragma once
/// What operators and auditors read of a ledger, as documents.
#include "base/json.h"
#include "daemon/control/appliance.h"

namespace florin::control {

/// Every account with its totals, of now or as they were after the last entry booked at or before
/// `at`: amounts are decimal texts of minor units. An account with others below it also tells the
/// sum of all of them. With `merchant`, only his accounts and those of his branches. Reads only.
Result<json::object> balances_document(const Appliance& appliance,
                                       const ledger::TenantLedger& ledger,
                                       std::optional<UnixNanos> at,
                                       std::optional<MerchantId> merchant = std::nullopt);
/// The postings of one account, newest first, with its totals before and behind them. Error:
/// `not_found`.
Result<json::object> statement_document(const Appliance& appliance,
                                        const ledger::TenantLedger& ledger,
                                        const ledger::StatementRequest& request);
/// Entries from `from_seq` on, with their postings.
Result<json::object> entries_document(const Appliance& appliance,
                                      const ledger::TenantLedger& ledger, std::uint64_t from_seq,
                                      std::size_t limit);
/// Head of one ledger for the status page, and for how many outcomes it holds room.
json::object head_document(std::string_view tenant, ledger::Ledger& books);

}  // namespace florin::control
