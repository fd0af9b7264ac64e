#pragma once
/// The arithmetic of holds, the same when an entry is decided and when it is carried out. Pure;
/// private to the room.
#include "ledger/ledger.h"
#include "ledger/verify/leaf.h"

namespace florin::ledger {

/// More accounts than this cannot share one hold.
inline constexpr std::size_t kMaxHoldLegs = 8;

/// Carries a change out on a hold, without judging it. Errors: `ledger_overflow`,
/// `ledger_hold_exceeded` when a sum would go below zero.
Result<void> change_hold(HoldState& hold, const verify::HoldChange& change);

/// Adds a pending posting to the legs. Error: `ledger_limit` for a leg too many.
Result<void> post_leg(HoldState& hold, const verify::Posting& posting);

/// What may still be captured or released; zero when a fact took more than was authorized.
std::uint64_t remaining_of(const HoldState& hold) noexcept;

/// Which limits of a hold the changes of an entry could break. A limit that an earlier fact passed
/// is no reason to refuse an entry that has nothing to do with it.
struct TouchedLimits {
  bool use = false;     ///< captured + released <= authorized
  bool refund = false;  ///< refunded <= captured
  void add(const verify::HoldChange& change) noexcept;
};
/// Whether the hold, as an entry leaves it, keeps those limits.
bool within_limits(const HoldState& hold, const TouchedLimits& limits) noexcept;

/// True when the legs hold what remains, no more and no less.
bool legs_fit(const HoldState& hold) noexcept;

}  // namespace florin::ledger
