#pragma once
/// What two people can do to the notices of PSPs that wait.
#include "daemon/control/appliance.h"
#include "daemon/control/operation.h"

namespace florin::control {

/// `notice.close`: asked for by an operator, approved by another one or an admin. Parameters:
/// tenant, mode, notice (its identifier, inf_…). It moves no money and changes no payment. A notice
/// that was applied in the meantime is left as it is: the request fails. `appliance` and `clock`
/// outlive it.
std::vector<Operation> notice_operations(Appliance& appliance, const Clock& clock);

}  // namespace florin::control
