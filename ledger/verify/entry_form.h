#pragma once
/// What an entry's type and origin allow it to carry; looks at nothing but the leaf.
#include "ledger/verify/leaf.h"

namespace florin::verify {

/// Error: `ledger_mismatch`, without the entry's number.
Result<void> check_form(const Leaf& leaf);

}  // namespace florin::verify
