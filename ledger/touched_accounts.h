#pragma once
/// The accounts that one entry touches: found or opened, with their totals as the entry leaves
/// them. Private to the room.
#include <map>

#include "ledger/state.h"
#include "ledger/verify/leaf.h"

namespace florin::ledger {

struct TouchedAccount {
  AccountBalance balance;
  std::uint64_t previous = 0;  ///< seq + 1 of the entry that touched it before, 0 = none
};

/// Openings go into the leaf. Must not outlive state and leaf.
class TouchedAccounts {
 public:
  TouchedAccounts(const StateView& state, verify::Leaf& leaf) : state_(state), leaf_(leaf) {}

  /// Finds the account, or opens it (and its parent) by this entry. The account's parent must be
  /// that of `parent_owner`, unless a fact asks. Error: `ledger_account_unusable`.
  Result<TouchedAccount*> get(const AccountKey& key, const Uuid& parent_owner, bool for_fact);
  /// One that exists. Error: `ledger_corrupt` otherwise.
  Result<TouchedAccount*> get(std::uint64_t number);

 private:
  Result<TouchedAccount*> open(const AccountKey& key, const Uuid& parent_owner);
  Result<void> check_parent(const Account& account, const Uuid& parent_owner);

  const StateView& state_;
  verify::Leaf& leaf_;
  std::map<AccountKey, std::uint64_t> numbers_;
  std::map<std::uint64_t, TouchedAccount> accounts_;
};

}  // namespace florin::ledger
