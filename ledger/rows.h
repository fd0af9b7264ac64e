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
Bytes tile_key(std::uint8_t level, std::uint64_t index);
Bytes subject_key(const Uuid& subject, std::uint64_t seq);

Bytes encode(const EntryIdRow& row);
Result<EntryIdRow> decode_entry_id(BytesView bytes);

struct AccountNumberRow {
  std::uint64_t number = 0;
  std::uint8_t exponent = 0;
};
Bytes encode(const AccountNumberRow& row);
Result<AccountNumberRow> decode_account_number(BytesView bytes);

/// Everything but the number, which is the row's key.
Bytes encode(const Account& account);
Result<Account> decode_account(std::uint64_t number, BytesView bytes);

/// Without the account.
struct BalanceRow {
  AccountBalance balance;
  std::uint32_t since_mark = 0;  ///< entries that touched the account since its last mark
};
Bytes encode(const BalanceRow& row);
Result<BalanceRow> decode_balance(const Account& account, BytesView bytes);

/// A balance of an earlier time, under (account, seq of the entry that touched it last by then).
Bytes mark_key(std::uint64_t account, std::uint64_t last_seq);
/// Totals only; `last_seq` is in the key.
Bytes encode_mark(const AccountBalance& balance);
Result<AccountBalance> decode_mark(const Account& account, std::uint64_t last_seq, BytesView bytes);

/// Time, then hold.
Bytes due_key(const DueHold& due);
Result<DueHold> decode_due_key(BytesView key);

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
