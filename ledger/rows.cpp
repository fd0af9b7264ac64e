#include "ledger/rows.h"

#include "ledger/limits.h"

namespace florin::ledger {
namespace {

void write_u128(ByteWriter& out, Uint128 value) {
  out.u64(static_cast<std::uint64_t>(value));
  out.u64(static_cast<std::uint64_t>(value >> 64U));
}

Uint128 read_u128(ByteReader& in) {
  const Uint128 low = in.u64();
  return (Uint128{in.u64()} << 64U) | low;
}

void write_totals(ByteWriter& out, const AccountBalance& balance) {
  write_u128(out, balance.debits_posted);
  write_u128(out, balance.credits_posted);
  write_u128(out, balance.debits_pending);
  write_u128(out, balance.credits_pending);
}

void read_totals(ByteReader& in, AccountBalance& balance) {
  balance.debits_posted = read_u128(in);
  balance.credits_posted = read_u128(in);
  balance.debits_pending = read_u128(in);
  balance.credits_pending = read_u128(in);
}

template <class Row>
Result<Row> finish(const ByteReader& in, Row row) {
  if (!in.done()) return Error(Errc::ledger_record_invalid, {}, {}, "a row of the database");
  return row;
}

}  // namespace

Bytes seq_key(std::uint64_t seq) {
  ByteWriter out;
  out.u64_be(seq);
  return std::move(out).take();
}

Bytes account_key_bytes(const AccountKey& key) {
  ByteWriter out;
  out.u16_be(static_cast<std::uint16_t>(key.code));
  out.u16_be(key.asset);
  out.raw(key.owner.view());
  return std::move(out).take();
}

Bytes object_key(ObjectKind kind, const Uuid& id) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(kind));
  out.raw(id.view());
  return std::move(out).take();
}

Bytes unique_key(UniqueTable table, const Key16& key) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(table));
  out.raw(key);
  return std::move(out).take();
}

Bytes outbox_key(std::uint64_t seq, std::uint32_t index) {
  ByteWriter out;
  out.u64_be(seq);
  out.u32_be(index);
  return std::move(out).take();
}

Bytes index_key(IndexNumber number, BytesView key) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(number));
  out.raw(key);
  return std::move(out).take();
}

Bytes tile_key(std::uint8_t level, std::uint64_t index) {
  ByteWriter out;
  out.u8(level);
  out.u64_be(index);
  return std::move(out).take();
}

Bytes subject_key(const Uuid& subject, std::uint64_t seq) {
  ByteWriter out;
  out.raw(subject.view());
  out.u64_be(seq);
  return std::move(out).take();
}

Bytes encode(const EntryIdRow& row) {
  ByteWriter out;
  out.u64(row.seq);
  out.i64(row.booked_at);
  out.raw(row.fingerprint);
  return std::move(out).take();
}

Result<EntryIdRow> decode_entry_id(BytesView bytes) {
  ByteReader in(bytes);
  EntryIdRow row;
  row.seq = in.u64();
  row.booked_at = in.i64();
  row.fingerprint = in.array<16>();
  return finish(in, row);
}

Bytes encode(const AccountNumberRow& row) {
  ByteWriter out;
  out.u64(row.number);
  out.u8(row.exponent);
  return std::move(out).take();
}

Result<AccountNumberRow> decode_account_number(BytesView bytes) {
  ByteReader in(bytes);
  AccountNumberRow row;
  row.number = in.u64();
  row.exponent = in.u8();
  return finish(in, row);
}

Bytes encode(const Account& account) {
  ByteWriter out;
  out.raw(account_key_bytes(account.key));
  out.u8(account.exponent);
  out.u64(account.parent);
  out.u64(account.opened_seq);
  return std::move(out).take();
}

Result<Account> decode_account(std::uint64_t number, BytesView bytes) {
  ByteReader in(bytes);
  Account account;
  account.number = number;
  account.key.code = static_cast<AccountCode>(in.u16_be());
  account.key.asset = in.u16_be();
  account.key.owner = Uuid{in.array<16>()};
  account.exponent = in.u8();
  account.parent = in.u64();
  account.opened_seq = in.u64();
  return finish(in, account);
}

Bytes encode(const BalanceRow& row) {
  ByteWriter out;
  write_totals(out, row.balance);
  out.u64(row.balance.last_seq);
  out.u32(row.balance.flags);
  out.u32(row.since_mark);
  return std::move(out).take();
}

Result<BalanceRow> decode_balance(const Account& account, BytesView bytes) {
  ByteReader in(bytes);
  BalanceRow row;
  row.balance.account = account;
  read_totals(in, row.balance);
  row.balance.last_seq = in.u64();
  row.balance.flags = in.u32();
  row.since_mark = in.u32();
  return finish(in, row);
}

Bytes mark_key(std::uint64_t account, std::uint64_t last_seq) {
  ByteWriter out;
  out.u64_be(account);
  out.u64_be(last_seq);
  return std::move(out).take();
}

Bytes encode_mark(const AccountBalance& balance) {
  ByteWriter out;
  write_totals(out, balance);
  return std::move(out).take();
}

Result<AccountBalance> decode_mark(const Account& account, std::uint64_t last_seq,
                                   BytesView bytes) {
  ByteReader in(bytes);
  AccountBalance balance;
  balance.account = account;
  read_totals(in, balance);
  balance.last_seq = last_seq;
  return finish(in, balance);
}

Bytes due_key(const DueHold& due) {
  ByteWriter out;
  out.u64_be(static_cast<std::uint64_t>(due.expires_at));
  out.raw(due.hold.view());
  return std::move(out).take();
}

Result<DueHold> decode_due_key(BytesView key) {
  ByteReader in(key);
  DueHold due;
  due.expires_at = static_cast<UnixNanos>(in.u64_be());
  due.hold = Uuid{in.array<16>()};
  return finish(in, due);
}

Bytes encode(const HoldState& hold) {
  ByteWriter out;
  out.u16(hold.asset);
  out.u64(hold.authorized);
  out.u64(hold.captured);
  out.u64(hold.released);
  out.u64(hold.refunded);
  out.i64(hold.expires_at);
  out.u8(hold.limit_passed ? 1 : 0);
  out.u8(static_cast<std::uint8_t>(hold.legs.size()));
  for (const HoldLeg& leg : hold.legs) {
    out.u64(leg.account);
    out.raw(leg.party.view());
    write_u128(out, static_cast<Uint128>(leg.net));
  }
  return std::move(out).take();
}

Result<HoldState> decode_hold(const Uuid& id, BytesView bytes) {
  ByteReader in(bytes);
  HoldState hold;
  hold.id = id;
  hold.asset = in.u16();
  hold.authorized = in.u64();
  hold.captured = in.u64();
  hold.released = in.u64();
  hold.refunded = in.u64();
  hold.expires_at = in.i64();
  hold.limit_passed = in.u8() != 0;
  const std::size_t legs = in.u8();
  for (std::size_t i = 0; i < legs && in.ok(); ++i) {
    HoldLeg leg;
    leg.account = in.u64();
    leg.party = Uuid{in.array<16>()};
    leg.net = static_cast<Int128>(read_u128(in));
    hold.legs.push_back(leg);
  }
  return finish(in, std::move(hold));
}

Bytes encode(const ObjectHead& row) {
  ByteWriter out;
  out.u64(row.version);
  out.u64(row.seq);
  out.sized(row.head);
  return std::move(out).take();
}

Result<ObjectHead> decode_object_head(BytesView bytes) {
  ByteReader in(bytes);
  ObjectHead row;
  row.version = in.u64();
  row.seq = in.u64();
  row.head = to_bytes(in.sized(kMaxHeadBytes));
  return finish(in, std::move(row));
}

Bytes encode(const UniqueRow& row) {
  ByteWriter out;
  out.u64(row.seq);
  out.sized(row.value);
  return std::move(out).take();
}

Result<UniqueRow> decode_unique(BytesView bytes) {
  ByteReader in(bytes);
  UniqueRow row;
  row.seq = in.u64();
  row.value = to_bytes(in.sized(kMaxUniqueValueBytes));
  return finish(in, std::move(row));
}

Bytes encode(const IdempotencyRow& row) {
  ByteWriter out;
  out.raw(row.fingerprint);
  out.u8(row.answered ? 1 : 0);
  out.u64(row.seq);
  out.raw(row.resource.view());
  out.u16(row.http_status);
  out.i64(row.expires_at);
  return std::move(out).take();
}

Result<IdempotencyRow> decode_idempotency(BytesView bytes) {
  ByteReader in(bytes);
  IdempotencyRow row;
  row.fingerprint = in.array<16>();
  row.answered = in.u8() != 0;
  row.seq = in.u64();
  row.resource = Uuid{in.array<16>()};
  row.http_status = in.u16();
  row.expires_at = in.i64();
  return finish(in, std::move(row));
}

Bytes encode(const IndexTarget& row) {
  return object_key(row.kind, row.id);
}

Result<IndexTarget> decode_index_target(BytesView bytes) {
  ByteReader in(bytes);
  IndexTarget row;
  row.kind = static_cast<ObjectKind>(in.u8());
  row.id = Uuid{in.array<16>()};
  return finish(in, row);
}

Bytes encode_number(std::uint64_t value) {
  ByteWriter out;
  out.u64(value);
  return std::move(out).take();
}

Result<std::uint64_t> decode_number(BytesView bytes) {
  ByteReader in(bytes);
  const std::uint64_t value = in.u64();
  return finish(in, value);
}

}  // namespace florin::ledger
