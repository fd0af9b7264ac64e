#pragma once
/// Conversions between views and MDB_val; private to the room.
#include <lmdb.h>

#include "base/bytes.h"

namespace florin::lmdb {

// LMDB takes non-const pointers also for what it only reads.
inline MDB_val value_of(BytesView bytes) {
  return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())};  // NOLINT(*const-cast*)
}
inline BytesView bytes_of(const MDB_val& value) {
  return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size};
}

}  // namespace florin::lmdb
