#pragma once
/// The bookkeeping rules, checked entry by entry in order: chain, time, double entry, accounts,
/// running totals, holds. Keeps the accounts and holds, nothing per entry.
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/uint128.h"
#include "ledger/verify/leaf.h"

namespace florin::verify {

/// Cumulative totals of one account; a balance is the difference of its sides.
struct Totals {
  Uint128 debits_posted = 0;
  Uint128 credits_posted = 0;
  Uint128 debits_pending = 0;
  Uint128 credits_pending = 0;
  std::uint64_t last = 0;  ///< seq of the entry that touched the account last, + 1; 0 = none
  bool operator==(const Totals&) const = default;
  [[nodiscard]] Uint128& of(Side side, Layer layer);
};

struct AccountState {
  AccountOpening opening;
  std::uint64_t opened_seq = 0;
  Totals totals;
};

struct HoldState {
  std::uint16_t asset = 0;
  Uint128 authorized = 0;
  Uint128 captured = 0;
  Uint128 released = 0;
  Uint128 refunded = 0;
  bool operator==(const HoldState&) const = default;
};

/// Where the books stand before some entry; the default is the beginning.
struct OpeningPosition {
  std::uint64_t next_seq = 0;
  Uuid tenant;  ///< with `mode`; not looked at when next_seq is 0
  Mode mode{};
  Hash32 previous_leaf{};
  std::vector<AccountState> accounts;  ///< account n at n - 1
  std::map<Uuid, HoldState> holds;
};

class Books {
 public:
  Books() = default;
  /// Starts from stated balances, which are themselves checked: accounts dense, sides equal per
  /// asset and layer, holds within their rules as far as they can be known. Error:
  /// `ledger_mismatch`.
  static Result<Books> resume(OpeningPosition opening);

  /// Takes the next entry. Error: `ledger_mismatch`, the message begins with "entry <seq>"; the
  /// books are then of no further use.
  Result<void> consume(const Leaf& leaf, const Hash32& leaf_hash);

  [[nodiscard]] std::uint64_t next_seq() const noexcept { return next_seq_; }
  /// In order of their numbers: the trial balance.
  [[nodiscard]] const std::vector<AccountState>& accounts() const noexcept { return accounts_; }
  [[nodiscard]] const std::map<Uuid, HoldState>& holds() const noexcept { return holds_; }
  /// The genesis entry says so; nothing when the books did not begin with it.
  [[nodiscard]] std::optional<bool> evaluation() const noexcept { return evaluation_; }

 private:
  Result<void> check_frame(const Leaf& leaf) const;
  Result<void> open_account(const Leaf& leaf, const AccountOpening& opening);
  static Result<void> check_balance(const Leaf& leaf);
  Result<void> post(const Leaf& leaf, const Posting& posting, std::size_t position);
  Result<void> change_hold(const Leaf& leaf, const HoldChange& change);

  std::uint64_t next_seq_ = 0;
  std::optional<std::int64_t> booked_at_;
  Hash32 previous_leaf_{};
  Uuid tenant_;
  Mode mode_{};
  std::optional<bool> evaluation_;
  std::vector<AccountState> accounts_;
  std::map<Uuid, HoldState> holds_;
};

}  // namespace florin::verify
