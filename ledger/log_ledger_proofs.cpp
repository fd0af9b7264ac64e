#include "ledger/log_ledger.h"

namespace florin::ledger {
namespace {

Error no_such_tree(const char* field, std::uint64_t visible) {
  return Error(Errc::validation_failed, field,
               "There is no such tree; the ledger has " + std::to_string(visible) + " entries.");
}

}  // namespace

// Taken before any tile is read: what is full by its measure was committed before it was published.
std::shared_ptr<const TileEdge> LogLedger::visible_edge() const {
  const std::lock_guard lock(state_mutex_);
  return visible_edge_;
}

TileTree LogLedger::tile_tree(const TileEdge& edge) const {
  return {edge, [this](std::uint8_t level, std::uint64_t index) {
            return parts_.store->full_tile(level, index);
          }};
}

Result<std::vector<Hash32>> LogLedger::inclusion_proof(std::uint64_t seq,
                                                       std::uint64_t size) const {
  const std::shared_ptr<const TileEdge> edge = visible_edge();
  if (size > edge->size()) return no_such_tree("size", edge->size());
  if (seq >= size) return no_such_tree("seq", edge->size());
  return tile_tree(*edge).inclusion_proof(seq, size);
}

Result<std::vector<Hash32>> LogLedger::consistency_proof(std::uint64_t old_size,
                                                         std::uint64_t size) const {
  const std::shared_ptr<const TileEdge> edge = visible_edge();
  if (size > edge->size()) return no_such_tree("size", edge->size());
  if (old_size == 0 || old_size > size) return no_such_tree("old_size", edge->size());
  return tile_tree(*edge).consistency_proof(old_size, size);
}

}  // namespace florin::ledger
