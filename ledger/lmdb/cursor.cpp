#include "ledger/lmdb/cursor.h"

#include <utility>

#include "ledger/lmdb/lmdb_error.h"
#include "ledger/lmdb/values.h"

namespace florin::lmdb {

Cursor::Cursor(const Transaction& transaction, MDB_cursor* handle) noexcept
    : transaction_(&transaction), handle_(handle) {
  ++transaction_->cursors_;
}

Cursor::Cursor(Cursor&& other) noexcept
    : transaction_(other.transaction_), handle_(std::exchange(other.handle_, nullptr)) {}

Cursor::~Cursor() {
  if (handle_ == nullptr) return;
  mdb_cursor_close(handle_);
  --transaction_->cursors_;
}

Result<Cursor> Cursor::open(const Transaction& transaction, const Table& table) {
  FLORIN_ASSERT(transaction.handle_ != nullptr);
  MDB_cursor* handle = nullptr;
  if (const int code = mdb_cursor_open(transaction.handle_, table.handle_, &handle); code != 0) {
    return lmdb_error(code, "open cursor");
  }
  return Cursor(transaction, handle);
}

Cursor::Found Cursor::move(int operation, BytesView key) {
  MDB_val key_value = value_of(key);
  MDB_val value{};
  const int code =
      mdb_cursor_get(handle_, &key_value, &value, static_cast<MDB_cursor_op>(operation));
  if (code == MDB_NOTFOUND) return std::optional<Row>{};
  if (code != 0) return lmdb_error(code, "cursor");
  return std::optional<Row>(Row{bytes_of(key_value), bytes_of(value)});
}

Cursor::Found Cursor::first() {
  return move(MDB_FIRST, {});
}
Cursor::Found Cursor::last() {
  return move(MDB_LAST, {});
}
Cursor::Found Cursor::next() {
  return move(MDB_NEXT, {});
}
Cursor::Found Cursor::previous() {
  return move(MDB_PREV, {});
}

Cursor::Found Cursor::at_or_after(BytesView key) {
  return key.empty() ? first() : move(MDB_SET_RANGE, key);
}

Cursor::Found Cursor::before(BytesView key) {
  FLORIN_TRY(const std::optional<Row> found, at_or_after(key));
  return found.has_value() ? previous() : last();
}

}  // namespace florin::lmdb
