#include "ledger/verify/merkle_prover.h"

#include <bit>

#include "base/hash.h"
#include "ledger/verify/merkle.h"

namespace florin::verify {
namespace {

using Hashes = std::span<const Hash32>;

// The largest power of two that is smaller than `count` (count > 1).
std::size_t split_of(std::size_t count) {
  return std::bit_floor(count - 1);
}

// MTH of RFC 9162 §2.1.1, as written there.
Hash32 tree_hash(Hashes hashes) {
  if (hashes.empty()) return sha256(BytesView{});
  if (hashes.size() == 1) return hashes[0];
  const std::size_t split = split_of(hashes.size());
  return node_hash(tree_hash(hashes.first(split)), tree_hash(hashes.subspan(split)));
}

void path(Hashes hashes, std::size_t index, std::vector<Hash32>& out) {
  if (hashes.size() == 1) return;
  const std::size_t split = split_of(hashes.size());
  if (index < split) {
    path(hashes.first(split), index, out);
    out.push_back(tree_hash(hashes.subspan(split)));
  } else {
    path(hashes.subspan(split), index - split, out);
    out.push_back(tree_hash(hashes.first(split)));
  }
}

void subproof(Hashes hashes, std::size_t old_size, bool complete, std::vector<Hash32>& out) {
  if (old_size == hashes.size()) {
    if (!complete) out.push_back(tree_hash(hashes));
    return;
  }
  const std::size_t split = split_of(hashes.size());
  if (old_size <= split) {
    subproof(hashes.first(split), old_size, complete, out);
    out.push_back(tree_hash(hashes.subspan(split)));
  } else {
    subproof(hashes.subspan(split), old_size - split, false, out);
    out.push_back(tree_hash(hashes.first(split)));
  }
}

}  // namespace

std::vector<Hash32> inclusion_proof(std::span<const Hash32> hashes, std::uint64_t index) {
  FLORIN_ASSERT(index < hashes.size());
  std::vector<Hash32> out;
  path(hashes, index, out);
  return out;
}

std::vector<Hash32> consistency_proof(std::span<const Hash32> hashes, std::uint64_t old_size) {
  FLORIN_ASSERT(old_size > 0 && old_size <= hashes.size());
  std::vector<Hash32> out;
  subproof(hashes, old_size, true, out);
  return out;
}

}  // namespace florin::verify
