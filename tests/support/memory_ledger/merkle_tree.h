#pragma once
/// The Merkle tree of RFC 9162 §2.1 by recursion, as the standard writes it down. Perfect subtrees
/// are remembered, nothing else.
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace florin::ledger::model {

class MerkleTree {
 public:
  void append(const Hash32& leaf_hash) { leaves_.push_back(leaf_hash); }
  [[nodiscard]] std::uint64_t size() const noexcept { return leaves_.size(); }
  /// MTH over the first `size` leaves.
  [[nodiscard]] Hash32 root(std::uint64_t size) const { return hash_of(0, size); }
  /// PATH(seq, D[size]); seq < size <= size().
  [[nodiscard]] std::vector<Hash32> inclusion(std::uint64_t seq, std::uint64_t size) const;
  /// PROOF(old_size, D[size]); 0 < old_size <= size <= size().
  [[nodiscard]] std::vector<Hash32> consistency(std::uint64_t old_size, std::uint64_t size) const;

 private:
  [[nodiscard]] Hash32 hash_of(std::uint64_t begin, std::uint64_t count) const;
  void path(std::uint64_t seq, std::uint64_t begin, std::uint64_t count,
            std::vector<Hash32>& out) const;
  void subproof(std::uint64_t old_size, std::uint64_t begin, std::uint64_t count, bool whole,
                std::vector<Hash32>& out) const;

  std::vector<Hash32> leaves_;
  mutable std::map<std::pair<std::uint64_t, std::uint64_t>, Hash32> perfect_;  // (begin, count)
};

}  // namespace florin::ledger::model
