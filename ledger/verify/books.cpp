#include "ledger/verify/books.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "ledger/verify/numbers.h"

namespace florin::verify {
namespace {

Error wrong(const Leaf& leaf, std::string_view what) {
  return Error(Errc::ledger_mismatch, {}, fmt::format("entry {}: {}", leaf.seq, what));
}

Error wrong_opening(std::string_view what) {
  return Error(Errc::ledger_mismatch, {}, fmt::format("opening position: {}", what));
}

// Debits and credits per asset and layer.
class Sums {
 public:
  bool add(std::uint16_t asset, Layer layer, Side side, Uint128 amount) {
    return add_checked(sums_[{asset, layer}][static_cast<std::size_t>(side)], amount);
  }
  // The first asset and layer whose sides differ, as text.
  [[nodiscard]] std::optional<std::string> difference() const {
    for (const auto& [key, sides] : sums_) {
      if (sides[0] == sides[1]) continue;
      return fmt::format("asset {:03} {}: debits {} but credits {}", key.first,
                         key.second == Layer::posted ? "posted" : "pending", to_decimal(sides[0]),
                         to_decimal(sides[1]));
    }
    return std::nullopt;
  }

 private:
  std::map<std::pair<std::uint16_t, Layer>, std::array<Uint128, 2>> sums_;
};

}  // namespace

Uint128& Totals::of(Side side, Layer layer) {
  if (layer == Layer::posted) return side == Side::debit ? debits_posted : credits_posted;
  return side == Side::debit ? debits_pending : credits_pending;
}

Result<Books> Books::resume(OpeningPosition opening) {
  Sums sums;
  std::uint64_t number = 0;
  std::uint64_t opened = 0;
  for (AccountState& account : opening.accounts) {
    if (account.opening.number != ++number) {
      return wrong_opening(fmt::format("account {} is missing", number));
    }
    if (account.opened_seq < opened || account.opened_seq >= opening.next_seq ||
        account.totals.last > opening.next_seq) {
      return wrong_opening(fmt::format("account {} knows of a later entry", number));
    }
    opened = account.opened_seq;
    for (const Side side : {Side::debit, Side::credit}) {
      for (const Layer layer : {Layer::posted, Layer::pending}) {
        if (!sums.add(account.opening.asset, layer, side, account.totals.of(side, layer))) {
          return wrong_opening("a sum overflows");
        }
      }
    }
  }
  if (const auto difference = sums.difference()) return wrong_opening(*difference);
  Books books;
  books.next_seq_ = opening.next_seq;
  books.tenant_ = opening.tenant;
  books.mode_ = opening.mode;
  books.previous_leaf_ = opening.previous_leaf;
  books.accounts_ = std::move(opening.accounts);
  books.holds_ = std::move(opening.holds);
  return books;
}

Result<void> Books::consume(const Leaf& leaf, const Hash32& leaf_hash) {
  if (next_seq_ == 0) {
    tenant_ = leaf.tenant;
    mode_ = leaf.mode;
    evaluation_ = (leaf.flags & kFlagEvaluation) != 0;
  }
  FLORIN_TRY_VOID(check_frame(leaf));
  for (const AccountOpening& opening : leaf.openings) FLORIN_TRY_VOID(open_account(leaf, opening));
  FLORIN_TRY_VOID(check_balance(leaf));
  std::size_t position = 0;
  for (const Posting& posting : leaf.postings) FLORIN_TRY_VOID(post(leaf, posting, ++position));
  // Only now: two postings of one entry both point to the entry before it.
  for (const Posting& posting : leaf.postings) {
    accounts_[posting.account - 1].totals.last = leaf.seq + 1;
  }
  for (const HoldChange& change : leaf.holds) FLORIN_TRY_VOID(change_hold(leaf, change));
  previous_leaf_ = leaf_hash;
  booked_at_ = leaf.booked_at;
  ++next_seq_;
  return {};
}

Result<void> Books::check_frame(const Leaf& leaf) const {
  if (leaf.seq != next_seq_) {
    return wrong(leaf, fmt::format("stands where entry {} is expected", next_seq_));
  }
  if (leaf.tenant != tenant_) return wrong(leaf, "belongs to another tenant");
  if (leaf.mode != mode_) return wrong(leaf, "belongs to another mode");
  if (leaf.mode == Mode::system && !leaf.tenant.is_nil()) {
    return wrong(leaf, "the system ledger has no tenant");
  }
  if (leaf.previous_leaf != previous_leaf_) {
    return wrong(leaf, "does not carry the hash of the entry before");
  }
  if (booked_at_ && leaf.booked_at <= *booked_at_) {
    return wrong(leaf, "is not booked after the entry before");
  }
  if ((leaf.type == kGenesisType) != (leaf.seq == 0)) {
    return wrong(leaf, "a ledger begins with its genesis entry and has no other");
  }
  if ((leaf.flags & kFlagEvaluation) != 0 && leaf.seq != 0) {
    return wrong(leaf, "only the genesis entry carries the evaluation flag");
  }
  if ((leaf.flags & kFlagLimitPassed) != 0 && leaf.origin != Origin::fact) {
    return wrong(leaf, "only a fact may pass a limit");
  }
  return {};
}

Result<void> Books::open_account(const Leaf& leaf, const AccountOpening& opening) {
  if (opening.number != accounts_.size() + 1) {
    return wrong(leaf, fmt::format("opens account {}, the next number is {}", opening.number,
                                   accounts_.size() + 1));
  }
  if (opening.parent >= opening.number) {
    return wrong(leaf, fmt::format("account {} has a parent that is not open", opening.number));
  }
  accounts_.push_back({opening, leaf.seq, {}});
  return {};
}

Result<void> Books::check_balance(const Leaf& leaf) {
  Sums sums;
  for (const Posting& posting : leaf.postings) {
    if (!sums.add(posting.asset, posting.layer, posting.side, posting.amount)) {
      return wrong(leaf, "a sum overflows");
    }
  }
  if (const auto difference = sums.difference()) return wrong(leaf, *difference);
  return {};
}

Result<void> Books::post(const Leaf& leaf, const Posting& posting, std::size_t position) {
  const auto bad = [&](std::string_view what) {
    return wrong(leaf, fmt::format("posting {}: {}", position, what));
  };
  if (posting.account > accounts_.size()) {
    return bad(fmt::format("account {} was never opened", posting.account));
  }
  AccountState& account = accounts_[posting.account - 1];
  if (account.opening.asset != posting.asset) {
    return bad(fmt::format("account {} holds asset {:03}, not {:03}", posting.account,
                           account.opening.asset, posting.asset));
  }
  if (posting.previous != account.totals.last) {
    return bad(fmt::format("account {} was touched before by {}, stated is {} (seq + 1)",
                           posting.account, account.totals.last, posting.previous));
  }
  Uint128& total = account.totals.of(posting.side, posting.layer);
  if (!add_checked(total, posting.amount)) return bad("the total overflows");
  if (posting.total != total) {
    return bad(fmt::format("account {} has a total of {}, stated is {}", posting.account,
                           to_decimal(total), to_decimal(posting.total)));
  }
  return {};
}

Result<void> Books::change_hold(const Leaf& leaf, const HoldChange& change) {
  const auto bad = [&](std::string_view what) {
    return wrong(leaf, fmt::format("hold {}: {}", change.hold.text(), what));
  };
  // A fact that passed a limit may even concern a hold that was never opened.
  const bool limit_passed = (leaf.flags & kFlagLimitPassed) != 0;
  const auto [row, created] = holds_.try_emplace(change.hold);
  HoldState& hold = row->second;
  if (created) {
    if (change.operation != HoldOperation::open && !limit_passed) return bad("was never opened");
    hold.asset = change.asset;
  } else if (change.operation == HoldOperation::open && !limit_passed) {
    return bad("is opened twice");
  }
  if (hold.asset != change.asset) return bad("changes its asset");
  Uint128* const sums[] = {&hold.authorized, &hold.captured, &hold.released, &hold.refunded};
  const auto which = static_cast<std::size_t>(change.operation) - 1;
  if (!add_checked(*sums[which], change.amount)) return bad("a sum overflows");
  if (limit_passed) return {};
  const bool growing =
      change.operation == HoldOperation::capture || change.operation == HoldOperation::release;
  // u64 amounts cannot overflow the 128 bits of this sum in any ledger that fits a disk.
  if (growing && hold.captured + hold.released > hold.authorized) {
    return bad("captured and released exceed authorized");
  }
  if (change.operation == HoldOperation::refund && hold.refunded > hold.captured) {
    return bad("refunded exceeds captured");
  }
  return {};
}

}  // namespace florin::verify
