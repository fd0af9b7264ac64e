#pragma once
/// The rules of `apply`, one function per subject; private to the room.
#include "ledger/apply.h"

namespace florin::ledger {

/// Sizes and values of a command that need no state to be judged.
Result<void> check_form(const Command& command);

/// Debits equal credits per asset and layer; accounts exist or open; totals do not overflow. Fills
/// postings and openings of the leaf.
Result<void> apply_postings(const StateView& state, const Command& command, verify::Leaf& leaf);

/// Hold rules. Fills the holds of the leaf; a fact that passes a limit sets its flag.
Result<void> apply_holds(const StateView& state, const Command& command, verify::Leaf& leaf);

/// Versions, unique keys, idempotency keys, event numbers. Fills the body.
Result<void> apply_body(const StateView& state, const Command& command, Body& body);

/// Carries a change out on a hold, without judging it. Error: `ledger_overflow`.
Result<void> change_hold(HoldState& hold, HoldOperation operation, std::uint64_t amount);

/// The total of an account that a posting adds to.
Uint128& total_of(AccountBalance& balance, Side side, Layer layer);
/// False when the sum does not fit; `total` is untouched then.
bool add_checked(Uint128& total, std::uint64_t amount);

}  // namespace florin::ledger
