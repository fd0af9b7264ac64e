#include "ledger/lmdb/transaction.h"

#include <lmdb.h>

#include <utility>

#include "ledger/lmdb/lmdb_error.h"

namespace florin::lmdb {

Transaction::Transaction(Transaction&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)) {
  FLORIN_ASSERT(other.cursors_ == 0);
}

Transaction::~Transaction() {
  FLORIN_ASSERT(cursors_ == 0);
  if (handle_ != nullptr) mdb_txn_abort(handle_);
}

Result<void> WriteTransaction::commit() {
  FLORIN_ASSERT(handle_ != nullptr && cursors_ == 0);
  const int code = mdb_txn_commit(std::exchange(handle_, nullptr));
  if (code != 0) return lmdb_error(code, "commit");
  return {};
}

}  // namespace florin::lmdb
