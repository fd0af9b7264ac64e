#include <algorithm>

#include "ledger/account_history.h"
#include "ledger/limits.h"
#include "ledger/lmdb/cursor.h"
#include "ledger/store.h"

namespace florin::ledger {

Result<std::vector<AccountBalance>> Store::balances_at(std::uint64_t size) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  const LmdbState now = state(transaction);
  std::vector<AccountBalance> all;
  for (std::uint64_t number = 1;; ++number) {
    FLORIN_TRY(const auto history,
               AccountHistory::open(transaction, tables_, keyring_, now, number));
    if (!history.has_value() || history->account().opened_seq >= size) return all;
    FLORIN_TRY(const AccountBalance then, history->balance_at(size));
    all.push_back(then);
  }
}

Result<std::uint64_t> Store::size_at(UnixNanos time) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  const LmdbState now = state(transaction);
  FLORIN_TRY(const auto tip, read_tip(transaction, tables_, projectors_.version));
  std::uint64_t booked = 0;  // entries below this were booked by then
  std::uint64_t later = tip.value_or(Tip{}).next_seq;
  while (booked < later) {
    const std::uint64_t middle = booked + (later - booked) / 2;
    FLORIN_TRY(const auto leaf, now.leaf(middle));
    if (!leaf.has_value()) {
      return Error(Errc::ledger_corrupt, {}, {}, "an entry of the database is missing");
    }
    if (leaf->booked_at <= time) {
      booked = middle + 1;
    } else {
      later = middle;
    }
  }
  return booked;
}

Result<std::optional<AccountBalance>> Store::account(const AccountKey& key) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  return state(transaction).account(key);
}

Result<StatementPage> Store::statement(const StatementRequest& request) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  const LmdbState now = state(transaction);
  FLORIN_TRY(const auto history,
             AccountHistory::open(transaction, tables_, keyring_, now, request.account));
  if (!history.has_value()) {
    return Error(Errc::not_found, "account", "There is no account with this number.");
  }
  return history->statement(request);
}

Result<std::vector<DueHold>> Store::due_holds(UnixNanos now, std::size_t limit) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  FLORIN_TRY(auto cursor, lmdb::Cursor::open(transaction, tables_.due_holds));
  std::vector<DueHold> due;
  FLORIN_TRY(auto at, cursor.first());
  while (at.has_value() && due.size() < std::min(limit, kMaxReadRows)) {
    FLORIN_TRY(const DueHold hold, decode_due_key(at->key));
    if (hold.expires_at > now) break;
    FLORIN_TRY_VOID(open_row(keyring_, TableNumber::due_holds, at->key, at->value));
    due.push_back(hold);
    FLORIN_TRY(at, cursor.next());
  }
  return due;
}

Result<BooksState> Store::books_state() const {
  FLORIN_TRY(const auto transaction, environment_->read());
  FLORIN_TRY(const auto found, read_tip(transaction, tables_, projectors_.version));
  const Tip tip = found.value_or(Tip{});
  return BooksState{tip.clock, tip.locked_through, tip.recovering};
}

Result<std::optional<std::uint64_t>> Store::entry_seq(const Uuid& id) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  FLORIN_TRY(const auto found, state(transaction).entry_id(id));
  if (!found.has_value()) return std::optional<std::uint64_t>{};
  return std::optional<std::uint64_t>(found->seq);
}

}  // namespace florin::ledger
