#include <limits>
#include <map>
#include <utility>

#include "ledger/holds.h"
#include "ledger/rules.h"

namespace florin::ledger {
namespace {

Result<void> check_balanced(const std::vector<Posting>& postings) {
  std::map<std::pair<std::uint16_t, Layer>, Int128> sums;
  for (const Posting& posting : postings) {
    const Int128 amount = posting.amount;
    sums[{posting.account.asset, posting.layer}] += posting.side == Side::debit ? amount : -amount;
  }
  for (const auto& [key, sum] : sums) {
    if (sum != 0) {
      return Error(Errc::ledger_unbalanced, "postings", {},
                   "asset " + std::to_string(key.first) + " differs by " + to_decimal(sum));
    }
  }
  return {};
}

Result<Draft> commanded(const Command& command, TouchedAccounts& accounts) {
  FLORIN_TRY_VOID(check_balanced(command.postings));
  Draft draft;
  for (const Posting& posting : command.postings) {
    FLORIN_TRY(const TouchedAccount* account,
               accounts.get(posting.account, posting.parent_owner, command.origin == Origin::fact));
    draft.postings.push_back(
        {account->balance.account.number, static_cast<verify::Side>(posting.side),
         static_cast<verify::Layer>(posting.layer), posting.amount, posting.party});
  }
  for (const HoldChange& change : command.holds) {
    draft.holds.push_back({change.hold, static_cast<verify::HoldOperation>(change.operation),
                           change.asset, change.amount, change.expires_at, false});
  }
  return draft;
}

verify::Side other_side(verify::Side side) {
  return side == verify::Side::debit ? verify::Side::credit : verify::Side::debit;
}

Result<Draft> mirrored(const StateView& state, const verify::Leaf& leaf) {
  FLORIN_TRY(const auto original, state.leaf(leaf.reverses->seq));
  if (!original.has_value()) {
    return Error(Errc::ledger_corrupt, {}, {}, "an entry id names an entry that is not there");
  }
  Draft draft;
  for (const verify::Posting& posting : original->postings) {
    draft.postings.push_back(
        {posting.account, other_side(posting.side), posting.layer, posting.amount, posting.party});
  }
  for (verify::HoldChange change : original->holds) {
    change.takes_back = true;
    draft.holds.push_back(change);
  }
  return draft;
}

Result<Draft> expired(const StateView& state, const Command& command) {
  const HoldChange& change = command.holds.front();
  FLORIN_TRY(const auto hold, state.hold(change.hold));
  if (!hold.has_value()) return Error(Errc::not_found, "holds", "The hold was never opened.");
  if (hold->asset != change.asset) {
    return Error(Errc::currency_mismatch, "holds", "The hold is in another currency.");
  }
  if (hold->expires_at == 0 || state.tip().clock < hold->expires_at) {
    return Error(Errc::state_conflict, "holds", "The hold's time has not passed.");
  }
  if (remaining_of(*hold) == 0) {
    return Error(Errc::state_conflict, "holds", "Nothing of the hold remains.");
  }
  Draft draft;
  draft.holds.push_back(
      {change.hold, verify::HoldOperation::expire, change.asset, remaining_of(*hold), 0, false});
  for (const HoldLeg& leg : hold->legs) {
    const bool debit = leg.net > 0;
    const auto amount = static_cast<Uint128>(debit ? leg.net : -leg.net);
    // Facts may have passed the hold's limits, and with them what one posting can carry.
    if (amount > std::numeric_limits<std::uint64_t>::max()) {
      return Error(Errc::ledger_overflow, "holds", {});
    }
    draft.postings.push_back({leg.account, debit ? verify::Side::credit : verify::Side::debit,
                              verify::Layer::pending, static_cast<std::uint64_t>(amount),
                              leg.party});
  }
  return draft;
}

}  // namespace

Result<Draft> draft_of(const StateView& state, const Command& command, TouchedAccounts& accounts,
                       const verify::Leaf& leaf) {
  if (command.type == EntryType::reversal) return mirrored(state, leaf);
  if (command.type == EntryType::expiry) return expired(state, command);
  return commanded(command, accounts);
}

}  // namespace florin::ledger
