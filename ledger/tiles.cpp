#include "ledger/tiles.h"

#include <algorithm>
#include <bit>

#include "ledger/merkle.h"

namespace florin::ledger {
namespace {

constexpr int kTileHeight = 8;

// The largest power of two that is smaller than `count` (count > 1).
std::uint64_t split_of(std::uint64_t count) {
  return std::bit_floor(count - 1);
}

std::vector<std::vector<Hash32>> pyramid_of(std::vector<Hash32> hashes) {
  std::vector<std::vector<Hash32>> rows = {std::move(hashes)};
  while (rows.back().size() > 1) {
    const std::vector<Hash32>& below = rows.back();
    std::vector<Hash32> row;
    row.reserve(below.size() / 2);
    for (std::size_t i = 0; i + 1 < below.size(); i += 2) {
      row.push_back(merkle_node_hash(below[i], below[i + 1]));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

Hash32 tile_root(std::span<const Hash32> hashes) {
  FLORIN_ASSERT(hashes.size() == kTileHashes);
  return pyramid_of({hashes.begin(), hashes.end()}).back().front();
}

std::vector<Tile> TileEdge::append(const Hash32& leaf_hash) {
  std::vector<Tile> completed;
  ++size_;
  Hash32 carried = leaf_hash;
  std::uint64_t index = (size_ - 1) / kTileHashes;
  for (std::uint8_t level = 0;; ++level, index /= kTileHashes) {
    if (level == levels_.size()) levels_.emplace_back();
    std::vector<Hash32>& hashes = levels_[level];
    hashes.push_back(carried);
    if (hashes.size() < kTileHashes) return completed;
    carried = tile_root(hashes);
    completed.push_back({level, index, std::move(hashes)});
    hashes = {};
  }
}

std::span<const Hash32> TileEdge::unfinished(std::uint8_t level) const {
  if (level >= levels_.size()) return {};
  return levels_[level];
}

Result<const TileTree::Pyramid*> TileTree::tile(std::uint8_t level, std::uint64_t index) {
  const auto known = read_.find({level, index});
  if (known != read_.end()) return &known->second;
  // Wider than 64 bits only beyond what a ledger can hold.
  const std::uint64_t hashes_of_level = edge_.size() >> (kTileHeight * level);
  std::vector<Hash32> hashes;
  if (index == hashes_of_level / kTileHashes) {
    const auto unfinished = edge_.unfinished(level);
    hashes.assign(unfinished.begin(), unfinished.end());
  } else {
    FLORIN_TRY(hashes, full_tile_(level, index));
    if (hashes.size() != kTileHashes) {
      return Error(Errc::ledger_corrupt, {}, {}, "a tile of the tree is not full");
    }
  }
  return &read_.emplace(std::pair(level, index), pyramid_of(std::move(hashes))).first->second;
}

// The root over a power of two of leaves that begins at a multiple of it: within one tile of the
// highest level that has it.
Result<Hash32> TileTree::perfect(Range leaves) {
  const int height = std::countr_zero(leaves.count());
  const auto level = static_cast<std::uint8_t>(height / kTileHeight);
  const std::uint64_t first = leaves.begin >> (kTileHeight * level);
  const auto row = static_cast<std::size_t>(height % kTileHeight);
  FLORIN_TRY(const Pyramid* hashes, tile(level, first / kTileHashes));
  const std::uint64_t offset = (first % kTileHashes) >> row;
  FLORIN_ASSERT(row < hashes->size() && offset < (*hashes)[row].size());
  return (*hashes)[row][offset];
}

// MTH of RFC 9162 §2.1.1 over leaves of the tree; `begin` is a multiple of every power of two that
// is used below.
Result<Hash32> TileTree::subtree(Range leaves) {
  if (std::has_single_bit(leaves.count())) return perfect(leaves);
  const std::uint64_t middle = leaves.begin + split_of(leaves.count());
  FLORIN_TRY(const Hash32 left, perfect({leaves.begin, middle}));
  FLORIN_TRY(const Hash32 right, subtree({middle, leaves.end}));
  return merkle_node_hash(left, right);
}

Result<Hash32> TileTree::root(std::uint64_t size) {
  FLORIN_ASSERT(size <= edge_.size());
  if (size == 0) return CompactRange().root();
  return subtree({0, size});
}

Result<std::vector<Hash32>> TileTree::inclusion_proof(std::uint64_t index, std::uint64_t size) {
  FLORIN_ASSERT(index < size && size <= edge_.size());
  std::vector<Hash32> proof;
  Range leaves{0, size};
  while (leaves.count() > 1) {
    const std::uint64_t middle = leaves.begin + split_of(leaves.count());
    const Range left{leaves.begin, middle};
    const Range right{middle, leaves.end};
    FLORIN_TRY(const Hash32 sibling, subtree(index < middle ? right : left));
    proof.push_back(sibling);
    leaves = index < middle ? left : right;
  }
  // From the leaf up.
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<std::vector<Hash32>> TileTree::consistency_proof(std::uint64_t old_size,
                                                        std::uint64_t size) {
  FLORIN_ASSERT(old_size > 0 && old_size <= size && size <= edge_.size());
  std::vector<Hash32> proof;
  Range leaves{0, size};
  // Down to the subtree that ends where the old tree ended.
  while (leaves.end != old_size) {
    const std::uint64_t middle = leaves.begin + split_of(leaves.count());
    const Range left{leaves.begin, middle};
    const Range right{middle, leaves.end};
    FLORIN_TRY(const Hash32 sibling, subtree(old_size <= middle ? right : left));
    proof.push_back(sibling);
    leaves = old_size <= middle ? left : right;
  }
  // The whole old tree is known to whoever asks.
  if (leaves.begin != 0) {
    FLORIN_TRY(const Hash32 last, subtree(leaves));
    proof.push_back(last);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Bytes encode_tile(std::span<const Hash32> hashes) {
  Bytes out;
  out.reserve(hashes.size() * sizeof(Hash32));
  for (const Hash32& hash : hashes) out.insert(out.end(), hash.begin(), hash.end());
  return out;
}

Result<std::vector<Hash32>> decode_full_tile(BytesView bytes) {
  if (bytes.size() != kTileBytes) {
    return Error(Errc::ledger_record_invalid, {}, {}, "a tile has another size");
  }
  std::vector<Hash32> hashes(kTileHashes);
  ByteReader in(bytes);
  for (Hash32& hash : hashes) hash = in.array<32>();
  return hashes;
}

}  // namespace florin::ledger
