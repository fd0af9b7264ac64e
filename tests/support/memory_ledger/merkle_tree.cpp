#include "support/memory_ledger/merkle_tree.h"

#include "base/hash.h"

namespace florin::ledger::model {
namespace {

// The largest power of two below `count`, which is more than 1.
std::uint64_t split_of(std::uint64_t count) {
  std::uint64_t split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

bool is_perfect(std::uint64_t count) {
  return (count & (count - 1)) == 0;
}

}  // namespace

Hash32 MerkleTree::hash_of(std::uint64_t begin, std::uint64_t count) const {
  if (count == 0) return sha256(BytesView{});
  if (count == 1) return leaves_.at(begin);
  const auto known = perfect_.find({begin, count});
  if (known != perfect_.end()) return known->second;
  const std::uint64_t split = split_of(count);
  const Hash32 left = hash_of(begin, split);
  const Hash32 right = hash_of(begin + split, count - split);
  const std::uint8_t prefix = 1;
  const Hash32 hash = sha256({BytesView(&prefix, 1), left, right});
  if (is_perfect(count)) perfect_[{begin, count}] = hash;
  return hash;
}

void MerkleTree::path(std::uint64_t seq, std::uint64_t begin, std::uint64_t count,
                      std::vector<Hash32>& out) const {
  if (count == 1) return;
  const std::uint64_t split = split_of(count);
  if (seq < split) {
    path(seq, begin, split, out);
    out.push_back(hash_of(begin + split, count - split));
  } else {
    path(seq - split, begin + split, count - split, out);
    out.push_back(hash_of(begin, split));
  }
}

void MerkleTree::subproof(std::uint64_t old_size, std::uint64_t begin, std::uint64_t count,
                          bool whole, std::vector<Hash32>& out) const {
  if (old_size == count) {
    if (!whole) out.push_back(hash_of(begin, count));
    return;
  }
  const std::uint64_t split = split_of(count);
  if (old_size <= split) {
    subproof(old_size, begin, split, whole, out);
    out.push_back(hash_of(begin + split, count - split));
  } else {
    subproof(old_size - split, begin + split, count - split, false, out);
    out.push_back(hash_of(begin, split));
  }
}

std::vector<Hash32> MerkleTree::inclusion(std::uint64_t seq, std::uint64_t size) const {
  std::vector<Hash32> out;
  path(seq, 0, size, out);
  return out;
}

std::vector<Hash32> MerkleTree::consistency(std::uint64_t old_size, std::uint64_t size) const {
  std::vector<Hash32> out;
  subproof(old_size, 0, size, true, out);
  return out;
}

}  // namespace florin::ledger::model
