#include "ledger/touched_accounts.h"

#include "base/currency.h"
#include "ledger/chart.h"

namespace florin::ledger {
namespace {

// Entry 0 is the genesis entry, which touches no account.
std::uint64_t previous_of(const AccountBalance& balance) {
  return balance.last_seq == 0 ? 0 : balance.last_seq + 1;
}

}  // namespace

Result<TouchedAccount*> TouchedAccounts::get(const AccountKey& key, const Uuid& parent_owner,
                                             bool for_fact) {
  if (const auto at = numbers_.find(key); at != numbers_.end()) {
    TouchedAccount& known = accounts_.at(at->second);
    if (!for_fact) FLORIN_TRY_VOID(check_parent(known.balance.account, parent_owner));
    return &known;
  }
  FLORIN_TRY(std::optional<AccountBalance> found, state_.account(key));
  if (!found.has_value()) return open(key, parent_owner);
  if (!for_fact) FLORIN_TRY_VOID(check_parent(found->account, parent_owner));
  const std::uint64_t number = found->account.number;
  numbers_.emplace(key, number);
  return &accounts_.try_emplace(number, TouchedAccount{*found, previous_of(*found)}).first->second;
}

Result<TouchedAccount*> TouchedAccounts::get(std::uint64_t number) {
  if (const auto at = accounts_.find(number); at != accounts_.end()) return &at->second;
  FLORIN_TRY(const std::optional<AccountBalance> found, state_.balance(number));
  if (!found.has_value()) {
    return Error(Errc::ledger_corrupt, {}, {}, "an entry names an account that does not exist");
  }
  numbers_.emplace(found->account.key, number);
  return &accounts_.emplace(number, TouchedAccount{*found, previous_of(*found)}).first->second;
}

Result<TouchedAccount*> TouchedAccounts::open(const AccountKey& key, const Uuid& parent_owner) {
  FLORIN_TRY(const Currency currency, Currency::from_number(key.asset));
  const std::optional<ChartRow> row = chart_row(key.code);
  std::uint64_t parent = 0;
  if (row.has_value() && row->parent.has_value()) {
    if (parent_owner.is_nil()) {
      return Error(Errc::ledger_account_unusable, "parent_owner", "The account needs a parent.");
    }
    FLORIN_TRY(const TouchedAccount* above, get({*row->parent, key.asset, parent_owner}, {}, true));
    parent = above->balance.account.number;
  }
  TouchedAccount opened;
  Account& account = opened.balance.account;
  account.number = state_.tip().next_account + leaf_.openings.size();
  account.key = key;
  account.exponent = currency.exponent();
  account.parent = parent;
  account.opened_seq = leaf_.seq;
  leaf_.openings.push_back({account.number, static_cast<std::uint16_t>(key.code), key.asset,
                            account.exponent, key.owner, parent});
  numbers_.emplace(key, account.number);
  return &accounts_.emplace(account.number, opened).first->second;
}

Result<void> TouchedAccounts::check_parent(const Account& account, const Uuid& parent_owner) {
  if (account.parent == 0) return {};  // that none is named was checked with the form
  FLORIN_TRY(const TouchedAccount* above, get(account.parent));
  if (above->balance.account.key.owner == parent_owner) return {};
  return Error(Errc::ledger_account_unusable, "postings", "The account has another parent.");
}

}  // namespace florin::ledger
