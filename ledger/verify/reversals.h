#pragma once
/// A reversal is the mirror of the entry that it takes back.
#include "ledger/verify/leaf.h"

namespace florin::verify {

/// Holds a reversal against the entry that it names. Error: `ledger_mismatch`, without the entry's
/// number.
Result<void> check_mirror(const Leaf& reversal, const Leaf& original);

}  // namespace florin::verify
