#pragma once
/// Named tables. The class decides what can be done to a row: `AppendDbi` rows are written once.
#include <optional>

#include "base/bytes.h"
#include "ledger/lmdb/transaction.h"

namespace florin::lmdb {

/// What every table can do: be read. Handles are plain values, valid as long as the environment.
/// Keys are 1 to 511 bytes.
class Table {
 public:
  /// The value lives until the transaction ends, in a write transaction until the next write.
  [[nodiscard]] Result<std::optional<BytesView>> get(const Transaction& transaction,
                                                     BytesView key) const;
  [[nodiscard]] Result<std::uint64_t> count(const Transaction& transaction) const;

 protected:
  explicit Table(unsigned handle) noexcept : handle_(handle) {}
  static Result<unsigned> open_handle(WriteTransaction& transaction, const char* name);
  static Result<void> put_row(WriteTransaction& transaction, unsigned handle, BytesView key,
                              BytesView value, unsigned flags);
  unsigned handle_;

 private:
  friend class Cursor;
};

/// Rows are added, never changed, never removed: there is no member for it.
class AppendDbi final : public Table {
 public:
  /// Opens or creates. The handle counts once `transaction` is committed (and within it before).
  static Result<AppendDbi> open(WriteTransaction& transaction, const char* name);
  /// Adds behind the last key. Error: `unique_violation` when `key` does not sort behind it.
  Result<void> append(WriteTransaction& transaction, BytesView key, BytesView value) const;
  /// Adds anywhere. Error: `unique_violation` when the key exists.
  Result<void> insert(WriteTransaction& transaction, BytesView key, BytesView value) const;

 private:
  using Table::Table;
};

/// Rows hold present state.
class StateDbi final : public Table {
 public:
  static Result<StateDbi> open(WriteTransaction& transaction, const char* name);
  /// Adds or replaces.
  Result<void> put(WriteTransaction& transaction, BytesView key, BytesView value) const;
  /// True when there was such a row.
  Result<bool> erase(WriteTransaction& transaction, BytesView key) const;

 private:
  using Table::Table;
};

}  // namespace florin::lmdb
