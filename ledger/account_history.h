#pragma once
/// One account as it was at any earlier time. Private to the room.
///
/// Postings point back to the entry that touched the account before, so history is walked backwards
/// from the present or from the nearest mark behind the time asked for.
#include <optional>

#include "ledger/lmdb_state.h"

namespace florin::ledger {

/// Must not outlive the transaction.
class AccountHistory {
 public:
  /// Nothing for an account that was never opened.
  static Result<std::optional<AccountHistory>> open(const lmdb::Transaction& transaction,
                                                    const Tables& tables,
                                                    const SegmentKeyring& keyring,
                                                    const LmdbState& state, std::uint64_t account);

  [[nodiscard]] const Account& account() const noexcept { return now_.account; }
  /// As it was when the ledger had `size` entries.
  [[nodiscard]] Result<AccountBalance> balance_at(std::uint64_t size) const;
  [[nodiscard]] Result<StatementPage> statement(const StatementRequest& request) const;

 private:
  AccountHistory(const lmdb::Transaction& transaction, const Tables& tables,
                 const SegmentKeyring& keyring, const LmdbState& state, const AccountBalance& now)
      : transaction_(transaction), tables_(tables), keyring_(keyring), state_(state), now_(now) {}
  [[nodiscard]] Result<AccountBalance> nearest_behind(std::uint64_t size) const;
  // Takes the last entry that touched the account off `balance`; returns that entry.
  Result<verify::Leaf> step_back(AccountBalance& balance) const;

  const lmdb::Transaction& transaction_;
  const Tables& tables_;
  const SegmentKeyring& keyring_;
  const LmdbState& state_;
  AccountBalance now_;
};

}  // namespace florin::ledger
