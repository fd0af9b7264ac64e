#pragma once
/// The tables of LMDB and how their rows are sealed; private to the room.
///
/// A row is sealed under a key of the segment whose entry wrote it, with a nonce made of the
/// frame's number and the row's number within the entry. All of that follows from the log, so a
/// rebuilt database has the same bytes, and a ledger that was restored and went another way (a new
/// segment, so a new key) never uses a nonce twice.
#include "ledger/lmdb/environment.h"
#include "ledger/lmdb/table.h"
#include "ledger/segment_keys.h"
#include "ledger/state.h"

namespace florin::ledger {

/// Part of what a row is bound to; never renumbered.
enum class TableNumber : std::uint8_t {
  entry_ids = 1,
  accounts = 2,
  account_keys = 3,
  balances = 4,
  holds = 5,
  object_heads = 6,
  object_immutables = 7,
  uniques = 8,
  idempotency = 9,
  outbox = 10,
  merchants = 11,
  index = 12,
  balance_marks = 13,
  due_holds = 14,
  reversals = 15,
  tiles = 20,
  subjects = 21,
};

struct Tables {
  lmdb::AppendDbi entries;  ///< seq BE -> segment number u64, frame as in the log
  lmdb::AppendDbi entry_ids;
  lmdb::AppendDbi accounts;
  lmdb::AppendDbi account_keys;
  lmdb::StateDbi balances;
  lmdb::StateDbi holds;
  lmdb::StateDbi object_heads;
  lmdb::AppendDbi object_immutables;
  lmdb::AppendDbi uniques;
  lmdb::StateDbi idempotency;
  lmdb::AppendDbi outbox;
  lmdb::StateDbi merchants;
  lmdb::StateDbi index;
  lmdb::AppendDbi balance_marks;
  lmdb::StateDbi due_holds;
  lmdb::AppendDbi reversals;  ///< seq of the reversed entry -> seq of its reversal
  lmdb::StateDbi meta;
  lmdb::AppendDbi tiles;     ///< see tiles.h; only full ones
  lmdb::AppendDbi subjects;  ///< subject, seq BE -> nothing; no rows for nil

  static Result<Tables> open(lmdb::WriteTransaction& transaction);
};

/// Seals the rows that one entry writes, in the order of its rows.
class RowSealer {
 public:
  RowSealer(std::shared_ptr<const SegmentKeys> keys, std::uint64_t segment, std::uint64_t frame)
      : keys_(std::move(keys)), segment_(segment), frame_(frame) {}
  Bytes seal(TableNumber table, BytesView key, BytesView plain);

 private:
  std::shared_ptr<const SegmentKeys> keys_;
  std::uint64_t segment_;
  std::uint64_t frame_;
  std::uint32_t next_row_ = 0;
  std::uint32_t next_index_row_ = 0;
};

/// Errors: `ledger_corrupt`, `decryption_failed`.
Result<Bytes> open_row(const SegmentKeyring& keyring, TableNumber table, BytesView key,
                       BytesView row);

/// What one row adds to the sum over all rows, modulo 2^64. It takes the key and the tag that seals
/// the value, so a row that is missing, under another key or older than the last commit shows in
/// the sum; a damaged value shows when it is opened.
[[nodiscard]] std::uint64_t row_sum(BytesView key, BytesView sealed) noexcept;
/// The sum over all tables but `meta`.
Result<std::uint64_t> sum_of_rows(const lmdb::Transaction& transaction, const Tables& tables);

/// The row of the table `meta`: how far the database is.
Result<void> write_tip(lmdb::WriteTransaction& transaction, const Tables& tables, const Tip& tip,
                       std::uint32_t projector_version);
/// Nothing when the database is new. Error: `ledger_mismatch` when it was made by other projectors
/// or another format, `ledger_corrupt`.
Result<std::optional<Tip>> read_tip(const lmdb::Transaction& transaction, const Tables& tables,
                                    std::uint32_t projector_version);

}  // namespace florin::ledger
