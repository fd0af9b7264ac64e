#include "ledger/verify/books.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "ledger/verify/accounts.h"
#include "ledger/verify/entry_form.h"
#include "ledger/verify/holds.h"
#include "ledger/verify/mismatch.h"
#include "ledger/verify/reversals.h"

namespace florin::verify {

Result<Books> Books::resume(Position position, EntryLookup lookup) {
  FLORIN_TRY_VOID(check_position(position));
  Books books(std::move(lookup));
  books.at_ = std::move(position);
  return books;
}

Result<void> Books::consume(const Leaf& leaf, const Hash32& leaf_hash) {
  if (at_.next_seq == 0) {
    at_.tenant = leaf.tenant;
    at_.mode = leaf.mode;
    evaluation_ = (leaf.flags & kFlagEvaluation) != 0;
  }
  if (auto taken = take(leaf); !taken.ok()) {
    return mismatch(fmt::format("entry {}: {}", leaf.seq, taken.error().message()));
  }
  at_.previous_leaf = leaf_hash;
  at_.booked_at = leaf.booked_at;
  ++at_.next_seq;
  return {};
}

Result<void> Books::take(const Leaf& leaf) {
  FLORIN_TRY_VOID(check_frame(leaf));
  FLORIN_TRY_VOID(check_form(leaf));
  FLORIN_TRY_VOID(check_day(leaf));
  if (leaf.reverses) FLORIN_TRY_VOID(reverse(leaf));
  FLORIN_TRY_VOID(open_accounts(at_.accounts, leaf));
  FLORIN_TRY_VOID(set_flags(at_.accounts, leaf));
  FLORIN_TRY_VOID(post(at_.accounts, leaf));
  FLORIN_TRY_VOID(change_holds(at_.holds, at_.clock, leaf));
  return turn(leaf);
}

Result<void> Books::check_frame(const Leaf& leaf) const {
  if (leaf.seq != at_.next_seq) {
    return mismatch(fmt::format("stands where entry {} is expected", at_.next_seq));
  }
  if (leaf.tenant != at_.tenant) return mismatch("belongs to another tenant");
  if (leaf.mode != at_.mode) return mismatch("belongs to another mode");
  if (leaf.mode == Mode::system && !leaf.tenant.is_nil()) {
    return mismatch("the system ledger has no tenant");
  }
  if (leaf.previous_leaf != at_.previous_leaf) {
    return mismatch("does not carry the hash of the entry before");
  }
  if (leaf.booked_at <= at_.booked_at) return mismatch("is not booked after the entry before");
  if ((leaf.type == kGenesisType) != (leaf.seq == 0)) {
    return mismatch("a ledger begins with its genesis entry and has no other");
  }
  if ((leaf.flags & kFlagEvaluation) != 0 && leaf.seq != 0) {
    return mismatch("only the genesis entry carries the evaluation flag");
  }
  return {};
}

Result<void> Books::check_day(const Leaf& leaf) const {
  if (leaf.meant_day) {
    if (!at_.locked_through || *leaf.meant_day > *at_.locked_through) {
      return mismatch(fmt::format("was meant for day {}, which is not locked", *leaf.meant_day));
    }
    if (leaf.effective_day != day_of(leaf.booked_at)) {
      return mismatch("was meant for a locked day, but does not stand on its booking day");
    }
  }
  const bool bound = !leaf.postings.empty() && leaf.type != kAdjustmentType;
  if (bound && at_.locked_through && leaf.effective_day <= *at_.locked_through) {
    return mismatch(fmt::format("its effective day {} is locked", leaf.effective_day));
  }
  const bool moves = !leaf.postings.empty() || !leaf.holds.empty();
  if (at_.recovering && moves && leaf.origin == Origin::command) {
    return mismatch("moves money before the restored ledger was opened again");
  }
  return {};
}

Result<void> Books::reverse(const Leaf& leaf) {
  const std::uint64_t seq = leaf.reverses->seq;
  if (seq >= leaf.seq) return mismatch(fmt::format("reverses entry {}, which is not earlier", seq));
  if (!at_.reversed.insert(seq).second) {
    return mismatch(fmt::format("reverses entry {}, which was reversed before", seq));
  }
  if (!lookup_) return mismatch(fmt::format("reverses entry {}, which is not at hand", seq));
  FLORIN_TRY(const Leaf original, lookup_(seq));
  if (original.seq != seq) return mismatch(fmt::format("entry {} is not at hand", seq));
  return check_mirror(leaf, original);
}

Result<void> Books::turn(const Leaf& leaf) {
  if (leaf.lock_through) {
    if (at_.locked_through && *leaf.lock_through <= *at_.locked_through) {
      return mismatch("its lock does not move forward");
    }
    if (*leaf.lock_through >= day_of(leaf.booked_at)) {
      return mismatch("its lock reaches the booking day");
    }
    at_.locked_through = leaf.lock_through;
  }
  if (leaf.clock) {
    if (*leaf.clock < at_.clock) return mismatch("its clock goes backwards");
    if (*leaf.clock > leaf.booked_at) return mismatch("its clock is ahead of its booking time");
    at_.clock = *leaf.clock;
  }
  if (leaf.recovery) {
    const bool restored = leaf.recovery->step == RecoveryStep::restored;
    if (!restored && !at_.recovering) return mismatch("opens again what was not restored");
    at_.recovering = restored;
  }
  return {};
}

}  // namespace florin::verify
