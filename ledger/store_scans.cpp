#include <algorithm>

#include "ledger/limits.h"
#include "ledger/lmdb/cursor.h"
#include "ledger/store.h"

namespace florin::ledger {
namespace {

// The smallest key that sorts behind all keys with this prefix; nothing when there is none.
std::optional<Bytes> after_prefix(Bytes prefix) {
  while (!prefix.empty()) {
    if (++prefix.back() != 0) return prefix;
    prefix.pop_back();
  }
  return std::nullopt;
}

bool begins_with(BytesView key, BytesView prefix) {
  return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

lmdb::Cursor::Found first_ascending(lmdb::Cursor& cursor, const Bytes& prefix,
                                    const std::optional<Bytes>& after) {
  if (!after.has_value() || *after < prefix) return cursor.at_or_after(prefix);
  FLORIN_TRY(auto at, cursor.at_or_after(*after));
  if (at.has_value() && std::ranges::equal(at->key, *after)) return cursor.next();
  return at;
}

lmdb::Cursor::Found first_descending(lmdb::Cursor& cursor, const Bytes& prefix,
                                     const std::optional<Bytes>& before) {
  const std::optional<Bytes> end = after_prefix(prefix);
  if (before.has_value() && (!end.has_value() || *before < *end)) return cursor.before(*before);
  return end.has_value() ? cursor.before(*end) : cursor.last();
}

}  // namespace

Result<IndexPage> Store::index(IndexNumber number, BytesView prefix, std::optional<Bytes> cursor,
                               std::size_t limit, bool descending) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  FLORIN_TRY(auto rows, lmdb::Cursor::open(transaction, tables_.index));
  const Bytes full_prefix = index_key(number, prefix);
  std::optional<Bytes> from;
  if (cursor.has_value()) from = index_key(number, *cursor);
  IndexPage page;
  FLORIN_TRY(auto at, descending ? first_descending(rows, full_prefix, from)
                                 : first_ascending(rows, full_prefix, from));
  while (at.has_value() && begins_with(at->key, full_prefix)) {
    if (page.rows.size() >= std::min(limit, kMaxReadRows)) {
      page.more = true;
      break;
    }
    FLORIN_TRY(const Bytes plain, open_row(keyring_, TableNumber::index, at->key, at->value));
    FLORIN_TRY(const IndexTarget target, decode_index_target(plain));
    page.rows.push_back({to_bytes(at->key.subspan(1)), target.kind, target.id});
    FLORIN_TRY(at, descending ? rows.previous() : rows.next());
  }
  return page;
}

Result<std::vector<OutboxEvent>> Store::outbox(std::uint64_t after_seq, std::uint32_t after_index,
                                               std::size_t limit) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  FLORIN_TRY(auto rows, lmdb::Cursor::open(transaction, tables_.outbox));
  const LmdbState now = state(transaction);
  const Bytes after = outbox_key(after_seq, after_index);
  std::vector<OutboxEvent> events;
  std::optional<EntryRecord> entry;
  FLORIN_TRY(auto at, first_ascending(rows, after, after));
  while (at.has_value() && events.size() < std::min(limit, kMaxReadRows)) {
    FLORIN_TRY(const Bytes plain, open_row(keyring_, TableNumber::outbox, at->key, at->value));
    FLORIN_TRY(const std::uint64_t merchant_seq, decode_number(plain));
    ByteReader key(at->key);
    OutboxEvent out;
    out.seq = key.u64_be();
    out.index = key.u32_be();
    if (!entry.has_value() || entry->leaf.seq != out.seq) {
      FLORIN_TRY(entry, now.entry(out.seq));
    }
    if (!entry.has_value() || out.index >= entry->body.events.size() ||
        entry->body.events[out.index].merchant_seq != merchant_seq) {
      return Error(Errc::ledger_corrupt, {}, {}, "an event is not in the entry that it names");
    }
    out.booked_at = entry->leaf.booked_at;
    out.event = entry->body.events[out.index].event;
    out.merchant_seq = merchant_seq;
    events.push_back(std::move(out));
    FLORIN_TRY(at, rows.next());
  }
  return events;
}

}  // namespace florin::ledger
