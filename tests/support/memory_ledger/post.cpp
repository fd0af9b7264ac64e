// Puts postings on their accounts: frozen and closed ones, balance limits, suspense.
#include <map>
#include <set>

#include "support/memory_ledger/judge.h"

namespace florin::ledger::model {
namespace {

using Reason = verify::RedirectionReason;

class Poster {
 public:
  Poster(const Books& books, const Command& command, Draft& draft)
      : books_(books), draft_(draft), fact_(command.origin == Origin::fact) {}

  void run() {
    if (fact_) find_passed_limits();
    for (std::size_t at = 0; at < draft_.leaf.postings.size(); ++at) {
      if (draft_.leaf.postings[at].account == 0) continue;  // could not be opened: told already
      put(at);
    }
    if (!fact_) check_limits();
    for (verify::Posting& posting : draft_.leaf.postings) {
      if (posting.account > books_.accounts.size() || posting.account == 0) continue;
      posting.previous = books_.accounts[posting.account - 1].touched();
    }
  }

 private:
  [[nodiscard]] std::uint32_t flags_of(std::uint64_t account) const {
    const auto changed = draft_.flags.find(account);
    if (changed != draft_.flags.end()) return changed->second;
    return account <= books_.accounts.size() ? books_.accounts[account - 1].flags : 0;
  }
  Totals& totals_of(std::uint64_t account) {
    const auto known = draft_.totals.find(account);
    if (known != draft_.totals.end()) return known->second;
    const bool old = account <= books_.accounts.size();
    return draft_.totals[account] = old ? books_.accounts[account - 1].totals : Totals{};
  }

  void put(std::size_t at) {
    verify::Posting& posting = draft_.leaf.postings[at];
    const std::uint32_t flags = flags_of(posting.account);
    if ((flags & (kAccountFrozen | kAccountClosed)) != 0) {
      if (!fact_) return draft_.refuse(Errc::ledger_account_unusable, "account");
      if ((flags & kAccountFrozen) != 0 && (flags & kAccountClosed) != 0) {
        draft_.open_question("the reason for an account that is frozen and closed");
      }
      return redirect(at, (flags & kAccountClosed) != 0 ? Reason::closed : Reason::frozen);
    }
    if (passed_.contains({posting.account, static_cast<Side>(posting.side)})) {
      return redirect(at, Reason::balance_limit);
    }
    add(posting);
  }

  void add(verify::Posting& posting) {
    Uint128& total = totals_of(posting.account)
                         .of(static_cast<Side>(posting.side), static_cast<Layer>(posting.layer));
    if (total + posting.amount < total) return draft_.refuse(Errc::ledger_overflow, "postings");
    total += posting.amount;
    posting.total = total;
  }

  void redirect(std::size_t at, Reason reason) {
    verify::Posting& posting = draft_.leaf.postings[at];
    draft_.leaf.redirections.push_back({static_cast<std::uint8_t>(at), reason, posting.account});
    const std::size_t opened = draft_.openings.size();
    const auto suspense =
        account_number(books_, draft_, {AccountCode::suspense, posting.asset, Uuid{}}, {});
    if (draft_.openings.size() != opened && draft_.openings.size() > 1) {
      draft_.open_question("the order of accounts when suspense is opened besides others");
    }
    posting.account = *suspense;
    add(posting);
  }

  // A fact's limit is that of the entry as a whole, and what passes it is the limited side.
  void find_passed_limits() {
    std::map<std::uint64_t, Totals> whole;
    for (const verify::Posting& posting : draft_.leaf.postings) {
      if (posting.account == 0) continue;
      Totals& totals = whole.try_emplace(posting.account, totals_of(posting.account)).first->second;
      totals.of(static_cast<Side>(posting.side), static_cast<Layer>(posting.layer)) +=
          posting.amount;
    }
    for (const verify::Posting& posting : draft_.leaf.postings) {
      if (posting.account == 0 || !is_limited(posting)) continue;
      const auto side = static_cast<Side>(posting.side);
      if (side_exceeds(whole.at(posting.account), side)) passed_.insert({posting.account, side});
    }
  }
  // posted + max(0, pending - pending of the other side) <= posted of the other side
  [[nodiscard]] static bool side_exceeds(const Totals& totals, Side side) {
    const Side other = side == Side::debit ? Side::credit : Side::debit;
    const Uint128 pending = totals.of(side, Layer::pending);
    const Uint128 opposite = totals.of(other, Layer::pending);
    const Uint128 held = pending > opposite ? pending - opposite : 0;
    return totals.of(side, Layer::posted) + held > totals.of(other, Layer::posted);
  }
  // Only what adds to the limited side can pass the limit.
  bool is_limited(const verify::Posting& posting) {
    const std::uint32_t limit = posting.side == verify::Side::debit
                                    ? std::uint32_t{kDebitsMustNotExceedCredits}
                                    : kCreditsMustNotExceedDebits;
    return (flags_of(posting.account) & limit) != 0;
  }
  bool passes_limit(const verify::Posting& posting) {
    return is_limited(posting) &&
           side_exceeds(totals_of(posting.account), static_cast<Side>(posting.side));
  }
  void check_limits() {
    for (const verify::Posting& posting : draft_.leaf.postings) {
      if (posting.account != 0 && passes_limit(posting)) {
        draft_.refuse(Errc::ledger_balance_limit, "postings");
      }
    }
  }

  const Books& books_;
  Draft& draft_;
  bool fact_;
  std::set<std::pair<std::uint64_t, Side>> passed_;
};

}  // namespace

void post(const Books& books, const Command& command, Draft& draft) {
  Poster(books, command, draft).run();
}

}  // namespace florin::ledger::model
