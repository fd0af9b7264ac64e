#pragma once
/// Rules of holds: sums, limits, legs, expiry.
#include "ledger/verify/position.h"

namespace florin::verify {

/// Carries out all hold changes and pending postings of an entry. `clock` is that of the last clock
/// entry. Error: `ledger_mismatch`, without the entry's number.
Result<void> change_holds(HoldMap& holds, std::int64_t clock, const Leaf& leaf);

}  // namespace florin::verify
