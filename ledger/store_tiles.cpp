#include <algorithm>

#include "ledger/limits.h"
#include "ledger/lmdb/cursor.h"
#include "ledger/store.h"
#include "ledger/tiles.h"

namespace florin::ledger {

Result<std::vector<Hash32>> Store::full_tile(std::uint8_t level, std::uint64_t index) const {
  FLORIN_TRY(const auto transaction, environment_->read());
  const Bytes key = tile_key(level, index);
  FLORIN_TRY(const auto row, tables_.tiles.get(transaction, key));
  if (!row.has_value()) {
    return Error(Errc::ledger_corrupt, {}, {}, "a tile of the tree is missing");
  }
  FLORIN_TRY(const Bytes plain, open_row(keyring_, TableNumber::tiles, key, *row));
  return decode_full_tile(plain);
}

Result<std::vector<std::uint64_t>> Store::entries_about(const Uuid& subject,
                                                        std::optional<std::uint64_t> after,
                                                        std::size_t limit) const {
  std::vector<std::uint64_t> found;
  if (after == UINT64_MAX) return found;
  FLORIN_TRY(const auto transaction, environment_->read());
  FLORIN_TRY(auto cursor, lmdb::Cursor::open(transaction, tables_.subjects));
  const Bytes from = subject_key(subject, after.has_value() ? *after + 1 : 0);
  FLORIN_TRY(auto at, cursor.at_or_after(from));
  while (at.has_value() && found.size() < std::min(limit, kMaxReadRows)) {
    ByteReader key(at->key);
    Uuid about;
    about.bytes = key.array<16>();
    const std::uint64_t seq = key.u64_be();
    if (!key.done() || about != subject) break;
    FLORIN_TRY_VOID(open_row(keyring_, TableNumber::subjects, at->key, at->value));
    found.push_back(seq);
    FLORIN_TRY(at, cursor.next());
  }
  return found;
}

}  // namespace florin::ledger
