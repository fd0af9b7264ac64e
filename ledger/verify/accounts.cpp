#include "ledger/verify/accounts.h"

#include <fmt/format.h>

#include "ledger/verify/mismatch.h"
#include "ledger/verify/numbers.h"

namespace florin::verify {
namespace {

constexpr std::uint16_t kMerchantPayable = 2100;
constexpr std::uint16_t kSubmerchantPayable = 2130;
constexpr std::uint16_t kAuthorizationMemo = 9100;
constexpr std::uint16_t kAuthorizationContra = 9101;

std::uint32_t limit_on(Side side) {
  return side == Side::debit ? kDebitsMustNotExceedCredits : kCreditsMustNotExceedDebits;
}

// What stands on `side` counts with what is pending there; the other side only with what is posted.
bool within_limit(const Totals& totals, Side side) {
  const Side other = side == Side::debit ? Side::credit : Side::debit;
  const Uint128 pending = totals.of(side, Layer::pending);
  const Uint128 against = totals.of(other, Layer::pending);
  Uint128 used = totals.of(side, Layer::posted);
  return add_checked(used, pending > against ? pending - against : 0) &&
         used <= totals.of(other, Layer::posted);
}

Error bad(std::size_t index, std::string_view what) {
  return mismatch(fmt::format("posting {}: {}", index + 1, what));
}

// The account a posting was meant for could not take it, for the reason that is told.
Result<void> check_redirection(const std::vector<AccountState>& accounts, const Leaf& leaf,
                               const Redirection& redirection) {
  const Posting& posting = leaf.postings[redirection.posting];
  const auto wrong = [&](std::string_view what) { return bad(redirection.posting, what); };
  if (redirection.account > accounts.size()) return wrong("was meant for an unknown account");
  const AccountState& meant = accounts[redirection.account - 1];
  if (meant.opening.asset != posting.asset) {
    return wrong("was meant for an account of another asset");
  }
  const std::uint32_t reason = redirection.reason == RedirectionReason::frozen ? kAccountFrozen
                               : redirection.reason == RedirectionReason::closed
                                   ? kAccountClosed
                                   : limit_on(posting.side);
  if ((meant.flags & reason) == 0) {
    return wrong(fmt::format("is redirected, but account {} could take it", redirection.account));
  }
  const AccountOpening& stands_on = accounts[posting.account - 1].opening;
  if (stands_on.code != kSuspenseCode || !stands_on.owner.is_nil()) {
    return wrong("is redirected, but does not stand on suspense");
  }
  return {};
}

Result<void> add_posting(std::vector<AccountState>& accounts, const Posting& posting,
                         std::size_t index) {
  if (posting.account > accounts.size()) {
    return bad(index, fmt::format("account {} was never opened", posting.account));
  }
  AccountState& account = accounts[posting.account - 1];
  if (account.opening.asset != posting.asset) {
    return bad(index, fmt::format("account {} holds asset {:03}, not {:03}", posting.account,
                                  account.opening.asset, posting.asset));
  }
  if ((account.flags & (kAccountFrozen | kAccountClosed)) != 0) {
    return bad(index, fmt::format("account {} is {}", posting.account,
                                  (account.flags & kAccountClosed) != 0 ? "closed" : "frozen"));
  }
  if (posting.previous != account.totals.last) {
    return bad(index, fmt::format("account {} was touched before by {}, stated is {} (seq + 1)",
                                  posting.account, account.totals.last, posting.previous));
  }
  Uint128& total = account.totals.of(posting.side, posting.layer);
  if (!add_checked(total, posting.amount)) return bad(index, "the total overflows");
  if (posting.total != total) {
    return bad(index, fmt::format("account {} has a total of {}, stated is {}", posting.account,
                                  to_decimal(total), to_decimal(posting.total)));
  }
  return {};
}

}  // namespace

bool Sums::add(std::uint16_t asset, Layer layer, Side side, Uint128 amount) {
  for (Row& row : rows_) {
    if (row.asset == asset && row.layer == layer) {
      return add_checked(row.sides[static_cast<std::size_t>(side)], amount);
    }
  }
  rows_.push_back({asset, layer, {}});
  rows_.back().sides[static_cast<std::size_t>(side)] = amount;
  return true;
}

std::optional<std::string> Sums::difference() const {
  for (const Row& row : rows_) {
    if (row.sides[0] == row.sides[1]) continue;
    return fmt::format("asset {:03} {}: debits {} but credits {}", row.asset,
                       row.layer == Layer::posted ? "posted" : "pending", to_decimal(row.sides[0]),
                       to_decimal(row.sides[1]));
  }
  return std::nullopt;
}

bool may_have_flags(std::uint16_t code) noexcept {
  return code != kSuspenseCode && code != kAuthorizationMemo && code != kAuthorizationContra;
}

Result<void> check_parent(const std::vector<AccountState>& accounts,
                          const AccountOpening& opening) {
  if (opening.code != kSubmerchantPayable) {
    if (opening.parent == 0) return {};
    return mismatch(fmt::format("account {} has a parent, which code {} has not", opening.number,
                                opening.code));
  }
  if (opening.parent == 0 || opening.parent >= opening.number || opening.parent > accounts.size()) {
    return mismatch(fmt::format("account {} has a parent that is not open", opening.number));
  }
  const AccountOpening& parent = accounts[opening.parent - 1].opening;
  if (parent.code == kMerchantPayable && parent.asset == opening.asset) return {};
  return mismatch(fmt::format("account {} has a parent of another kind or asset", opening.number));
}

Result<void> open_accounts(std::vector<AccountState>& accounts, const Leaf& leaf) {
  for (const AccountOpening& opening : leaf.openings) {
    if (opening.number != accounts.size() + 1) {
      return mismatch(fmt::format("opens account {}, the next number is {}", opening.number,
                                  accounts.size() + 1));
    }
    FLORIN_TRY_VOID(check_parent(accounts, opening));
    accounts.push_back({opening, leaf.seq, {}, 0});
  }
  return {};
}

Result<void> set_flags(std::vector<AccountState>& accounts, const Leaf& leaf) {
  for (const AccountFlags& change : leaf.account_flags) {
    if (change.account > accounts.size()) {
      return mismatch(
          fmt::format("sets flags of account {}, which was never opened", change.account));
    }
    AccountState& account = accounts[change.account - 1];
    if (change.flags != 0 && !may_have_flags(account.opening.code)) {
      return mismatch(
          fmt::format("account {} of code {} has no flags", change.account, account.opening.code));
    }
    if ((account.flags & kAccountClosed) != 0 && (change.flags & kAccountClosed) == 0) {
      return mismatch(fmt::format("account {} is closed and stays so", change.account));
    }
    account.flags = change.flags;
  }
  return {};
}

Result<void> post(std::vector<AccountState>& accounts, const Leaf& leaf) {
  Sums sums;
  for (const Posting& posting : leaf.postings) {
    if (!sums.add(posting.asset, posting.layer, posting.side, posting.amount)) {
      return mismatch("a sum overflows");
    }
  }
  if (const auto difference = sums.difference()) return mismatch(*difference);
  for (std::size_t i = 0; i < leaf.postings.size(); ++i) {
    FLORIN_TRY_VOID(add_posting(accounts, leaf.postings[i], i));
  }
  for (const Redirection& redirection : leaf.redirections) {
    FLORIN_TRY_VOID(check_redirection(accounts, leaf, redirection));
  }
  // Only now: two postings of one entry both point to the entry before it, and a limit is kept by
  // the entry as a whole.
  for (std::size_t i = 0; i < leaf.postings.size(); ++i) {
    AccountState& account = accounts[leaf.postings[i].account - 1];
    account.totals.last = leaf.seq + 1;
    if (account.flags == 0 || (account.flags & limit_on(leaf.postings[i].side)) == 0) continue;
    if (!within_limit(account.totals, leaf.postings[i].side)) {
      return bad(i, fmt::format("account {} passes its balance limit", leaf.postings[i].account));
    }
  }
  return {};
}

}  // namespace florin::verify
