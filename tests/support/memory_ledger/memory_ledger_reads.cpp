// The questions that a ledger answers.
#include <algorithm>

#include "support/memory_ledger/memory_ledger.h"

namespace florin::ledger::model {
namespace {

constexpr std::size_t kMostRows = 10'000;

template <class Map>
auto value_of(const Map& map, const typename Map::key_type& key) {
  const auto at = map.find(key);
  return at == map.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace

Result<std::optional<ObjectRow>> MemoryLedger::object(ObjectKind kind, const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  return value_of(books_.objects, {kind, id});
}

Result<std::vector<ObjectRow>> MemoryLedger::objects(ObjectKind kind, std::optional<Uuid> after,
                                                     std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<ObjectRow> rows;
  for (auto at = books_.objects.lower_bound({kind, after.value_or(Uuid{})});
       at != books_.objects.end() && at->first.first == kind; ++at) {
    if (after.has_value() && at->first.second == *after) continue;
    if (rows.size() >= std::min(limit, kMostRows)) break;
    rows.push_back(at->second);
  }
  return rows;
}

Result<std::optional<UniqueRow>> MemoryLedger::unique(UniqueTable table, const Key16& key) const {
  const std::lock_guard lock(mutex_);
  return value_of(books_.uniques, {table, key});
}

Result<std::optional<IdempotencyRow>> MemoryLedger::idempotency(const Key16& key) const {
  const std::lock_guard lock(mutex_);
  return value_of(books_.idempotency, key);
}

Result<IndexPage> MemoryLedger::index(IndexNumber number, BytesView prefix,
                                      std::optional<Bytes> cursor, std::size_t limit,
                                      bool descending) const {
  const std::lock_guard lock(mutex_);
  std::vector<IndexPage::Row> rows;
  for (auto at = books_.index.lower_bound({number, to_bytes(prefix)}); at != books_.index.end();
       ++at) {
    const Bytes& key = at->first.second;
    if (at->first.first != number || key.size() < prefix.size() ||
        !std::equal(prefix.begin(), prefix.end(), key.begin())) {
      break;
    }
    if (cursor.has_value() && (descending ? key >= *cursor : key <= *cursor)) continue;
    rows.push_back({key, at->second.first, at->second.second});
  }
  if (descending) std::reverse(rows.begin(), rows.end());
  IndexPage page;
  page.more = rows.size() > std::min(limit, kMostRows);
  if (page.more) rows.resize(std::min(limit, kMostRows));
  page.rows = std::move(rows);
  return page;
}

AccountBalance MemoryLedger::balance_of(const AccountRecord& record, std::uint64_t size) const {
  AccountBalance out;
  out.account = record.account;
  out.flags = record.flags;
  const auto end = std::partition_point(record.lines.begin(), record.lines.end(),
                                        [&](const Line& line) { return line.seq < size; });
  if (end == record.lines.begin()) return out;
  const Line& last = *std::prev(end);
  out.last_seq = last.seq;
  out.debits_posted = last.after.of(Side::debit, Layer::posted);
  out.credits_posted = last.after.of(Side::credit, Layer::posted);
  out.debits_pending = last.after.of(Side::debit, Layer::pending);
  out.credits_pending = last.after.of(Side::credit, Layer::pending);
  return out;
}

Result<std::vector<AccountBalance>> MemoryLedger::balances() const {
  return balances_at(UINT64_MAX);
}

Result<std::vector<AccountBalance>> MemoryLedger::balances_at(std::uint64_t size) const {
  const std::lock_guard lock(mutex_);
  std::vector<AccountBalance> rows;
  for (const AccountRecord& record : books_.accounts) {
    if (record.account.opened_seq < size) rows.push_back(balance_of(record, size));
  }
  return rows;
}

Result<std::uint64_t> MemoryLedger::size_at(UnixNanos time) const {
  const std::lock_guard lock(mutex_);
  const auto end =
      std::partition_point(books_.entries.begin(), books_.entries.end(),
                           [&](const Entry& entry) { return entry.leaf.booked_at <= time; });
  return static_cast<std::uint64_t>(end - books_.entries.begin());
}

Result<std::optional<AccountBalance>> MemoryLedger::account(const AccountKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto at = books_.numbers.find(key);
  if (at == books_.numbers.end()) return std::optional<AccountBalance>();
  return std::optional(balance_of(books_.accounts.at(at->second - 1), UINT64_MAX));
}

Result<StatementPage> MemoryLedger::statement(const StatementRequest& request) const {
  const std::lock_guard lock(mutex_);
  if (request.account == 0 || request.account > books_.accounts.size()) {
    return Error(Errc::not_found, "account", "no such account");
  }
  const AccountRecord& record = books_.accounts.at(request.account - 1);
  StatementPage page;
  std::uint64_t entries = 0;
  std::uint64_t oldest = std::max(request.before_seq, request.from_seq);
  for (auto at = record.lines.rbegin(); at != record.lines.rend(); ++at) {
    if (at->seq >= request.before_seq || at->seq < request.from_seq) continue;
    if (at->seq != oldest && ++entries > std::min(request.limit, kMostRows)) {
      page.more = true;
      break;
    }
    oldest = at->seq;
    const verify::Leaf& leaf = books_.entries.at(at->seq).leaf;
    const verify::Posting& posting = leaf.postings.at(at->posting);
    StatementLine line;
    line.seq = leaf.seq;
    line.entry_id = leaf.entry_id;
    line.type = static_cast<EntryType>(leaf.type);
    line.booked_at = leaf.booked_at;
    line.effective_day = leaf.effective_day;
    line.subject = leaf.subject;
    line.note = leaf.note;
    line.side = static_cast<Side>(posting.side);
    line.layer = static_cast<Layer>(posting.layer);
    line.amount = posting.amount;
    line.party = posting.party;
    line.total = posting.total;
    page.lines.push_back(std::move(line));
  }
  page.opening = balance_of(record, oldest);
  page.closing = balance_of(record, page.lines.empty() ? oldest : page.lines.front().seq + 1);
  return page;
}

Result<std::vector<DueHold>> MemoryLedger::due_holds(UnixNanos now, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<DueHold> due;
  for (const auto& [id, hold] : books_.holds) {
    const UnixNanos time = hold.state.expires_at;
    if (time != 0 && time <= now && hold.remaining() > 0) due.push_back({id, time});
  }
  std::sort(due.begin(), due.end(), [](const DueHold& a, const DueHold& b) {
    return std::pair(a.expires_at, a.hold) < std::pair(b.expires_at, b.hold);
  });
  if (due.size() > std::min(limit, kMostRows)) due.resize(std::min(limit, kMostRows));
  return due;
}

Result<BooksState> MemoryLedger::books_state() const {
  const std::lock_guard lock(mutex_);
  return books_.state;
}

Result<std::optional<std::uint64_t>> MemoryLedger::entry_seq(const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  return value_of(books_.ids, id);
}

Result<std::vector<std::uint64_t>> MemoryLedger::entries_about(const Uuid& subject,
                                                               std::optional<std::uint64_t> after,
                                                               std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> out;
  const auto at = books_.subjects.find(subject);
  if (at == books_.subjects.end()) return out;
  for (const std::uint64_t seq : at->second) {
    if (after.has_value() && seq <= *after) continue;
    if (out.size() >= std::min(limit, kMostRows)) break;
    out.push_back(seq);
  }
  return out;
}

Result<std::vector<Hash32>> MemoryLedger::inclusion_proof(std::uint64_t seq,
                                                          std::uint64_t size) const {
  const std::lock_guard lock(mutex_);
  if (seq >= size || size > books_.tree.size()) return Error(Errc::validation_failed);
  return books_.tree.inclusion(seq, size);
}

Result<std::vector<Hash32>> MemoryLedger::consistency_proof(std::uint64_t old_size,
                                                            std::uint64_t size) const {
  const std::lock_guard lock(mutex_);
  if (old_size == 0 || old_size > size || size > books_.tree.size()) {
    return Error(Errc::validation_failed);
  }
  return books_.tree.consistency(old_size, size);
}

Result<std::optional<HoldState>> MemoryLedger::hold(const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  const auto at = books_.holds.find(id);
  if (at == books_.holds.end()) return std::optional<HoldState>();
  HoldState state = at->second.state;
  for (const auto& [leg, net] : at->second.legs) {
    if (net != 0) state.legs.push_back({leg.first, leg.second, net});
  }
  return std::optional(std::move(state));
}

Result<std::vector<EntryView>> MemoryLedger::entries(std::uint64_t from_seq,
                                                     std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<EntryView> out;
  for (std::uint64_t seq = from_seq; seq < books_.entries.size() && out.size() < limit; ++seq) {
    out.push_back({seq, books_.entries[seq].bytes, books_.entries[seq].hash});
  }
  return out;
}

Result<std::vector<OutboxEvent>> MemoryLedger::outbox(std::uint64_t after_seq,
                                                      std::uint32_t after_index,
                                                      std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  const auto begin = std::partition_point(
      books_.outbox.begin(), books_.outbox.end(), [&](const OutboxEvent& event) {
        return std::pair(event.seq, event.index) <= std::pair(after_seq, after_index);
      });
  const auto count = std::min<std::size_t>(std::min(limit, kMostRows),
                                           static_cast<std::size_t>(books_.outbox.end() - begin));
  return std::vector<OutboxEvent>(begin, begin + static_cast<std::ptrdiff_t>(count));
}

}  // namespace florin::ledger::model
