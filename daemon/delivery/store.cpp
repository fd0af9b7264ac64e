#include "daemon/delivery/store.h"

#include <algorithm>

#include "ledger/lmdb/cursor.h"

namespace florin::delivery {
namespace {

bool begins_with(BytesView bytes, BytesView prefix) noexcept {
  return bytes.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory,
                                           std::uint64_t map_bytes) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (!failure) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failure);
  }
  if (failure) {
    return Error(Errc::io_failure, {}, {}, directory.string() + ": " + failure.message());
  }
  FLORIN_TRY(auto environment, lmdb::Environment::open({directory, map_bytes, 8}));
  FLORIN_TRY(lmdb::WriteTransaction transaction, environment->write());
  FLORIN_TRY(auto cursor, lmdb::StateDbi::open(transaction, "cursor"));
  FLORIN_TRY(auto delivery, lmdb::StateDbi::open(transaction, "delivery"));
  FLORIN_TRY(auto due, lmdb::StateDbi::open(transaction, "due"));
  FLORIN_TRY(auto in_flight, lmdb::StateDbi::open(transaction, "in_flight"));
  FLORIN_TRY(auto held, lmdb::StateDbi::open(transaction, "held"));
  FLORIN_TRY(auto attempt, lmdb::AppendDbi::open(transaction, "attempt"));
  FLORIN_TRY(auto endpoint, lmdb::StateDbi::open(transaction, "endpoint"));
  FLORIN_TRY_VOID(transaction.commit());
  return std::unique_ptr<Store>(new Store(
      std::move(environment), Tables{cursor, delivery, due, in_flight, held, attempt, endpoint}));
}

Result<Position> Store::cursor(const lmdb::Transaction& transaction, const LedgerKey& key) const {
  FLORIN_TRY(const auto row, tables_.cursor.get(transaction, encode_key(key)));
  if (!row) return Position{};
  ByteReader in(*row);
  Position position;
  position.seq = in.u64();
  position.index = in.u32();
  if (!in.done()) return Error(Errc::ledger_record_invalid, {}, {}, "delivery cursor");
  return position;
}

Result<void> Store::expand(lmdb::WriteTransaction& transaction, const LedgerKey& key, Position from,
                           Position to, const std::vector<Delivery>& rows) const {
  FLORIN_TRY(const Position at, cursor(transaction, key));
  if (at != from) return Error(Errc::state_conflict, {}, {}, "delivery cursor moved");
  for (Delivery row : rows) {
    FLORIN_TRY(const auto disabled, disabled_at(transaction, row.key.endpoint));
    row.state = disabled ? DeliveryState::held : DeliveryState::due;
    FLORIN_TRY_VOID(put(transaction, row));
  }
  ByteWriter value;
  value.u64(to.seq);
  value.u32(to.index);
  return tables_.cursor.put(transaction, encode_key(key), value.view());
}

Result<void> Store::finish(lmdb::WriteTransaction& transaction, const DeliveryKey& key,
                           const AttemptEnd& end) const {
  FLORIN_TRY(Delivery delivery, required(transaction, key));
  FLORIN_TRY(const bool open, tables_.in_flight.erase(transaction, encode_key(key)));
  if (!open) return Error(Errc::state_conflict, {}, {}, "delivery has no open attempt");
  FLORIN_TRY_VOID(append(transaction, delivery,
                         AttemptRecord{.number = delivery.attempts,
                                       .phase = AttemptPhase::finished,
                                       .at = end.at,
                                       .outcome = end.outcome,
                                       .status = end.status,
                                       .duration_ms = end.duration_ms,
                                       .previous = {}}));
  delivery.state = end.state;
  delivery.last_outcome = end.outcome;
  delivery.last_status = end.status;
  delivery.next_at = end.state == DeliveryState::due ? end.next_at : 0;
  if (end.counts && end.outcome != AttemptOutcome::delivered) ++delivery.failures;
  FLORIN_TRY_VOID(put(transaction, delivery));
  if (end.outcome != AttemptOutcome::gone) return {};
  ByteWriter value;
  value.i64(end.at);
  return tables_.endpoint.put(transaction, encode_key(key.endpoint), value.view());
}

Result<std::size_t> Store::recover(lmdb::WriteTransaction& transaction, UnixNanos now) const {
  std::vector<DeliveryKey> open;
  {
    FLORIN_TRY(lmdb::Cursor cursor, lmdb::Cursor::open(transaction, tables_.in_flight));
    FLORIN_TRY(auto row, cursor.first());
    while (row) {
      FLORIN_TRY(const DeliveryKey key, decode_delivery_key(row->key));
      open.push_back(key);
      FLORIN_TRY(row, cursor.next());
    }
  }
  const AttemptEnd unknown{.outcome = AttemptOutcome::unknown,
                           .at = now,
                           .state = DeliveryState::due,
                           .counts = false,
                           .next_at = now};
  for (const DeliveryKey& key : open) FLORIN_TRY_VOID(finish(transaction, key, unknown));
  return open.size();
}

Result<std::size_t> Store::release(lmdb::WriteTransaction& transaction, const EndpointKey& endpoint,
                                   UnixNanos now, std::size_t limit) const {
  std::vector<DeliveryKey> keys;
  {
    const Bytes prefix = encode_key(endpoint);
    FLORIN_TRY(lmdb::Cursor cursor, lmdb::Cursor::open(transaction, tables_.held));
    FLORIN_TRY(auto row, cursor.at_or_after(prefix));
    while (row && keys.size() < limit && begins_with(row->key, prefix)) {
      FLORIN_TRY(const DeliveryKey key, decode_delivery_key(row->key));
      keys.push_back(key);
      FLORIN_TRY(row, cursor.next());
    }
  }
  for (const DeliveryKey& key : keys) {
    FLORIN_TRY(Delivery delivery, required(transaction, key));
    FLORIN_TRY_VOID(tables_.held.erase(transaction, encode_key(key)));
    delivery.state = DeliveryState::due;
    delivery.next_at = now;
    FLORIN_TRY_VOID(put(transaction, delivery));
  }
  FLORIN_TRY_VOID(tables_.endpoint.erase(transaction, encode_key(endpoint)));
  return keys.size();
}

Result<std::optional<Delivery>> Store::find(const lmdb::Transaction& transaction,
                                            const DeliveryKey& key) const {
  FLORIN_TRY(const auto row, tables_.delivery.get(transaction, encode_key(key)));
  if (!row) return std::optional<Delivery>();
  FLORIN_TRY(Delivery delivery, decode_delivery(key, *row));
  return std::optional<Delivery>(std::move(delivery));
}

Result<Delivery> Store::required(const lmdb::Transaction& transaction,
                                 const DeliveryKey& key) const {
  FLORIN_TRY(auto found, find(transaction, key));
  if (!found) return Error(Errc::ledger_corrupt, {}, {}, "a delivery row is missing");
  return *std::move(found);
}

Result<std::vector<Delivery>> Store::list(const lmdb::Transaction& transaction,
                                          const EndpointKey& endpoint,
                                          std::optional<Position> before, std::size_t limit) const {
  const Bytes prefix = encode_key(endpoint);
  Bytes from = before ? encode_key(DeliveryKey{endpoint, *before}) : prefix;
  // Without a place to begin before: behind every key of the endpoint.
  if (!before) from.insert(from.end(), 13, 0xFF);
  std::vector<Delivery> found;
  FLORIN_TRY(lmdb::Cursor cursor, lmdb::Cursor::open(transaction, tables_.delivery));
  FLORIN_TRY(auto row, cursor.before(from));
  while (row && found.size() < limit && begins_with(row->key, prefix)) {
    FLORIN_TRY(const DeliveryKey key, decode_delivery_key(row->key));
    FLORIN_TRY(Delivery delivery, decode_delivery(key, row->value));
    found.push_back(std::move(delivery));
    FLORIN_TRY(row, cursor.previous());
  }
  return found;
}

Result<std::vector<AttemptRecord>> Store::attempts(const lmdb::Transaction& transaction,
                                                   const DeliveryKey& key) const {
  FLORIN_TRY(const Delivery delivery, required(transaction, key));
  const Bytes prefix = encode_key(key);
  std::vector<AttemptRecord> records;
  Hash32 head{};
  FLORIN_TRY(lmdb::Cursor cursor, lmdb::Cursor::open(transaction, tables_.attempt));
  FLORIN_TRY(auto row, cursor.at_or_after(prefix));
  while (row && begins_with(row->key, prefix)) {
    FLORIN_TRY(const AttemptRecord record, decode_attempt(row->value));
    if (record.previous != head) break;
    head = attempt_hash(row->key, row->value);
    records.push_back(record);
    FLORIN_TRY(row, cursor.next());
  }
  if (head != delivery.chain) {
    return Error(Errc::ledger_corrupt, {}, "The chain of delivery attempts is broken.");
  }
  return records;
}

Result<std::optional<UnixNanos>> Store::disabled_at(const lmdb::Transaction& transaction,
                                                    const EndpointKey& endpoint) const {
  FLORIN_TRY(const auto row, tables_.endpoint.get(transaction, encode_key(endpoint)));
  if (!row) return std::optional<UnixNanos>();
  ByteReader in(*row);
  const UnixNanos at = in.i64();
  if (!in.done()) return Error(Errc::ledger_record_invalid, {}, {}, "delivery endpoint row");
  return std::optional<UnixNanos>(at);
}

Result<void> Store::append(lmdb::WriteTransaction& transaction, Delivery& delivery,
                           AttemptRecord record) const {
  record.previous = delivery.chain;
  const Bytes key = encode_attempt_key(delivery.key, record.number, record.phase);
  const Bytes value = encode(record);
  delivery.chain = attempt_hash(key, value);
  return tables_.attempt.insert(transaction, key, value);
}

Result<void> Store::put(lmdb::WriteTransaction& transaction, const Delivery& delivery) const {
  if (delivery.state == DeliveryState::due) {
    FLORIN_TRY_VOID(
        tables_.due.put(transaction, encode_due_key(delivery.key, delivery.next_at), {}));
  } else if (delivery.state == DeliveryState::held) {
    FLORIN_TRY_VOID(tables_.held.put(transaction, encode_key(delivery.key), {}));
  }
  return tables_.delivery.put(transaction, encode_key(delivery.key), encode(delivery));
}

}  // namespace florin::delivery
