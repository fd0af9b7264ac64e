#pragma once
/// The rules of `apply`, one function per subject; private to the room.
#include "ledger/apply.h"
#include "ledger/touched_accounts.h"

namespace florin::ledger {

/// Sizes and values of a command that need no state to be judged.
Result<void> check_form(const Command& command);
/// The part of it that concerns single types of entries.
Result<void> check_type_form(const Command& command);

/// A posting whose account is known by number.
struct DraftPosting {
  std::uint64_t account = 0;
  verify::Side side{};
  verify::Layer layer{};
  std::uint64_t amount = 0;
  Uuid party;
};

/// What an entry will post and change: as the command says, or made by the ledger itself for
/// reversals and expiries.
struct Draft {
  std::vector<DraftPosting> postings;
  std::vector<verify::HoldChange> holds;
};

/// Approvals, reversed entry, lock, clock, recovery, account flags: fills the leaf. Errors:
/// `permission_denied` (approvals), `not_found`, `state_conflict`, `validation_failed`.
Result<void> apply_type(const StateView& state, const Command& command, TouchedAccounts& accounts,
                        verify::Leaf& leaf);

/// Postings and hold changes of the entry, balanced per asset and layer.
Result<Draft> draft_of(const StateView& state, const Command& command, TouchedAccounts& accounts,
                       const verify::Leaf& leaf);

/// An entry with postings lies behind the lock; a fact is moved there. Error:
/// `ledger_period_locked`.
Result<void> apply_day(const StateView& state, const Command& command, const Draft& draft,
                       verify::Leaf& leaf);

/// Accounts take the postings or a fact's go to suspense; totals do not overflow. Fills the
/// postings of the leaf.
Result<void> apply_postings(const Command& command, const Draft& draft, TouchedAccounts& accounts,
                            verify::Leaf& leaf);

/// Hold rules. Fills the holds of the leaf; a fact that passes a limit sets its flag.
Result<void> apply_holds(const StateView& state, const Command& command, const Draft& draft,
                         verify::Leaf& leaf);

/// Versions, unique keys, idempotency keys, event numbers. Fills the body.
Result<void> apply_body(const StateView& state, const Command& command, Body& body);

/// The total of an account that a posting adds to.
Uint128& total_of(AccountBalance& balance, Side side, Layer layer);
/// False when the sum does not fit; `total` is untouched then.
bool add_checked(Uint128& total, std::uint64_t amount);

}  // namespace florin::ledger
