#include "ledger/tables.h"

#include <algorithm>

#include "base/aead.h"
#include "base/hash.h"
#include "ledger/lmdb/cursor.h"

namespace florin::ledger {
namespace {

constexpr std::uint32_t kFormat =
    3;  // 3: flags, marks, legs, due holds, reversals, tiles, subjects
constexpr std::size_t kRowHeaderBytes = 20;
constexpr std::string_view kTipKey = "tip";

AeadNonce nonce_of(std::uint32_t row, std::uint64_t frame) {
  ByteWriter out;
  out.u32_be(row);
  out.u64_be(frame);
  AeadNonce nonce{};
  std::copy_n(out.view().begin(), nonce.size(), nonce.begin());
  return nonce;
}

Bytes bound_to(TableNumber table, BytesView key) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(table));
  out.raw(key);
  return std::move(out).take();
}

BytesView row_key(const SegmentKeys& keys, TableNumber table) {
  return table == TableNumber::index ? keys.index.view() : keys.projection.view();
}

}  // namespace

Result<Tables> Tables::open(lmdb::WriteTransaction& transaction) {
  using lmdb::AppendDbi;
  using lmdb::StateDbi;
  FLORIN_TRY(const AppendDbi entries, AppendDbi::open(transaction, "entries"));
  FLORIN_TRY(const AppendDbi entry_ids, AppendDbi::open(transaction, "entry_ids"));
  FLORIN_TRY(const AppendDbi accounts, AppendDbi::open(transaction, "accounts"));
  FLORIN_TRY(const AppendDbi account_keys, AppendDbi::open(transaction, "account_keys"));
  FLORIN_TRY(const StateDbi balances, StateDbi::open(transaction, "balances"));
  FLORIN_TRY(const StateDbi holds, StateDbi::open(transaction, "holds"));
  FLORIN_TRY(const StateDbi object_heads, StateDbi::open(transaction, "object_heads"));
  FLORIN_TRY(const AppendDbi immutables, AppendDbi::open(transaction, "object_immutables"));
  FLORIN_TRY(const AppendDbi uniques, AppendDbi::open(transaction, "uniques"));
  FLORIN_TRY(const StateDbi idempotency, StateDbi::open(transaction, "idempotency"));
  FLORIN_TRY(const AppendDbi outbox, AppendDbi::open(transaction, "outbox"));
  FLORIN_TRY(const StateDbi merchants, StateDbi::open(transaction, "merchants"));
  FLORIN_TRY(const StateDbi index, StateDbi::open(transaction, "index"));
  FLORIN_TRY(const AppendDbi marks, AppendDbi::open(transaction, "balance_marks"));
  FLORIN_TRY(const StateDbi due_holds, StateDbi::open(transaction, "due_holds"));
  FLORIN_TRY(const AppendDbi reversals, AppendDbi::open(transaction, "reversals"));
  FLORIN_TRY(const StateDbi meta, StateDbi::open(transaction, "meta"));
  FLORIN_TRY(const AppendDbi tiles, AppendDbi::open(transaction, "tiles"));
  FLORIN_TRY(const AppendDbi subjects, AppendDbi::open(transaction, "subjects"));
  return Tables{entries,    entry_ids, accounts,    account_keys, balances,  holds, object_heads,
                immutables, uniques,   idempotency, outbox,       merchants, index, marks,
                due_holds,  reversals, meta,        tiles,        subjects};
}

Bytes RowSealer::seal(TableNumber table, BytesView key, BytesView plain) {
  // Index rows count on their own: they depend on the projectors, the others on the log alone.
  const std::uint32_t row = table == TableNumber::index ? next_index_row_++ : next_row_++;
  ByteWriter out;
  out.u64(segment_);
  out.u64(frame_);
  out.u32(row);
  out.raw(aead_seal(row_key(*keys_, table), nonce_of(row, frame_), bound_to(table, key), plain));
  return std::move(out).take();
}

Result<Bytes> open_row(const SegmentKeyring& keyring, TableNumber table, BytesView key,
                       BytesView row) {
  ByteReader in(row);
  const std::uint64_t segment = in.u64();
  const std::uint64_t frame = in.u64();
  const std::uint32_t number = in.u32();
  if (!in.ok()) return Error(Errc::ledger_corrupt, {}, {}, "a row is cut short");
  FLORIN_TRY(const auto keys, keyring.get(segment));
  return aead_open(row_key(*keys, table), nonce_of(number, frame), bound_to(table, key),
                   row.subspan(kRowHeaderBytes));
}

std::uint64_t row_sum(BytesView key, BytesView sealed) noexcept {
  constexpr std::size_t kTagBytes = 16;
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;  // odd: different keys stay different
  const std::size_t taken = std::min(sealed.size(), kTagBytes);
  ByteReader tag(sealed.last(taken));
  return tag.u64() + (crc32c(key) + std::uint64_t{1}) * kSpread;
}

Result<std::uint64_t> sum_of_rows(const lmdb::Transaction& transaction, const Tables& tables) {
  std::uint64_t sum = 0;
  for (const lmdb::Table* table : std::initializer_list<const lmdb::Table*>{
           &tables.entries, &tables.entry_ids, &tables.accounts, &tables.account_keys,
           &tables.balances, &tables.holds, &tables.object_heads, &tables.object_immutables,
           &tables.uniques, &tables.idempotency, &tables.outbox, &tables.merchants, &tables.index,
           &tables.balance_marks, &tables.due_holds, &tables.reversals, &tables.tiles,
           &tables.subjects}) {
    FLORIN_TRY(auto cursor, lmdb::Cursor::open(transaction, *table));
    FLORIN_TRY(auto at, cursor.first());
    while (at.has_value()) {
      sum += row_sum(at->key, at->value);
      FLORIN_TRY(at, cursor.next());
    }
  }
  return sum;
}

Result<void> write_tip(lmdb::WriteTransaction& transaction, const Tables& tables, const Tip& tip,
                       std::uint32_t projector_version) {
  ByteWriter out;
  out.u32(kFormat);
  out.u32(projector_version);
  out.u64(tip.next_seq);
  out.i64(tip.booked_at);
  out.raw(tip.leaf_hash);
  out.u64(tip.next_account);
  out.u64(tip.rows_sum);
  out.i64(tip.clock);
  out.u8(tip.locked_through.has_value() ? 1 : 0);
  out.u32(static_cast<std::uint32_t>(tip.locked_through.value_or(0)));
  out.u8(tip.recovering ? 1 : 0);
  out.u32(crc32c(out.view()));
  return tables.meta.put(transaction, view_of(kTipKey), out.view());
}

namespace {

Error made_by_another_version() {
  return {Errc::ledger_mismatch, {}, {}, "the database was made by another version"};
}

}  // namespace

Result<std::optional<Tip>> read_tip(const lmdb::Transaction& transaction, const Tables& tables,
                                    std::uint32_t projector_version) {
  FLORIN_TRY(const auto row, tables.meta.get(transaction, view_of(kTipKey)));
  if (!row.has_value()) return std::optional<Tip>{};
  ByteReader in(*row);
  const std::uint32_t format = in.u32();
  const std::uint32_t version = in.u32();
  if (in.ok() && format != kFormat) return made_by_another_version();
  Tip tip;
  tip.next_seq = in.u64();
  tip.booked_at = in.i64();
  tip.leaf_hash = in.array<32>();
  tip.next_account = in.u64();
  tip.rows_sum = in.u64();
  tip.clock = in.i64();
  const bool locked = in.u8() != 0;
  const auto locked_through = static_cast<std::int32_t>(in.u32());
  if (locked) tip.locked_through = locked_through;
  tip.recovering = in.u8() != 0;
  const std::uint32_t crc = in.u32();
  if (!in.done() || crc32c(row->first(row->size() - sizeof(crc))) != crc) {
    return Error(Errc::ledger_corrupt, {}, {}, "the row that tells how far the database is");
  }
  if (version != projector_version) return made_by_another_version();
  return std::optional<Tip>(tip);
}

}  // namespace florin::ledger
