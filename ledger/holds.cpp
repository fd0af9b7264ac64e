#include "ledger/holds.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace florin::ledger {
namespace {

std::uint64_t& sum_of(HoldState& hold, verify::HoldOperation operation) {
  switch (operation) {
    case verify::HoldOperation::open:
    case verify::HoldOperation::increase:
      return hold.authorized;
    case verify::HoldOperation::capture:
      return hold.captured;
    case verify::HoldOperation::release:
    case verify::HoldOperation::expire:
      return hold.released;
    case verify::HoldOperation::refund:
      break;
  }
  return hold.refunded;
}

}  // namespace

Result<void> change_hold(HoldState& hold, const verify::HoldChange& change) {
  std::uint64_t& sum = sum_of(hold, change.operation);
  if (change.takes_back) {
    if (change.amount > sum) return Error(Errc::ledger_hold_exceeded, "holds", {});
    sum -= change.amount;
    return {};
  }
  if (change.amount > std::numeric_limits<std::uint64_t>::max() - sum) {
    return Error(Errc::ledger_overflow, "holds", {});
  }
  sum += change.amount;
  const bool dates = change.operation == verify::HoldOperation::open || change.expires_at != 0;
  if (dates) hold.expires_at = change.expires_at;
  return {};
}

Result<void> post_leg(HoldState& hold, const verify::Posting& posting) {
  const auto key = [](const HoldLeg& leg) { return std::tie(leg.account, leg.party); };
  const HoldLeg wanted{posting.account, posting.party, 0};
  auto at = std::lower_bound(
      hold.legs.begin(), hold.legs.end(), wanted,
      [&key](const HoldLeg& left, const HoldLeg& right) { return key(left) < key(right); });
  if (at == hold.legs.end() || key(*at) != key(wanted)) {
    if (hold.legs.size() >= kMaxHoldLegs) {
      return Error(Errc::ledger_limit, "holds", "The hold stands on too many accounts.");
    }
    at = hold.legs.insert(at, wanted);
  }
  const Int128 amount = posting.amount;
  at->net += posting.side == verify::Side::debit ? amount : -amount;
  if (at->net == 0) hold.legs.erase(at);
  return {};
}

std::uint64_t remaining_of(const HoldState& hold) noexcept {
  const Uint128 used = Uint128{hold.captured} + hold.released;
  return used >= hold.authorized ? 0 : static_cast<std::uint64_t>(hold.authorized - used);
}

void TouchedLimits::add(const verify::HoldChange& change) noexcept {
  using Operation = verify::HoldOperation;
  const Operation operation = change.operation;
  const bool grants = operation == Operation::open || operation == Operation::increase;
  const bool uses = operation == Operation::capture || operation == Operation::release ||
                    operation == Operation::expire;
  use = use || (change.takes_back ? grants : uses);
  refund = refund || operation == (change.takes_back ? Operation::capture : Operation::refund);
}

bool within_limits(const HoldState& hold, const TouchedLimits& limits) noexcept {
  if (limits.use && Uint128{hold.captured} + hold.released > hold.authorized) return false;
  return !limits.refund || hold.refunded <= hold.captured;
}

bool legs_fit(const HoldState& hold) noexcept {
  Int128 held = 0;
  for (const HoldLeg& leg : hold.legs) {
    if (leg.net > 0) held += leg.net;
  }
  return held == Int128{hold.authorized} - hold.captured - hold.released;
}

}  // namespace florin::ledger
