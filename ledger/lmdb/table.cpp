#include "ledger/lmdb/table.h"

#include <string>

#include "ledger/lmdb/lmdb_error.h"
#include "ledger/lmdb/values.h"

namespace florin::lmdb {

Result<std::optional<BytesView>> Table::get(const Transaction& transaction, BytesView key) const {
  FLORIN_ASSERT(transaction.handle_ != nullptr);
  MDB_val key_value = value_of(key);
  MDB_val value{};
  const int code = mdb_get(transaction.handle_, handle_, &key_value, &value);
  if (code == MDB_NOTFOUND) return std::optional<BytesView>{};
  if (code != 0) return lmdb_error(code, "get");
  return std::optional<BytesView>(bytes_of(value));
}

Result<std::uint64_t> Table::count(const Transaction& transaction) const {
  FLORIN_ASSERT(transaction.handle_ != nullptr);
  MDB_stat stat{};
  if (const int code = mdb_stat(transaction.handle_, handle_, &stat); code != 0) {
    return lmdb_error(code, "stat");
  }
  return std::uint64_t{stat.ms_entries};
}

Result<unsigned> Table::open_handle(WriteTransaction& transaction, const char* name) {
  const Transaction& base = transaction;
  FLORIN_ASSERT(base.handle_ != nullptr);
  MDB_dbi handle = 0;
  if (const int code = mdb_dbi_open(base.handle_, name, MDB_CREATE, &handle); code != 0) {
    return lmdb_error(code, std::string("open table ") + name);
  }
  return handle;
}

Result<void> Table::put_row(WriteTransaction& transaction, unsigned handle, BytesView key,
                            BytesView value, unsigned flags) {
  const Transaction& base = transaction;
  FLORIN_ASSERT(base.handle_ != nullptr);
  MDB_val key_value = value_of(key);
  MDB_val data = value_of(value);
  if (const int code = mdb_put(base.handle_, handle, &key_value, &data, flags); code != 0) {
    return lmdb_error(code, "put");
  }
  return {};
}

Result<AppendDbi> AppendDbi::open(WriteTransaction& transaction, const char* name) {
  FLORIN_TRY(const unsigned handle, open_handle(transaction, name));
  return AppendDbi(handle);
}

Result<void> AppendDbi::append(WriteTransaction& transaction, BytesView key,
                               BytesView value) const {
  return put_row(transaction, handle_, key, value, MDB_APPEND);
}

Result<void> AppendDbi::insert(WriteTransaction& transaction, BytesView key,
                               BytesView value) const {
  return put_row(transaction, handle_, key, value, MDB_NOOVERWRITE);
}

Result<StateDbi> StateDbi::open(WriteTransaction& transaction, const char* name) {
  FLORIN_TRY(const unsigned handle, open_handle(transaction, name));
  return StateDbi(handle);
}

Result<void> StateDbi::put(WriteTransaction& transaction, BytesView key, BytesView value) const {
  return put_row(transaction, handle_, key, value, 0);
}

Result<bool> StateDbi::erase(WriteTransaction& transaction, BytesView key) const {
  const Transaction& base = transaction;
  FLORIN_ASSERT(base.handle_ != nullptr);
  MDB_val key_value = value_of(key);
  const int code = mdb_del(base.handle_, handle_, &key_value, nullptr);
  if (code == MDB_NOTFOUND) return false;
  if (code != 0) return lmdb_error(code, "del");
  return true;
}

}  // namespace florin::lmdb
