#pragma once
/// Projectors: pure functions that say under which index keys an object is to be found. They are
/// versioned, so that a change rebuilds the index instead of leaving a mixture.
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "ledger/command.h"

namespace florin::ledger {

enum class IndexNumber : std::uint8_t {};

struct IndexEntry {
  IndexNumber index{};
  Bytes key;  ///< at most 200 B, unique within the index (end it with the object's id)
};

/// All index entries of an object in a given state. Must depend on its arguments alone.
using Projector = std::vector<IndexEntry> (*)(ObjectKind kind, const Uuid& id, BytesView immutable,
                                              BytesView head);

struct ProjectorSet {
  std::uint32_t version = 1;  ///< raise it when any projector changes
  std::vector<Projector> projectors;
};

}  // namespace florin::ledger
