#pragma once
/// The growing side of the Merkle tree of RFC 9162 §2.1: appended to by the writer, kept in RAM as
/// the roots of its perfect subtrees. Shares no code with the verifier's tree
/// (ledger/verify/merkle.h).
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace florin::ledger {

/// SHA-256(0x00 || leaf).
Hash32 merkle_leaf_hash(BytesView leaf);
/// SHA-256(0x01 || left || right).
Hash32 merkle_node_hash(const Hash32& left, const Hash32& right);

/// A tree of `size()` leaves in at most 64 hashes. A value: copies are independent.
class CompactRange {
 public:
  void append(const Hash32& leaf_hash);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// SHA-256 of nothing when empty.
  [[nodiscard]] Hash32 root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash32> subtrees_;  // largest first; one for each bit that is set in size_
};

}  // namespace florin::ledger
