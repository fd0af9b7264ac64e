#include "ledger/account_history.h"

#include <algorithm>

#include "ledger/limits.h"
#include "ledger/lmdb/cursor.h"
#include "ledger/rules.h"

namespace florin::ledger {
namespace {

// Entry 0 is the genesis entry, which touches no account.
bool is_touched(const AccountBalance& balance) {
  return balance.last_seq != 0;
}

Error contradiction(const char* what) {
  return {Errc::ledger_corrupt, {}, {}, what};
}

void add_lines(const verify::Leaf& leaf, std::uint64_t account, StatementPage& page) {
  for (auto at = leaf.postings.rbegin(); at != leaf.postings.rend(); ++at) {
    if (at->account != account) continue;
    page.lines.push_back({leaf.seq, leaf.entry_id, static_cast<EntryType>(leaf.type),
                          leaf.booked_at, leaf.effective_day, leaf.subject, leaf.note,
                          static_cast<Side>(at->side), static_cast<Layer>(at->layer), at->amount,
                          at->party, at->total});
  }
}

}  // namespace

Result<std::optional<AccountHistory>> AccountHistory::open(const lmdb::Transaction& transaction,
                                                           const Tables& tables,
                                                           const SegmentKeyring& keyring,
                                                           const LmdbState& state,
                                                           std::uint64_t account) {
  FLORIN_TRY(const auto now, state.balance(account));
  if (!now.has_value()) return std::optional<AccountHistory>{};
  return std::optional<AccountHistory>(AccountHistory(transaction, tables, keyring, state, *now));
}

Result<AccountBalance> AccountHistory::nearest_behind(std::uint64_t size) const {
  if (!is_touched(now_) || now_.last_seq < size) return now_;
  FLORIN_TRY(auto cursor, lmdb::Cursor::open(transaction_, tables_.balance_marks));
  // A mark of the last entry within `size` is as good as one behind it.
  const Bytes from = mark_key(now_.account.number, size == 0 ? 0 : size - 1);
  FLORIN_TRY(const auto at, cursor.at_or_after(from));
  if (!at.has_value() || !std::ranges::equal(at->key.first(sizeof(std::uint64_t)),
                                             BytesView(from).first(sizeof(std::uint64_t)))) {
    return now_;
  }
  FLORIN_TRY(const Bytes plain, open_row(keyring_, TableNumber::balance_marks, at->key, at->value));
  ByteReader key(at->key.subspan(sizeof(std::uint64_t)));
  FLORIN_TRY(AccountBalance mark, decode_mark(now_.account, key.u64_be(), plain));
  mark.flags = now_.flags;
  return mark;
}

Result<verify::Leaf> AccountHistory::step_back(AccountBalance& balance) const {
  FLORIN_TRY(auto leaf, state_.leaf(balance.last_seq));
  if (!leaf.has_value()) return contradiction("an account was touched by a missing entry");
  std::optional<std::uint64_t> previous;
  for (auto at = leaf->postings.rbegin(); at != leaf->postings.rend(); ++at) {
    if (at->account != balance.account.number) continue;
    Uint128& total = total_of(balance, static_cast<Side>(at->side), static_cast<Layer>(at->layer));
    if (total != at->total) return contradiction("a running total differs from the balance");
    total -= at->amount;
    previous = at->previous;
  }
  if (!previous.has_value()) return contradiction("an entry does not touch an account as stated");
  balance.last_seq = *previous == 0 ? 0 : *previous - 1;
  return std::move(*leaf);
}

Result<AccountBalance> AccountHistory::balance_at(std::uint64_t size) const {
  FLORIN_TRY(AccountBalance balance, nearest_behind(size));
  while (is_touched(balance) && balance.last_seq >= size) FLORIN_TRY_VOID(step_back(balance));
  return balance;
}

Result<StatementPage> AccountHistory::statement(const StatementRequest& request) const {
  StatementPage page;
  FLORIN_TRY(page.closing, balance_at(request.before_seq));
  page.opening = page.closing;
  const std::size_t limit = std::min(request.limit, kMaxReadRows);
  std::size_t entries = 0;
  while (is_touched(page.opening) && page.opening.last_seq >= request.from_seq) {
    if (entries++ >= limit) {
      page.more = true;
      break;
    }
    FLORIN_TRY(const verify::Leaf leaf, step_back(page.opening));
    add_lines(leaf, now_.account.number, page);
  }
  return page;
}

}  // namespace florin::ledger
