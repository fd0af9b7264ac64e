#include "ledger/verify/holds.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "ledger/verify/mismatch.h"

namespace florin::verify {
namespace {

Error bad(const Uuid& hold, std::string_view what) {
  return mismatch(fmt::format("hold {}: {}", hold.text(), what));
}

std::uint64_t& sum_of(HoldState& hold, HoldOperation operation) {
  switch (operation) {
    case HoldOperation::open:
    case HoldOperation::increase:
      return hold.authorized;
    case HoldOperation::capture:
      return hold.captured;
    case HoldOperation::release:
    case HoldOperation::expire:
      return hold.released;
    case HoldOperation::refund:
      break;
  }
  return hold.refunded;
}

Int128 remaining(const HoldState& hold) {
  return Int128{hold.authorized} - hold.captured - hold.released;
}

Result<void> change_sum(HoldState& hold, const HoldChange& change) {
  std::uint64_t& sum = sum_of(hold, change.operation);
  if (change.takes_back) {
    if (change.amount > sum) return bad(change.hold, "a sum goes below zero");
    sum -= change.amount;
    return {};
  }
  if (change.amount > std::numeric_limits<std::uint64_t>::max() - sum) {
    return bad(change.hold, "a sum overflows");
  }
  sum += change.amount;
  // An increase without a time leaves the time as it is.
  const bool timed = change.operation == HoldOperation::open ||
                     (change.operation == HoldOperation::increase && change.expires_at != 0);
  if (timed) hold.expires_at = change.expires_at;
  return {};
}

// Which limit a change may break; taking back breaks what giving could not.
bool tests_authorized(const HoldChange& change) {
  switch (change.operation) {
    case HoldOperation::open:
    case HoldOperation::increase:
      return change.takes_back;
    case HoldOperation::capture:
    case HoldOperation::release:
    case HoldOperation::expire:
      return !change.takes_back;
    case HoldOperation::refund:
      break;
  }
  return false;
}
bool tests_captured(const HoldChange& change) {
  if (change.operation == HoldOperation::capture) return change.takes_back;
  return change.operation == HoldOperation::refund && !change.takes_back;
}

Result<void> check_limits(const HoldState& hold, const HoldChange& change) {
  if (tests_authorized(change) && remaining(hold) < 0) {
    return bad(change.hold, "captured and released exceed authorized");
  }
  if (tests_captured(change) && hold.refunded > hold.captured) {
    return bad(change.hold, "refunded exceeds captured");
  }
  return {};
}

void add_to_leg(HoldState& hold, const Posting& posting) {
  const auto key = [](const auto& item) { return std::tie(item.account, item.party); };
  const auto at =
      std::lower_bound(hold.legs.begin(), hold.legs.end(), posting,
                       [&](const HoldLeg& leg, const Posting& p) { return key(leg) < key(p); });
  // 64 bits a posting: no ledger that fits a disk overflows 127 of them; stated legs are limited.
  const Int128 amount = posting.amount;
  const Int128 change = posting.side == Side::debit ? amount : -amount;
  if (at == hold.legs.end() || key(*at) != key(posting)) {
    hold.legs.insert(at, {posting.account, posting.party, change});
    return;
  }
  at->net += change;
  if (at->net == 0) hold.legs.erase(at);
  // Closed holds stay for ever; their empty legs shall cost nothing.
  if (hold.legs.empty()) std::vector<HoldLeg>().swap(hold.legs);
}

bool is_pending(const Posting& posting) {
  return posting.layer == Layer::pending;
}

// Carries the pending postings over to the legs of the one hold that the entry changes.
Result<void> move_legs(HoldMap& holds, const Leaf& leaf) {
  if (std::none_of(leaf.postings.begin(), leaf.postings.end(), is_pending)) return {};
  if (leaf.holds.empty()) return mismatch("has pending postings but changes no hold");
  const Uuid& id = leaf.holds[0].hold;
  for (const HoldChange& change : leaf.holds) {
    if (change.hold != id) return mismatch("has pending postings but changes several holds");
  }
  HoldState& hold = holds.at(id);
  for (const Posting& posting : leaf.postings) {
    if (is_pending(posting)) add_to_leg(hold, posting);
  }
  for (const Redirection& redirection : leaf.redirections) {
    if (is_pending(leaf.postings[redirection.posting])) hold.limit_passed = true;
  }
  if (hold.limit_passed) return {};
  Int128 held = 0;
  for (const HoldLeg& leg : hold.legs) held += leg.net > 0 ? leg.net : 0;
  if (held == remaining(hold)) return {};
  return bad(id, fmt::format("its legs hold {}, authorized but not captured or released is {}",
                             to_decimal(held), to_decimal(remaining(hold))));
}

// Before the change: an expiry takes all that remains, when its time has come.
Result<void> check_expiry(const HoldMap& holds, std::int64_t clock, const Leaf& leaf) {
  if (leaf.holds.size() != 1 || leaf.holds[0].operation != HoldOperation::expire) {
    return mismatch("an expiry has one hold change, expire, and no other");
  }
  const HoldChange& change = leaf.holds[0];
  const auto at = holds.find(change.hold);
  if (at == holds.end()) return bad(change.hold, "was never opened");
  const HoldState& hold = at->second;
  if (hold.expires_at == 0) return bad(change.hold, "never expires");
  if (clock < hold.expires_at) {
    return bad(change.hold, "expires later than the last clock entry tells");
  }
  const Int128 rest = std::max<Int128>(remaining(hold), 0);
  if (Int128{change.amount} == rest) return {};
  return bad(change.hold,
             fmt::format("expires with {}, but {} remain", change.amount, to_decimal(rest)));
}

}  // namespace

Result<void> change_holds(HoldMap& holds, std::int64_t clock, const Leaf& leaf) {
  const bool expiry = leaf.type == kExpiryType;
  if (expiry) FLORIN_TRY_VOID(check_expiry(holds, clock, leaf));
  // A fact that passed a limit may even concern a hold that was never opened.
  const bool limit_passed = (leaf.flags & kFlagLimitPassed) != 0;
  for (const HoldChange& change : leaf.holds) {
    if (!expiry && change.operation == HoldOperation::expire) {
      return bad(change.hold, "expires without an expiry entry");
    }
    const auto [row, created] = holds.try_emplace(change.hold);
    HoldState& hold = row->second;
    if (created) {
      if (change.operation != HoldOperation::open && !limit_passed) {
        return bad(change.hold, "was never opened");
      }
      hold.asset = change.asset;
    } else if (change.operation == HoldOperation::open && !change.takes_back && !limit_passed) {
      return bad(change.hold, "is opened twice");
    }
    if (hold.asset != change.asset) return bad(change.hold, "changes its asset");
    FLORIN_TRY_VOID(change_sum(hold, change));
    if (limit_passed) hold.limit_passed = true;
  }
  // Of the entry as a whole: a reversal takes changes back in the order in which they were made.
  for (const HoldChange& change : leaf.holds) {
    if (!limit_passed) FLORIN_TRY_VOID(check_limits(holds.at(change.hold), change));
  }
  FLORIN_TRY_VOID(move_legs(holds, leaf));
  if (expiry && !holds.at(leaf.holds[0].hold).legs.empty()) {
    return bad(leaf.holds[0].hold, "its expiry leaves legs behind");
  }
  return {};
}

}  // namespace florin::verify
