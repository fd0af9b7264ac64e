#pragma once
/// Merkle tree of RFC 9162 §2.1 over leaf hashes, from the verifier's side. Written from the
/// standard; proofs are generated elsewhere (merkle_prover.h), so that a fault there cannot hide
/// here.
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace florin::verify {

/// SHA-256(0x00 || leaf).
Hash32 leaf_hash(BytesView leaf);
/// SHA-256(0x01 || left || right).
Hash32 node_hash(const Hash32& left, const Hash32& right);

/// Root over a growing list of leaf hashes in logarithmic memory.
class CompactRange {
 public:
  void append(const Hash32& leaf_hash);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Root over all hashes so far; SHA-256 of nothing when there are none.
  [[nodiscard]] Hash32 root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash32> peaks_;  // roots of the perfect subtrees, largest first
};

/// RFC 9162 §2.1.3.2. Error: `ledger_mismatch`.
Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash32& leaf_hash,
                              std::span<const Hash32> proof, const Hash32& root);
/// RFC 9162 §2.1.4.2; the empty tree is consistent with none. Error: `ledger_mismatch`.
Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                const Hash32& old_root, const Hash32& new_root,
                                std::span<const Hash32> proof);

}  // namespace florin::verify
