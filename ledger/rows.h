#pragma once
/// Keys and plain values of the rows in LMDB; private to the room. Decoders are pure and return
/// `ledger_record_invalid` for anything that was not written by the encoder.
#include "ledger/state.h"

namespace florin::ledger {

Bytes seq_key(std::uint64_t seq);
Bytes account_key_bytes(const AccountKey& key);
Bytes object_key(ObjectKind kind, const Uuid& id);
Bytes unique_key(UniqueTable table, const Key16& key);
Bytes outbox_key(std::uint64_t seq, std::uint32_t index);
Bytes index_key(IndexNumber number, BytesView key);

Bytes encode(const EntryIdRow& row);
Result<EntryIdRow> decode_entry_id(BytesView bytes);

struct AccountNumberRow {
  std::uint64_t number = 0;
  std::uint8_t exponent = 0;
};
Bytes encode(const AccountNumberRow& row);
Result<AccountNumberRow> decode_account_number(BytesView bytes);

/// Key and exponent; the number is the row's key.
Bytes encode(const Account& account);
Result<Account> decode_account(std::uint64_t number, BytesView bytes);

/// Totals and last seq only.
Bytes encode(const AccountBalance& balance);
Result<AccountBalance> decode_balance(const Account& account, BytesView bytes);

Bytes encode(const HoldState& hold);
Result<HoldState> decode_hold(const Uuid& id, BytesView bytes);

struct ObjectHead {
  std::uint64_t version = 0;
  std::uint64_t seq = 0;
  Bytes head;
};
Bytes encode(const ObjectHead& row);
Result<ObjectHead> decode_object_head(BytesView bytes);

Bytes encode(const UniqueRow& row);
Result<UniqueRow> decode_unique(BytesView bytes);

/// Without the body, which is read back from the entry.
Bytes encode(const IdempotencyRow& row);
Result<IdempotencyRow> decode_idempotency(BytesView bytes);

struct IndexTarget {
  ObjectKind kind{};
  Uuid id;
};
Bytes encode(const IndexTarget& row);
Result<IndexTarget> decode_index_target(BytesView bytes);

/// A lone number: a merchant's counter, an event's number.
Bytes encode_number(std::uint64_t value);
Result<std::uint64_t> decode_number(BytesView bytes);

}  // namespace florin::ledger
