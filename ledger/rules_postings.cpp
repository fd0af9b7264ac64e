#include <map>
#include <set>
#include <utility>

#include "ledger/rules.h"

namespace florin::ledger {
namespace {

using Side = verify::Side;
using Layer = verify::Layer;

// The limit of one side: what is posted there and held may not be more than the other side's.
bool is_within_limit(const AccountBalance& balance, Side side) {
  const auto above = [](Uint128 left, Uint128 right) { return left > right ? left - right : 0; };
  if (side == Side::debit) {
    return balance.debits_posted + above(balance.debits_pending, balance.credits_pending) <=
           balance.credits_posted;
  }
  return balance.credits_posted + above(balance.credits_pending, balance.debits_pending) <=
         balance.debits_posted;
}

bool adds_to_limited_side(const AccountBalance& balance, const DraftPosting& posting) {
  const std::uint32_t limit = posting.side == Side::debit
                                  ? std::uint32_t{kDebitsMustNotExceedCredits}
                                  : kCreditsMustNotExceedDebits;
  return (balance.flags & limit) != 0;
}

// Sides of accounts that cannot take their postings of this entry, and why. An account that takes
// nothing at all stands here with every side that is meant; a limit is about the side that it
// limits.
using AccountSide = std::pair<std::uint64_t, Side>;
using Unusable = std::map<AccountSide, verify::RedirectionReason>;

Result<Unusable> unusable_accounts(const Draft& draft, TouchedAccounts& accounts) {
  Unusable unusable;
  std::map<std::uint64_t, AccountBalance> after;
  std::set<AccountSide> limited;
  for (const DraftPosting& posting : draft.postings) {
    FLORIN_TRY(const TouchedAccount* account, accounts.get(posting.account));
    const AccountBalance& balance = account->balance;
    if (balance.flags == 0) continue;
    if ((balance.flags & kAccountClosed) != 0) {
      unusable[{posting.account, posting.side}] = verify::RedirectionReason::closed;
    } else if ((balance.flags & kAccountFrozen) != 0) {
      unusable[{posting.account, posting.side}] = verify::RedirectionReason::frozen;
    } else {
      AccountBalance& sum = after.try_emplace(posting.account, balance).first->second;
      // An overflow is told where the posting is made.
      add_checked(total_of(sum, static_cast<ledger::Side>(posting.side),
                           static_cast<ledger::Layer>(posting.layer)),
                  posting.amount);
      if (adds_to_limited_side(balance, posting)) limited.insert({posting.account, posting.side});
    }
  }
  for (const AccountSide& each : limited) {
    if (is_within_limit(after.at(each.first), each.second)) continue;
    unusable[each] = verify::RedirectionReason::balance_limit;
  }
  return unusable;
}

Error refusal(verify::RedirectionReason reason) {
  switch (reason) {
    case verify::RedirectionReason::frozen:
      return {Errc::ledger_account_unusable, "postings", "An account is frozen."};
    case verify::RedirectionReason::closed:
      return {Errc::ledger_account_unusable, "postings", "An account is closed."};
    case verify::RedirectionReason::balance_limit:
      break;
  }
  return {Errc::ledger_balance_limit, "postings", {}};
}

Result<TouchedAccount*> suspense_for(const TouchedAccount& meant, TouchedAccounts& accounts) {
  return accounts.get({AccountCode::suspense, meant.balance.account.key.asset, {}}, {}, true);
}

}  // namespace

Uint128& total_of(AccountBalance& balance, ledger::Side side, ledger::Layer layer) {
  if (layer == ledger::Layer::posted) {
    return side == ledger::Side::debit ? balance.debits_posted : balance.credits_posted;
  }
  return side == ledger::Side::debit ? balance.debits_pending : balance.credits_pending;
}

bool add_checked(Uint128& total, std::uint64_t amount) {
  const Uint128 sum = total + amount;
  if (sum < total) return false;
  total = sum;
  return true;
}

Result<void> apply_day(const StateView& state, const Command& command, const Draft& draft,
                       verify::Leaf& leaf) {
  const std::optional<std::int32_t> locked = state.tip().locked_through;
  if (draft.postings.empty() || !locked.has_value() || leaf.effective_day > *locked) return {};
  if (command.type == EntryType::adjustment) return {};
  if (command.origin != Origin::fact) {
    return Error(Errc::ledger_period_locked, "effective_day", {});
  }
  leaf.meant_day = leaf.effective_day;
  leaf.effective_day = day_of(leaf.booked_at);
  return {};
}

Result<void> apply_postings(const Command& command, const Draft& draft, TouchedAccounts& accounts,
                            verify::Leaf& leaf) {
  FLORIN_TRY(const Unusable unusable, unusable_accounts(draft, accounts));
  if (!unusable.empty() && command.origin != Origin::fact) {
    return refusal(unusable.begin()->second);
  }
  for (const DraftPosting& posting : draft.postings) {
    FLORIN_TRY(TouchedAccount * account, accounts.get(posting.account));
    if (const auto at = unusable.find({posting.account, posting.side}); at != unusable.end()) {
      leaf.redirections.push_back(
          {static_cast<std::uint8_t>(leaf.postings.size()), at->second, posting.account});
      FLORIN_TRY(account, suspense_for(*account, accounts));
    }
    Uint128& total = total_of(account->balance, static_cast<ledger::Side>(posting.side),
                              static_cast<ledger::Layer>(posting.layer));
    if (!add_checked(total, posting.amount)) return Error(Errc::ledger_overflow, "postings", {});
    leaf.postings.push_back({account->balance.account.number, posting.amount,
                             account->balance.account.key.asset, posting.side, posting.layer,
                             posting.party, account->previous, total});
  }
  return {};
}

}  // namespace florin::ledger
