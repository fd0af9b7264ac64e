#include "base/currency.h"
#include "ledger/chart.h"
#include "ledger/rules.h"

namespace florin::ledger {
namespace {

constexpr std::uint32_t kAllAccountFlags =
    kDebitsMustNotExceedCredits | kCreditsMustNotExceedDebits | kAccountFrozen | kAccountClosed;

Error malformed(const char* field, const char* message) {
  return {Errc::validation_failed, field, message};
}

// What belongs to one type stands there and nowhere else.
Result<void> check_presence(const Command& command) {
  const auto belongs = [&command](bool present, EntryType type) {
    return present == (command.type == type);
  };
  if (!belongs(command.reverses.has_value(), EntryType::reversal)) {
    return malformed("reverses", "A reversal, and nothing else, names the entry it reverses.");
  }
  if (!belongs(command.lock_through.has_value(), EntryType::period)) {
    return malformed("lock_through", "A period entry, and nothing else, locks days.");
  }
  if (!belongs(command.clock.has_value(), EntryType::clock)) {
    return malformed("clock", "A clock entry, and nothing else, has a time.");
  }
  if (!belongs(command.recovery.has_value(), EntryType::recovery)) {
    return malformed("recovery", "A recovery entry, and nothing else, has a step.");
  }
  if (!belongs(!command.account_changes.empty(), EntryType::account)) {
    return malformed("account_changes", "An account entry, and nothing else, changes accounts.");
  }
  return {};
}

Result<void> check_account_changes(const Command& command) {
  for (const AccountChange& change : command.account_changes) {
    const std::optional<ChartRow> row = chart_row(change.account.code);
    if (!row.has_value()) {
      return Error(Errc::ledger_account_unusable, "account_changes",
                   "The account is not in the chart.");
    }
    FLORIN_TRY_VOID(Currency::from_number(change.account.asset));
    if (!row->takes_flags) {
      return malformed("account_changes", "Memo accounts and suspense have no flags.");
    }
    if ((change.flags & ~kAllAccountFlags) != 0) {
      return malformed("account_changes", "A flag is not known.");
    }
  }
  return {};
}

// The ledger fills in the postings of these types.
Result<void> check_own_postings(const Command& command) {
  const bool reversal = command.type == EntryType::reversal;
  const bool expiry = command.type == EntryType::expiry;
  if ((reversal || expiry) && !command.postings.empty()) {
    return malformed("postings", "The ledger itself makes the postings of this type.");
  }
  if (reversal && !command.holds.empty()) {
    return malformed("holds", "The ledger itself makes the changes of a reversal.");
  }
  const bool moves_nothing =
      command.type == EntryType::account || command.type == EntryType::period ||
      command.type == EntryType::clock || command.type == EntryType::recovery;
  if (moves_nothing && !(command.postings.empty() && command.holds.empty())) {
    return malformed("postings", "An entry of this type moves no money.");
  }
  if (!expiry) return {};
  if (command.holds.size() != 1 || command.holds.front().operation != HoldOperation::expire) {
    return malformed("holds", "An expiry lets one hold expire.");
  }
  return {};
}

}  // namespace

Result<void> check_type_form(const Command& command) {
  FLORIN_TRY_VOID(check_presence(command));
  FLORIN_TRY_VOID(check_account_changes(command));
  FLORIN_TRY_VOID(check_own_postings(command));
  if (command.type == EntryType::adjustment && command.origin == Origin::fact) {
    return malformed("origin", "An adjustment is not a fact.");
  }
  if (command.approvals.size() > verify::kMaxApprovals) {
    return Error(Errc::ledger_limit, "approvals", "The value is larger than the ledger takes.");
  }
  if (command.recovery.has_value()) {
    const RecoveryStep step = command.recovery->step;
    if (step != RecoveryStep::restored && step != RecoveryStep::reopened) {
      return malformed("recovery", "Unknown step.");
    }
    const bool states = command.recovery->signed_size != 0;
    if (!states && command.recovery->signed_root != Hash32{}) {
      return malformed("recovery", "A root of nothing.");
    }
    if (step == RecoveryStep::restored && command.origin != Origin::system) {
      return malformed("origin", "Only the ledger itself records that it was restored.");
    }
    if (step == RecoveryStep::reopened && states) {
      return malformed("recovery", "Reopening states nothing that was signed.");
    }
  }
  return {};
}

}  // namespace florin::ledger
