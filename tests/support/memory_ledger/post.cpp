// Puts postings on their accounts: frozen and closed ones, balance limits, suspense.
#include "support/memory_ledger/judge.h"

namespace florin::ledger::model {
namespace {

using Reason = verify::RedirectionReason;

class Poster {
 public:
  Poster(const Books& books, const Command& command, Draft& draft)
      : books_(books), draft_(draft), fact_(command.origin == Origin::fact) {}

  void run() {
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
    const Totals before = totals_of(posting.account);
    add(posting);
    if (fact_ && passes_limit(posting)) {
      totals_of(posting.account) = before;
      if (postings_on(posting.account) > 1) {
        draft_.open_question("which of several postings of a fact goes to suspense");
      }
      redirect(at, Reason::balance_limit);
    }
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

  [[nodiscard]] std::size_t postings_on(std::uint64_t account) const {
    std::size_t count = 0;
    for (const verify::Posting& posting : draft_.leaf.postings) {
      count += posting.account == account ? 1U : 0U;
    }
    return count;
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
  bool passes_limit(const verify::Posting& posting) {
    const bool debit = posting.side == verify::Side::debit;
    const std::uint32_t limit = debit ? kDebitsMustNotExceedCredits : kCreditsMustNotExceedDebits;
    return (flags_of(posting.account) & limit) != 0 &&
           side_exceeds(totals_of(posting.account), debit ? Side::debit : Side::credit);
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
};

}  // namespace

void post(const Books& books, const Command& command, Draft& draft) {
  Poster(books, command, draft).run();
}

}  // namespace florin::ledger::model
