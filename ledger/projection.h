#pragma once
/// Carries accepted entries out on LMDB. The same code runs when an entry is made and when it is
/// replayed, and it looks at nothing but the entry and the state: that is why a rebuilt database
/// has the same bytes. Private to the room.
#include "ledger/apply.h"
#include "ledger/projector.h"
#include "ledger/tables.h"
#include "ledger/tiles.h"

namespace florin::ledger {

/// Where an entry stands in the log.
struct EntryPlace {
  std::uint64_t segment = 0;
  std::uint64_t frame = 0;
};

/// Writes all state rows of the entry and moves `tip` and `edge` behind it. Errors:
/// `ledger_corrupt` when the entry does not fit the state, and those of LMDB; the transaction is
/// then of no more use.
Result<void> project(lmdb::WriteTransaction& transaction, const Tables& tables,
                     const SegmentKeyring& keyring, const ProjectorSet& projectors,
                     const EntryRecord& record, const EntryPlace& place, Tip& tip, TileEdge& edge);

/// Stores the second copy of the entry's frame and counts it in `tip`.
Result<void> store_frame(lmdb::WriteTransaction& transaction, const Tables& tables,
                         std::uint64_t seq, std::uint64_t segment, BytesView frame, Tip& tip);

}  // namespace florin::ledger
