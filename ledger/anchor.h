#pragma once
/// What an opening ledger is measured against, and what it tells on the way.
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace florin::ledger {

class Ledger;

/// A tree head that is known from outside the ledger's files. A log that is shorter, or that had
/// another root at that size, is an older or another state, however well it fits together.
struct Anchor {
  std::uint64_t size = 0;
  Hash32 root{};
  bool operator==(const Anchor&) const = default;
};

/// The head of the last signed checkpoint; nothing when there is none.
Result<std::optional<Anchor>> signed_head(const Ledger& ledger);

/// How far the reading of the log is. `entries` are checked, and carried out where the database did
/// not have them.
struct OpenProgress {
  std::uint64_t entries = 0;
  std::uint64_t replayed = 0;     ///< of these, carried out
  std::uint64_t bytes_done = 0;   ///< of the log
  std::uint64_t bytes_total = 0;  ///< of the log, with what is filled ahead
};

}  // namespace florin::ledger
