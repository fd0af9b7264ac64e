#include "ledger/verify/entry_form.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/verify/mismatch.h"

namespace florin::verify {
namespace {

// Each of these stands in entries of one type, and there always.
Result<void> check_types(const Leaf& leaf) {
  struct Row {
    std::uint8_t type;
    bool carried;
    std::string_view what;
  };
  const Row rows[] = {
      {kAccountType, !leaf.account_flags.empty(), "flags of an account"},
      {kReversalType, leaf.reverses.has_value(), "the entry that it reverses"},
      {kPeriodType, leaf.lock_through.has_value(), "a lock"},
      {kClockType, leaf.clock.has_value(), "a clock"},
      {kRecoveryType, leaf.recovery.has_value(), "a recovery step"},
  };
  for (const Row& row : rows) {
    if ((leaf.type == row.type) == row.carried) continue;
    return mismatch(
        fmt::format("type {} {} {}", leaf.type, row.carried ? "carries" : "lacks", row.what));
  }
  const bool moves_nothing = leaf.type == kAccountType || leaf.type == kPeriodType ||
                             leaf.type == kClockType || leaf.type == kRecoveryType;
  if (moves_nothing && !(leaf.postings.empty() && leaf.holds.empty())) {
    return mismatch(fmt::format("type {} has postings or hold changes", leaf.type));
  }
  return {};
}

Result<void> check_origin(const Leaf& leaf) {
  const bool fact = leaf.origin == Origin::fact;
  if ((leaf.flags & kFlagLimitPassed) != 0 && !fact) {
    return mismatch("only a fact may pass a limit");
  }
  if (!leaf.redirections.empty() && !fact) return mismatch("only a fact may be redirected");
  if (leaf.meant_day && !fact) return mismatch("only a fact may be meant for another day");
  if (leaf.type == kAdjustmentType && fact) return mismatch("an adjustment is not a fact");
  return {};
}

Result<void> check_approvals(const Leaf& leaf) {
  const bool reopens = leaf.recovery && leaf.recovery->step == RecoveryStep::reopened;
  const bool needed = leaf.type == kAdjustmentType || reopens ||
                      (leaf.type == kReversalType && leaf.origin == Origin::command);
  if (!needed) return {};
  const auto& approvals = leaf.approvals;
  const bool two = std::any_of(approvals.begin(), approvals.end(), [&](const Approval& approval) {
    return approval.person != approvals[0].person;
  });
  if (!two) return mismatch("needs the approval of two people");
  for (const Approval& approval : approvals) {
    if (approval.request != approvals[0].request) {
      return mismatch("its approvals are not of one request");
    }
  }
  return {};
}

}  // namespace

Result<void> check_form(const Leaf& leaf) {
  FLORIN_TRY_VOID(check_types(leaf));
  FLORIN_TRY_VOID(check_origin(leaf));
  for (const HoldChange& change : leaf.holds) {
    if (change.takes_back != (leaf.type == kReversalType)) {
      return mismatch("hold changes are taken back by reversals, and by them alone");
    }
  }
  return check_approvals(leaf);
}

}  // namespace florin::verify
