#include <map>
#include <utility>

#include "base/currency.h"
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

// Existing, or to be opened by this entry.
struct TouchedAccount {
  AccountBalance balance;
  std::uint64_t previous = 0;
};

Result<TouchedAccount> touch(const StateView& state, const AccountKey& key, verify::Leaf& leaf) {
  FLORIN_TRY(std::optional<AccountBalance> found, state.account(key));
  if (found.has_value()) return TouchedAccount{*found, found->last_seq + 1};
  FLORIN_TRY(const Currency currency, Currency::from_number(key.asset));
  TouchedAccount opened;
  opened.balance.account.number = state.tip().next_account + leaf.openings.size();
  opened.balance.account.key = key;
  opened.balance.account.exponent = currency.exponent();
  leaf.openings.push_back({opened.balance.account.number, static_cast<std::uint16_t>(key.code),
                           key.asset, currency.exponent(), key.owner, 0});
  return opened;
}

}  // namespace

Uint128& total_of(AccountBalance& balance, Side side, Layer layer) {
  if (layer == Layer::posted) {
    return side == Side::debit ? balance.debits_posted : balance.credits_posted;
  }
  return side == Side::debit ? balance.debits_pending : balance.credits_pending;
}

bool add_checked(Uint128& total, std::uint64_t amount) {
  const Uint128 sum = total + amount;
  if (sum < total) return false;
  total = sum;
  return true;
}

Result<void> apply_postings(const StateView& state, const Command& command, verify::Leaf& leaf) {
  FLORIN_TRY_VOID(check_balanced(command.postings));
  std::map<AccountKey, TouchedAccount> touched;
  for (const Posting& posting : command.postings) {
    auto at = touched.find(posting.account);
    if (at == touched.end()) {
      FLORIN_TRY(TouchedAccount account, touch(state, posting.account, leaf));
      at = touched.emplace(posting.account, account).first;
    }
    TouchedAccount& account = at->second;
    Uint128& total = total_of(account.balance, posting.side, posting.layer);
    if (!add_checked(total, posting.amount)) return Error(Errc::ledger_overflow, "postings", {});
    leaf.postings.push_back({account.balance.account.number, posting.amount, posting.account.asset,
                             static_cast<verify::Side>(posting.side),
                             static_cast<verify::Layer>(posting.layer), posting.party,
                             account.previous, total});
  }
  return {};
}

}  // namespace florin::ledger
