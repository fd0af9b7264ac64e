#include <set>

#include "ledger/describe.h"
#include "ledger/rules.h"

namespace florin::ledger {
namespace {

bool needs_two_people(const Command& command) {
  switch (command.type) {
    case EntryType::adjustment:
      return true;
    case EntryType::reversal:
      return command.origin == Origin::command;
    case EntryType::recovery:
      return command.recovery->step == RecoveryStep::reopened;
    default:
      return false;
  }
}

Result<void> apply_approvals(const Command& command, verify::Leaf& leaf) {
  std::set<Uuid> people;
  bool one_request = true;
  for (const Approval& approval : command.approvals) {
    people.insert(approval.person);
    one_request = one_request && approval.request == command.approvals.front().request;
    leaf.approvals.push_back({approval.person, approval.request});
  }
  if (!needs_two_people(command)) return {};
  if (people.size() >= 2 && one_request) return {};
  return Error(Errc::permission_denied, "approvals",
               "This needs the approval of two different people for the same request.");
}

Error conflict(const char* field, const char* message) {
  return {Errc::state_conflict, field, message};
}

Result<void> apply_reversed(const StateView& state, const Command& command, verify::Leaf& leaf) {
  FLORIN_TRY(const auto found, state.entry_id(*command.reverses));
  if (!found.has_value()) return Error(Errc::not_found, "reverses", "There is no such entry.");
  FLORIN_TRY(const auto original, state.leaf(found->seq));
  if (!original.has_value()) {
    return Error(Errc::ledger_corrupt, {}, {}, "an entry id names an entry that is not there");
  }
  if (!can_be_reversed(static_cast<EntryType>(original->type))) {
    return conflict("reverses", "An entry of this type cannot be reversed.");
  }
  FLORIN_TRY(const bool reversed, state.is_reversed(found->seq));
  if (reversed) return conflict("reverses", "The entry was reversed already.");
  leaf.reverses = verify::ReversedEntry{found->seq, *command.reverses};
  return {};
}

Result<void> apply_lock(const Tip& tip, const Command& command, verify::Leaf& leaf) {
  if (*command.lock_through >= day_of(leaf.booked_at)) {
    return Error(Errc::validation_failed, "lock_through", "Only days that are over can be locked.");
  }
  if (tip.locked_through.has_value() && *command.lock_through <= *tip.locked_through) {
    return conflict("lock_through", "These days are locked already.");
  }
  leaf.lock_through = command.lock_through;
  return {};
}

Result<void> apply_clock(const Tip& tip, const Command& command, verify::Leaf& leaf) {
  if (*command.clock > leaf.booked_at) {
    return Error(Errc::validation_failed, "clock", "The time has not come yet.");
  }
  if (*command.clock < tip.clock) return conflict("clock", "A later time is recorded already.");
  leaf.clock = command.clock;
  return {};
}

Result<void> apply_recovery(const Tip& tip, const Command& command, verify::Leaf& leaf) {
  const RecoveryRecord& record = *command.recovery;
  if (record.step == RecoveryStep::reopened && !tip.recovering) {
    return conflict("recovery", "The ledger is not recovering.");
  }
  leaf.recovery = verify::Recovery{static_cast<verify::RecoveryStep>(record.step),
                                   record.signed_size, record.signed_root};
  return {};
}

Result<void> apply_account_flags(const Command& command, TouchedAccounts& accounts,
                                 verify::Leaf& leaf) {
  std::set<AccountKey> seen;
  for (const AccountChange& change : command.account_changes) {
    if (!seen.insert(change.account).second) {
      return Error(Errc::validation_failed, "account_changes", "An account is changed twice.");
    }
    FLORIN_TRY(TouchedAccount * account, accounts.get(change.account, {}, true));
    const std::uint32_t before = account->balance.flags;
    if ((before & kAccountClosed) != 0 && (change.flags & kAccountClosed) == 0) {
      return conflict("account_changes", "A closed account stays closed.");
    }
    leaf.account_flags.push_back({account->balance.account.number, change.flags});
  }
  return {};
}

}  // namespace

Result<void> apply_type(const StateView& state, const Command& command, TouchedAccounts& accounts,
                        verify::Leaf& leaf) {
  FLORIN_TRY_VOID(apply_approvals(command, leaf));
  switch (command.type) {
    case EntryType::reversal:
      return apply_reversed(state, command, leaf);
    case EntryType::period:
      return apply_lock(state.tip(), command, leaf);
    case EntryType::clock:
      return apply_clock(state.tip(), command, leaf);
    case EntryType::recovery:
      return apply_recovery(state.tip(), command, leaf);
    case EntryType::account:
      return apply_account_flags(command, accounts, leaf);
    default:
      return {};
  }
}

}  // namespace florin::ledger
