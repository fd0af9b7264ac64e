#pragma once
/// The domain's index keys as the ledger's projectors.
#include "ledger/projector.h"

namespace florin::control {

/// One set for all ledgers of the appliance; lives as long as the program.
const ledger::ProjectorSet& projectors();

}  // namespace florin::control
