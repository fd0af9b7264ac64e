#include <limits>
#include <map>

#include "ledger/rules.h"

namespace florin::ledger {
namespace {

std::uint64_t& sum_of(HoldState& hold, HoldOperation operation) {
  switch (operation) {
    case HoldOperation::open:
      return hold.authorized;
    case HoldOperation::capture:
      return hold.captured;
    case HoldOperation::release:
      return hold.released;
    case HoldOperation::refund:
      break;
  }
  return hold.refunded;
}

bool within_limits(const HoldState& hold, HoldOperation operation) {
  switch (operation) {
    case HoldOperation::open:
      return true;
    case HoldOperation::capture:
    case HoldOperation::release:
      return Uint128{hold.captured} + hold.released <= hold.authorized;
    case HoldOperation::refund:
      break;
  }
  return hold.refunded <= hold.captured;
}

// What is wrong with the change, apart from form. Facts may be wrong in this way and still
// happened.
Result<void> judge(const std::optional<HoldState>& before, const HoldState& after,
                   const HoldChange& change) {
  const bool opening = change.operation == HoldOperation::open;
  if (opening && before.has_value()) {
    return Error(Errc::state_conflict, "holds", "The hold is open already.");
  }
  if (!opening && !before.has_value()) {
    return Error(Errc::not_found, "holds", "The hold was never opened.");
  }
  if (!within_limits(after, change.operation))
    return Error(Errc::ledger_hold_exceeded, "holds", {});
  return {};
}

}  // namespace

Result<void> change_hold(HoldState& hold, HoldOperation operation, std::uint64_t amount) {
  std::uint64_t& sum = sum_of(hold, operation);
  if (amount > std::numeric_limits<std::uint64_t>::max() - sum) {
    return Error(Errc::ledger_overflow, "holds", {});
  }
  sum += amount;
  return {};
}

Result<void> apply_holds(const StateView& state, const Command& command, verify::Leaf& leaf) {
  std::map<Uuid, HoldState> touched;
  for (const HoldChange& change : command.holds) {
    std::optional<HoldState> before;
    if (const auto at = touched.find(change.hold); at != touched.end()) {
      before = at->second;
    } else {
      FLORIN_TRY(before, state.hold(change.hold));
    }
    HoldState after = before.value_or(HoldState{change.hold, change.asset, 0, 0, 0, 0});
    if (after.asset != change.asset) {
      return Error(Errc::currency_mismatch, "holds", "The hold is in another currency.");
    }
    FLORIN_TRY_VOID(change_hold(after, change.operation, change.amount));
    if (Result<void> judged = judge(before, after, change); !judged.ok()) {
      if (command.origin != Origin::fact) return judged;
      leaf.flags |= verify::kFlagLimitPassed;
    }
    touched[change.hold] = after;
    leaf.holds.push_back({change.hold, static_cast<verify::HoldOperation>(change.operation),
                          change.asset, change.amount});
  }
  return {};
}

}  // namespace florin::ledger
