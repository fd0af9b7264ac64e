// What the type of an entry asks of the books.
#include <set>

#include "support/memory_ledger/judge.h"

namespace florin::ledger::model {
namespace {

// At least two people, who all approved the same.
bool approved_by_two(const std::vector<Approval>& approvals) {
  std::set<Uuid> people;
  for (const Approval& approval : approvals) {
    if (approval.request != approvals.front().request) return false;
    people.insert(approval.person);
  }
  return people.size() >= 2;
}

void check_approvals(const Command& command, Draft& draft) {
  const bool needed =
      command.type == EntryType::adjustment ||
      (command.type == EntryType::reversal && command.origin == Origin::command) ||
      (command.recovery.has_value() && command.recovery->step == RecoveryStep::reopened);
  const bool enough = approved_by_two(command.approvals);
  if (needed && !enough) draft.refuse(Errc::permission_denied, "approvals");
  if (command.type == EntryType::reversal && command.origin == Origin::system && !enough) {
    draft.open_question("a reversal by the system without two people");
  }
}

void check_lock(const Command& command, Draft& draft) {
  if (!command.lock_through.has_value()) return;
  const std::int32_t day = *command.lock_through;
  if (draft.state.locked_through.has_value() && day <= *draft.state.locked_through) {
    draft.refuse(Errc::state_conflict, "lock_through");
  }
  if (day >= day_of(draft.leaf.booked_at)) {
    draft.refuse(Errc::validation_failed, "lock_through", {Errc::state_conflict});
  }
  draft.state.locked_through = day;
  draft.leaf.lock_through = day;
}

void check_clock(const Command& command, Draft& draft) {
  if (!command.clock.has_value()) return;
  if (*command.clock < draft.state.clock) draft.refuse(Errc::state_conflict, "clock");
  if (*command.clock > draft.leaf.booked_at) {
    draft.refuse(Errc::validation_failed, "clock", {Errc::state_conflict});
  }
  draft.state.clock = *command.clock;
  draft.leaf.clock = *command.clock;
}

void check_recovery(const Command& command, Draft& draft) {
  if (!command.recovery.has_value()) return;
  const RecoveryRecord& record = *command.recovery;
  draft.leaf.recovery = verify::Recovery{static_cast<verify::RecoveryStep>(record.step),
                                         record.signed_size, record.signed_root};
  if (record.step == RecoveryStep::restored) {
    draft.state.recovering = true;
    return;
  }
  if (!draft.state.recovering) draft.refuse(Errc::state_conflict, "recovery");
  draft.state.recovering = false;
}

}  // namespace

void check_type(const Books& books, const Command& command, Draft& draft) {
  check_approvals(command, draft);
  for (const Approval& approval : command.approvals) {
    draft.leaf.approvals.push_back({approval.person, approval.request});
  }
  check_lock(command, draft);
  check_clock(command, draft);
  check_recovery(command, draft);
  change_accounts(books, command, draft);
}

void change_accounts(const Books& books, const Command& command, Draft& draft) {
  for (const AccountChange& change : command.account_changes) {
    const bool known = books.numbers.contains(change.account);
    if (!known && change.account.code == AccountCode::submerchant_payable) {
      return draft.open_question("flags for a sub-merchant account that is not open");
    }
    const std::uint64_t number = known ? books.numbers.at(change.account)
                                       : *account_number(books, draft, change.account, {});
    const std::uint32_t before = known ? books.accounts.at(number - 1).flags : 0;
    if ((before & kAccountClosed) != 0 && (change.flags & kAccountClosed) == 0) {
      draft.refuse(Errc::state_conflict, "flags");
    }
    draft.flags[number] = change.flags;
    draft.leaf.account_flags.push_back({number, change.flags});
  }
}

void check_day(const Books& books, const Command& command, Draft& draft) {
  const std::int32_t today = day_of(draft.leaf.booked_at);
  const std::int32_t day = command.effective_day.value_or(today);
  draft.leaf.effective_day = day;
  const auto locked = books.state.locked_through;
  if (!locked.has_value() || day > *locked || draft.leaf.postings.empty()) return;
  if (command.type == EntryType::adjustment) return;
  if (command.origin == Origin::fact) {
    draft.leaf.meant_day = day;
    draft.leaf.effective_day = today;
    return;
  }
  draft.refuse(Errc::ledger_period_locked, "effective_day");
}

}  // namespace florin::ledger::model
