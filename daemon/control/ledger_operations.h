#pragma once
/// What two people can do to books: open restored ones, correct, take back, lock days, freeze
/// accounts.
#include "daemon/control/appliance.h"
#include "daemon/control/operation.h"

namespace florin::control {

/// `ledger.reopen`, `ledger.adjust`, `ledger.reverse`, `ledger.lock-period`,
/// `ledger.account-flags`: asked for by an operator, approved by another one or an admin. Their
/// parameter `ledger` is "TENANT/MODE", for reopening also "system". `appliance` and `clock`
/// outlive them.
std::vector<Operation> ledger_operations(Appliance& appliance, const Clock& clock);

}  // namespace florin::control
