#include <map>

#include "ledger/holds.h"
#include "ledger/rules.h"

namespace florin::ledger {
namespace {

// The holds that an entry changes: as they were, and as it leaves them.
struct TouchedHold {
  bool existed = false;
  HoldState hold;
  TouchedLimits limits;
};
using TouchedHolds = std::map<Uuid, TouchedHold>;

Error exceeded() {
  return {Errc::ledger_hold_exceeded, "holds", {}};
}

Result<TouchedHold*> touch(const StateView& state, const verify::HoldChange& change,
                           TouchedHolds& touched) {
  if (const auto at = touched.find(change.hold); at != touched.end()) return &at->second;
  FLORIN_TRY(const std::optional<HoldState> found, state.hold(change.hold));
  HoldState fresh;
  fresh.id = change.hold;
  fresh.asset = change.asset;
  const TouchedHold hold{found.has_value(), found.value_or(fresh), {}};
  return &touched.emplace(change.hold, hold).first->second;
}

Result<void> check_existence(bool existed, const verify::HoldChange& change) {
  const bool opening = change.operation == verify::HoldOperation::open && !change.takes_back;
  if (opening && existed) {
    return Error(Errc::state_conflict, "holds", "The hold is open already.");
  }
  if (!opening && !existed) return Error(Errc::not_found, "holds", "The hold was never opened.");
  return {};
}

// What is wrong apart from form: facts may be wrong in this way and still happened.
Result<void> judge(const Command& command, Result<void> judged, verify::Leaf& leaf) {
  if (judged.ok() || command.origin != Origin::fact) return judged;
  leaf.flags |= verify::kFlagLimitPassed;
  return {};
}

Result<void> change_all(const StateView& state, const Command& command, const Draft& draft,
                        TouchedHolds& touched, verify::Leaf& leaf) {
  for (const verify::HoldChange& change : draft.holds) {
    FLORIN_TRY(TouchedHold * at, touch(state, change, touched));
    if (at->hold.asset != change.asset) {
      return Error(Errc::currency_mismatch, "holds", "The hold is in another currency.");
    }
    FLORIN_TRY_VOID(judge(command, check_existence(at->existed, change), leaf));
    FLORIN_TRY_VOID(change_hold(at->hold, change));
    at->existed = true;
    at->limits.add(change);
    leaf.holds.push_back(change);
  }
  // The limits are those of the entry as a whole.
  for (const auto& [id, at] : touched) {
    Result<void> kept = within_limits(at.hold, at.limits) ? Result<void>{} : exceeded();
    FLORIN_TRY_VOID(judge(command, std::move(kept), leaf));
  }
  return {};
}

// Pending postings are the legs of one hold.
Result<void> apply_legs(const Command& command, TouchedHolds& touched, verify::Leaf& leaf) {
  bool has_legs = false;
  for (const verify::Posting& posting : leaf.postings) {
    if (posting.layer != verify::Layer::pending) continue;
    if (touched.size() != 1) {
      return Error(Errc::validation_failed, "holds",
                   "An entry with pending postings changes exactly one hold.");
    }
    has_legs = true;
    FLORIN_TRY_VOID(post_leg(touched.begin()->second.hold, posting));
  }
  if (!has_legs) return {};
  // A leg on suspense is one that no later posting looks for.
  for (const verify::Redirection& redirection : leaf.redirections) {
    if (leaf.postings[redirection.posting].layer == verify::Layer::pending) {
      leaf.flags |= verify::kFlagLimitPassed;
    }
  }
  const HoldState& hold = touched.begin()->second.hold;
  if ((leaf.flags & verify::kFlagLimitPassed) != 0 || hold.limit_passed || legs_fit(hold)) {
    return {};
  }
  if (command.origin != Origin::fact) {
    return Error(Errc::ledger_hold_exceeded, "postings",
                 "The pending postings are not what the hold changes by.");
  }
  leaf.flags |= verify::kFlagLimitPassed;
  return {};
}

}  // namespace

Result<void> apply_holds(const StateView& state, const Command& command, const Draft& draft,
                         verify::Leaf& leaf) {
  TouchedHolds touched;
  FLORIN_TRY_VOID(change_all(state, command, draft, touched, leaf));
  return apply_legs(command, touched, leaf);
}

}  // namespace florin::ledger
