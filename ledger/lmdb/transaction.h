#pragma once
/// Transactions. Reading and writing are different types, so that what only reads cannot write.
#include "base/result.h"

struct MDB_txn;

namespace florin::lmdb {

/// What both kinds share: being able to read. Ends (without effect) when destroyed; all cursors
/// must be gone by then. Used by one thread at a time.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;

 protected:
  explicit Transaction(MDB_txn* handle) noexcept : handle_(handle) {}
  Transaction(Transaction&& other) noexcept;
  ~Transaction();

  MDB_txn* handle_;
  mutable int cursors_ = 0;

 private:
  friend class Table;
  friend class AppendDbi;
  friend class StateDbi;
  friend class Cursor;
};

/// A snapshot of the last commit. Keep it short: it pins every page freed since.
class ReadTransaction final : public Transaction {
  friend class Environment;
  using Transaction::Transaction;
};

/// The only writer of the environment while it lives. Dropped without commit: nothing happened.
class WriteTransaction final : public Transaction {
 public:
  /// Makes the changes durable and visible. The transaction is over whatever the result. After an
  /// error the state of the file is unknown until it is opened again: callers must stop.
  Result<void> commit();

 private:
  friend class Environment;
  using Transaction::Transaction;
};

}  // namespace florin::lmdb
