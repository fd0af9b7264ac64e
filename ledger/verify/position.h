#pragma once
/// Where the books stand between two entries: everything that the rules for the next entry need.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
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
  [[nodiscard]] const Uint128& of(Side side, Layer layer) const;
};

struct AccountState {
  AccountOpening opening;
  std::uint64_t opened_seq = 0;
  Totals totals;
  std::uint32_t flags = 0;  ///< kDebitsMustNotExceedCredits, …
};

/// What a hold still holds on one account for one party, in the pending layer.
struct HoldLeg {
  std::uint64_t account = 0;
  Uuid party;
  Int128 net = 0;  ///< debits less credits, never zero
  bool operator==(const HoldLeg&) const = default;
};

struct HoldState {
  std::uint16_t asset = 0;
  std::uint64_t authorized = 0;
  std::uint64_t captured = 0;
  std::uint64_t released = 0;  ///< expired included
  std::uint64_t refunded = 0;
  std::int64_t expires_at = 0;  ///< ns since 1970, 0 = never
  bool limit_passed = false;    ///< an entry of this hold passed a limit
  std::vector<HoldLeg> legs{};  ///< in order of account and party
  bool operator==(const HoldState&) const = default;
};

/// Ids are random in their last bytes, those of a hostile package merely make it slow.
struct UuidHash {
  std::size_t operator()(const Uuid& id) const noexcept;
};
using HoldMap = std::unordered_map<Uuid, HoldState, UuidHash>;

/// Default: before the first entry.
struct Position {
  std::uint64_t next_seq = 0;
  Uuid tenant;  ///< with `mode`; not looked at when next_seq is 0
  Mode mode{};
  Hash32 previous_leaf{};
  std::int64_t booked_at = -1;         ///< of the entry before
  std::vector<AccountState> accounts;  ///< account n at n - 1
  HoldMap holds;                       ///< all that ever were: refunds have no end
  std::set<std::uint64_t> reversed;    ///< entries that were taken back
  std::int64_t clock = 0;              ///< of the last clock entry
  std::optional<std::int32_t> locked_through;
  bool recovering = false;  ///< restored and not reopened
};

/// What can be known of stated balances without the entries behind them: accounts are dense, the
/// sides equal per asset and layer, flags and holds within their rules, and the legs of all holds
/// are what is pending on the accounts. Error: `ledger_mismatch`.
Result<void> check_position(const Position& position);

}  // namespace florin::verify
