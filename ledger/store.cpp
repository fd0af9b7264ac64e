#include "ledger/store.h"

#include <algorithm>

#include "base/log.h"
#include "ledger/files.h"
#include "ledger/limits.h"
#include "ledger/lmdb/cursor.h"

namespace florin::ledger {
namespace {

constexpr std::uint64_t kHeadRoomBytes = std::uint64_t{64} << 20U;

}  // namespace

Result<std::unique_ptr<Store>> Store::try_open(const std::filesystem::path& directory,
                                               std::uint64_t map_bytes,
                                               const SegmentKeyring& keyring,
                                               const ProjectorSet& projectors) {
  FLORIN_TRY_VOID(ensure_directory(directory));
  FLORIN_TRY(auto environment, lmdb::Environment::open({directory, map_bytes, 32}));
  FLORIN_TRY(auto transaction, environment->write());
  FLORIN_TRY(const Tables tables, Tables::open(transaction));
  FLORIN_TRY(const auto tip, read_tip(transaction, tables, projectors.version));
  FLORIN_TRY(const std::uint64_t rows_sum, sum_of_rows(transaction, tables));
  if (rows_sum != tip.value_or(Tip{}).rows_sum) {
    return Error(Errc::ledger_corrupt, {}, {}, "the rows of the database are not those written");
  }
  FLORIN_TRY_VOID(transaction.commit());
  return std::unique_ptr<Store>(new Store(std::move(environment), tables, tip.value_or(Tip{}),
                                          map_bytes, keyring, projectors));
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory,
                                           std::uint64_t map_bytes, const SegmentKeyring& keyring,
                                           const ProjectorSet& projectors) {
  auto store = try_open(directory, map_bytes, keyring, projectors);
  if (store.ok()) return store;
  const Errc code = store.error().code();
  if (code != Errc::ledger_corrupt && code != Errc::ledger_mismatch) return store;
  log_error("ledger.rebuilding", store.error(), {{"directory", directory.string()}});
  std::error_code failure;
  std::filesystem::remove_all(directory, failure);
  if (failure) {
    return Error(Errc::io_failure, {}, {}, directory.string() + ": " + failure.message());
  }
  return try_open(directory, map_bytes, keyring, projectors);
}

bool Store::has_head_room(std::uint64_t promised_bytes) const {
  const std::uint64_t wanted = std::min(kHeadRoomBytes, map_bytes_ / 8);
  return environment_->used_bytes() + wanted + promised_bytes <= map_bytes_;
}

Result<std::optional<ObjectRow>> Store::object(ObjectKind kind, const Uuid& id) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  return state(transaction).object(kind, id);
}

Result<std::vector<ObjectRow>> Store::objects(ObjectKind kind, std::optional<Uuid> after,
                                              std::size_t limit) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  FLORIN_TRY(auto cursor, lmdb::Cursor::open(transaction, tables_.object_heads));
  const Bytes from = object_key(kind, after.value_or(Uuid{}));
  std::vector<ObjectRow> rows;
  FLORIN_TRY(auto at, cursor.at_or_after(from));
  while (at.has_value() && rows.size() < std::min(limit, kMaxReadRows)) {
    if (at->key.size() != from.size() || at->key[0] != from[0]) break;
    const Uuid id = Uuid::from(at->key.subspan(1));
    if (!after.has_value() || id != *after) {
      FLORIN_TRY(auto row, state(transaction).object(kind, id));
      if (row.has_value()) rows.push_back(std::move(*row));
    }
    FLORIN_TRY(at, cursor.next());
  }
  return rows;
}

Result<std::optional<UniqueRow>> Store::unique(UniqueTable table, const Key16& key) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  return state(transaction).unique(table, key);
}

Result<std::optional<IdempotencyRow>> Store::idempotency(const Key16& key) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  const LmdbState now = state(transaction);
  FLORIN_TRY(auto row, now.idempotency_row(key));
  if (!row.has_value() || !row->answered) return row;
  FLORIN_TRY(auto entry, now.entry(row->seq));
  if (!entry.has_value() || !entry->body.idempotency.has_value() ||
      entry->body.idempotency->key != key) {
    return Error(Errc::ledger_corrupt, {}, {}, "an answer is not in the entry that it names");
  }
  row->body = std::move(entry->body.idempotency->body);
  return row;
}

Result<std::vector<AccountBalance>> Store::balances() const {
  FLORIN_TRY(const auto transaction, environment_->read());
  const LmdbState now = state(transaction);
  std::vector<AccountBalance> all;
  for (std::uint64_t number = 1;; ++number) {
    FLORIN_TRY(auto balance, now.balance(number));
    if (!balance.has_value()) return all;
    all.push_back(*balance);
  }
}

Result<std::optional<HoldState>> Store::hold(const Uuid& id) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  return state(transaction).hold(id);
}

Result<std::vector<EntryView>> Store::entries(std::uint64_t from_seq, std::size_t limit) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  const LmdbState now = state(transaction);
  std::vector<EntryView> views;
  for (std::uint64_t seq = from_seq; views.size() < std::min(limit, kMaxReadRows); ++seq) {
    FLORIN_TRY(auto entry, now.entry(seq));
    if (!entry.has_value()) break;
    views.push_back({seq, std::move(entry->leaf_bytes), entry->leaf_hash});
  }
  return views;
}

Result<std::optional<Bytes>> Store::stored_frame(std::uint64_t seq) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  FLORIN_TRY(const auto row, tables_.entries.get(transaction, seq_key(seq)));
  if (!row.has_value()) return std::optional<Bytes>{};
  return std::optional<Bytes>(to_bytes(*row));
}

}  // namespace florin::ledger
