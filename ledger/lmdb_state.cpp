#include "ledger/lmdb_state.h"

#include "ledger/frame.h"

namespace florin::ledger {

Result<std::optional<Bytes>> LmdbState::row(const lmdb::Table& table, TableNumber number,
                                            BytesView key) const {
  FLORIN_TRY(const auto sealed, table.get(transaction_, key));
  if (!sealed.has_value()) return std::optional<Bytes>{};
  FLORIN_TRY(Bytes plain, open_row(keyring_, number, key, *sealed));
  return std::optional<Bytes>(std::move(plain));
}

Result<std::optional<EntryIdRow>> LmdbState::entry_id(const Uuid& id) const {
  FLORIN_TRY(const auto plain, row(tables_.entry_ids, TableNumber::entry_ids, id.view()));
  if (!plain.has_value()) return std::optional<EntryIdRow>{};
  FLORIN_TRY(const EntryIdRow found, decode_entry_id(*plain));
  return std::optional<EntryIdRow>(found);
}

Result<std::optional<AccountBalance>> LmdbState::account(const AccountKey& key) const {
  FLORIN_TRY(const auto plain,
             row(tables_.account_keys, TableNumber::account_keys, account_key_bytes(key)));
  if (!plain.has_value()) return std::optional<AccountBalance>{};
  FLORIN_TRY(const AccountNumberRow found, decode_account_number(*plain));
  FLORIN_TRY(const auto balance, this->balance(found.number));
  if (!balance.has_value() || balance->account.key != key) {
    return Error(Errc::ledger_corrupt, {}, {}, "an account without its row");
  }
  return balance;
}

Result<std::optional<BalanceRow>> LmdbState::balance_row(std::uint64_t account_number) const {
  const Bytes key = seq_key(account_number);
  FLORIN_TRY(const auto plain, row(tables_.accounts, TableNumber::accounts, key));
  if (!plain.has_value()) return std::optional<BalanceRow>{};
  FLORIN_TRY(const Account account, decode_account(account_number, *plain));
  FLORIN_TRY(const auto totals, row(tables_.balances, TableNumber::balances, key));
  if (!totals.has_value()) {
    // Just opened by the entry that is being carried out, or never touched since.
    BalanceRow untouched;
    untouched.balance.account = account;
    return std::optional<BalanceRow>(untouched);
  }
  FLORIN_TRY(const BalanceRow found, decode_balance(account, *totals));
  return std::optional<BalanceRow>(found);
}

Result<std::optional<AccountBalance>> LmdbState::balance(std::uint64_t account_number) const {
  FLORIN_TRY(const auto found, balance_row(account_number));
  if (!found.has_value()) return std::optional<AccountBalance>{};
  return std::optional<AccountBalance>(found->balance);
}

Result<std::optional<verify::Leaf>> LmdbState::leaf(std::uint64_t seq) const {
  if (newest_ != nullptr && newest_->leaf.seq == seq) {
    return std::optional<verify::Leaf>(newest_->leaf);
  }
  FLORIN_TRY(auto found, entry(seq));
  if (!found.has_value()) return std::optional<verify::Leaf>{};
  return std::optional<verify::Leaf>(std::move(found->leaf));
}

Result<bool> LmdbState::is_reversed(std::uint64_t seq) const {
  FLORIN_TRY(const auto sealed, tables_.reversals.get(transaction_, seq_key(seq)));
  return sealed.has_value();
}

Result<std::optional<HoldState>> LmdbState::hold(const Uuid& id) const {
  FLORIN_TRY(const auto plain, row(tables_.holds, TableNumber::holds, id.view()));
  if (!plain.has_value()) return std::optional<HoldState>{};
  FLORIN_TRY(const HoldState found, decode_hold(id, *plain));
  return std::optional<HoldState>(found);
}

Result<std::optional<std::uint64_t>> LmdbState::object_version(ObjectKind kind,
                                                               const Uuid& id) const {
  FLORIN_TRY(const auto plain,
             row(tables_.object_heads, TableNumber::object_heads, object_key(kind, id)));
  if (!plain.has_value()) return std::optional<std::uint64_t>{};
  FLORIN_TRY(const ObjectHead head, decode_object_head(*plain));
  return std::optional<std::uint64_t>(head.version);
}

Result<std::optional<ObjectRow>> LmdbState::object(ObjectKind kind, const Uuid& id) const {
  const Bytes key = object_key(kind, id);
  FLORIN_TRY(const auto plain, row(tables_.object_heads, TableNumber::object_heads, key));
  if (!plain.has_value()) return std::optional<ObjectRow>{};
  FLORIN_TRY(ObjectHead head, decode_object_head(*plain));
  FLORIN_TRY(auto immutable, row(tables_.object_immutables, TableNumber::object_immutables, key));
  return std::optional<ObjectRow>(ObjectRow{kind, id, head.version, head.seq,
                                            std::move(immutable).value_or(Bytes{}),
                                            std::move(head.head)});
}

Result<bool> LmdbState::unique_exists(UniqueTable table, const Key16& key) const {
  FLORIN_TRY(const auto sealed, tables_.uniques.get(transaction_, unique_key(table, key)));
  return sealed.has_value();
}

Result<std::optional<UniqueRow>> LmdbState::unique(UniqueTable table, const Key16& key) const {
  FLORIN_TRY(const auto plain, row(tables_.uniques, TableNumber::uniques, unique_key(table, key)));
  if (!plain.has_value()) return std::optional<UniqueRow>{};
  FLORIN_TRY(UniqueRow found, decode_unique(*plain));
  return std::optional<UniqueRow>(std::move(found));
}

Result<std::optional<IdempotencyRow>> LmdbState::idempotency_row(const Key16& key) const {
  FLORIN_TRY(const auto plain, row(tables_.idempotency, TableNumber::idempotency, key));
  if (!plain.has_value()) return std::optional<IdempotencyRow>{};
  FLORIN_TRY(IdempotencyRow found, decode_idempotency(*plain));
  return std::optional<IdempotencyRow>(std::move(found));
}

Result<std::uint64_t> LmdbState::merchant_seq(const Uuid& merchant) const {
  FLORIN_TRY(const auto plain, row(tables_.merchants, TableNumber::merchants, merchant.view()));
  if (!plain.has_value()) return std::uint64_t{0};
  return decode_number(*plain);
}

Result<std::optional<EntryRecord>> LmdbState::entry(std::uint64_t seq) const {
  FLORIN_TRY(const auto stored, tables_.entries.get(transaction_, seq_key(seq)));
  if (!stored.has_value()) return std::optional<EntryRecord>{};
  ByteReader in(*stored);
  const std::uint64_t segment = in.u64();
  const BytesView frame = in.raw(in.remaining());
  if (!in.ok()) return Error(Errc::ledger_corrupt, {}, {}, "an entry of the database is cut short");
  FLORIN_TRY(const auto keys, keyring_.get(segment));
  FLORIN_TRY(FrameContent content, open_frame(keys->segment.view(), frame));
  FLORIN_TRY(EntryRecord record, decode_entry(std::move(content.leaf), std::move(content.body)));
  if (record.leaf.seq != seq) {
    return Error(Errc::ledger_corrupt, {}, {},
                 "an entry of the database stands in another's place");
  }
  return std::optional<EntryRecord>(std::move(record));
}

}  // namespace florin::ledger
