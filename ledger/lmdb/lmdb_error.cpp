#include "ledger/lmdb/lmdb_error.h"

#include <lmdb.h>

#include <string>

namespace florin::lmdb {
namespace {

Errc errc_of(int code) {
  switch (code) {
    case MDB_KEYEXIST:
      return Errc::unique_violation;
    case MDB_NOTFOUND:
      return Errc::not_found;
    case MDB_READERS_FULL:
      return Errc::overloaded;
    case MDB_BAD_VALSIZE:
      return Errc::value_too_long;
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_PANIC:
    case MDB_VERSION_MISMATCH:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
      return Errc::ledger_corrupt;
    default:
      return Errc::io_failure;  // MDB_MAP_FULL and every errno: the store cannot be written or read
  }
}

}  // namespace

Error lmdb_error(int code, std::string_view action) {
  return Error(errc_of(code), {}, {},
               std::string(action) + ": " + mdb_strerror(code) + " (" + std::to_string(code) + ")");
}

}  // namespace florin::lmdb
