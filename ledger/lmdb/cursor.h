#pragma once
/// A position in a table, for range scans.
#include <optional>

#include "ledger/lmdb/table.h"

struct MDB_cursor;

namespace florin::lmdb {

/// Walks rows in key order. Must be gone before its transaction ends; the transaction asserts it.
class Cursor {
 public:
  struct Row {
    BytesView key;
    BytesView value;
  };
  using Found = Result<std::optional<Row>>;

  /// A temporary transaction is refused at compile time.
  static Result<Cursor> open(const Transaction& transaction, const Table& table);
  static Result<Cursor> open(const Transaction&& transaction, const Table& table) = delete;
  Cursor(Cursor&& other) noexcept;
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  Cursor& operator=(Cursor&&) = delete;
  ~Cursor();

  /// Each returns the row it moved to, nothing when there is none.
  Found first();
  Found last();
  Found at_or_after(BytesView key);
  /// Strictly before.
  Found before(BytesView key);
  Found next();
  Found previous();

 private:
  Cursor(const Transaction& transaction, MDB_cursor* handle) noexcept;
  Found move(int operation, BytesView key);
  const Transaction* transaction_;
  MDB_cursor* handle_;
};

}  // namespace florin::lmdb
