#pragma once
/// What rules are checked against: the present state, including commands of the same batch that are
/// not durable yet.
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "ledger/ledger.h"
#include "ledger/verify/leaf.h"

namespace florin::ledger {

/// Where the ledger stands: what the next entry continues.
struct Tip {
  std::uint64_t next_seq = 0;
  UnixNanos booked_at = 0;         ///< of the last entry
  Hash32 leaf_hash{};              ///< of the last entry, zero when there is none
  std::uint64_t next_account = 1;  ///< number for the next account to be opened
  std::uint64_t rows_sum = 0;      ///< of all rows of the database, see row_sum() in tables.h
  UnixNanos clock = 0;             ///< of the last clock entry
  std::optional<std::int32_t> locked_through{};
  bool recovering = false;
  bool operator==(const Tip&) const = default;
};

/// What is kept of every entry id, for ever.
struct EntryIdRow {
  std::uint64_t seq = 0;
  UnixNanos booked_at = 0;
  Key16 fingerprint{};
};

/// Read-only view of the state. Every read may fail: rows are sealed and stored.
class StateView {
 public:
  virtual ~StateView() = default;
  [[nodiscard]] virtual const Tip& tip() const = 0;
  [[nodiscard]] virtual Result<std::optional<EntryIdRow>> entry_id(const Uuid& id) const = 0;
  /// Account with its totals.
  [[nodiscard]] virtual Result<std::optional<AccountBalance>> account(
      const AccountKey& key) const = 0;
  /// The same by number.
  [[nodiscard]] virtual Result<std::optional<AccountBalance>> balance(
      std::uint64_t account_number) const = 0;
  /// The leaf of an entry.
  [[nodiscard]] virtual Result<std::optional<verify::Leaf>> leaf(std::uint64_t seq) const = 0;
  [[nodiscard]] virtual Result<bool> is_reversed(std::uint64_t seq) const = 0;
  [[nodiscard]] virtual Result<std::optional<HoldState>> hold(const Uuid& id) const = 0;
  /// Present version of an object; nothing when it was never created.
  [[nodiscard]] virtual Result<std::optional<std::uint64_t>> object_version(
      ObjectKind kind, const Uuid& id) const = 0;
  [[nodiscard]] virtual Result<bool> unique_exists(UniqueTable table, const Key16& key) const = 0;
  /// Without the stored answer.
  [[nodiscard]] virtual Result<std::optional<IdempotencyRow>> idempotency_row(
      const Key16& key) const = 0;
  /// Number of the last event of a merchant, 0 when there is none.
  [[nodiscard]] virtual Result<std::uint64_t> merchant_seq(const Uuid& merchant) const = 0;
};

}  // namespace florin::ledger
