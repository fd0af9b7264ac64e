#pragma once
/// What the books hold for a merchant and each of his branches.
#include <string>
#include <vector>

#include "base/currency.h"
#include "daemon/engine/context.h"

namespace florin::engine {

/// Minor units of one currency. Below 0: the merchant owes it.
struct Position {
  std::int64_t payable = 0;     ///< captured and not paid out, less what was given back or lost
  std::int64_t disputed = 0;    ///< withheld by acquirers in disputes
  std::int64_t authorized = 0;  ///< held on payers' accounts and not captured
};

struct BranchPosition {
  MerchantId branch;
  std::string name;
  Position position;
};

/// One currency.
struct MerchantBalance {
  Currency currency;
  Position total;                        ///< of all below
  Position own;                          ///< of payments that name no branch
  std::vector<BranchPosition> branches;  ///< every one, in the order in which they were made
};

/// In each currency in which anything was posted for the merchant or a branch; by currency code.
/// Errors: `ledger_overflow`, those of the ledger.
Result<std::vector<MerchantBalance>> balances_of(const Context& context,
                                                 const MerchantId& merchant);

/// The merchant's branches, in the order in which they were made.
Result<std::vector<MerchantId>> branches_of(const Context& context, const MerchantId& merchant);

}  // namespace florin::engine
