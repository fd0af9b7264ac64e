#pragma once
/// The Merkle tree of RFC 9162 §2.1 cut into tiles of height 8 (c2sp.org/tlog-tiles): tile (L, N)
/// holds the hashes 256 N … 256 N + 255 of level L, and a hash of level L is the root of 256^L
/// leaves. With full tiles stored and the unfinished ones in memory, roots and proofs of any size
/// need a few tiles and no leaf. Pure.
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace florin::ledger {

inline constexpr std::size_t kTileHashes = 256;
inline constexpr std::size_t kTileBytes = kTileHashes * 32;

/// The root of a full tile: a hash of the next level.
Hash32 tile_root(std::span<const Hash32> hashes);

struct Tile {
  std::uint8_t level = 0;
  std::uint64_t index = 0;
  std::vector<Hash32> hashes;  ///< `kTileHashes` of them
};

/// The growing side: the last, unfinished tile of each level. A value: copies are independent.
class TileEdge {
 public:
  /// Takes one more leaf. Returns the tiles that it completed, the lowest level first.
  std::vector<Tile> append(const Hash32& leaf_hash);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Hashes of the unfinished tile of a level, fewer than `kTileHashes`.
  [[nodiscard]] std::span<const Hash32> unfinished(std::uint8_t level) const;

 private:
  std::uint64_t size_ = 0;
  std::vector<std::vector<Hash32>> levels_;
};

/// Gives the `kTileHashes` hashes of a full tile.
using FullTile =
    std::function<Result<std::vector<Hash32>>(std::uint8_t level, std::uint64_t index)>;

/// Roots and proofs of any size up to the edge's. A smaller tree uses a prefix of each tile. Keeps
/// the tiles that it read: make one for each question or for a few that belong together. Errors:
/// those of the source, `ledger_corrupt` when it gives anything but a full tile.
class TileTree {
 public:
  /// `edge` must outlive the tree.
  TileTree(const TileEdge& edge, FullTile full_tile)
      : edge_(edge), full_tile_(std::move(full_tile)) {}

  /// Of the first `size` leaves; SHA-256 of nothing for 0. size <= edge.size().
  Result<Hash32> root(std::uint64_t size);
  /// PATH of RFC 9162 §2.1.3.1. index < size <= edge.size().
  Result<std::vector<Hash32>> inclusion_proof(std::uint64_t index, std::uint64_t size);
  /// PROOF of RFC 9162 §2.1.4.1. 0 < old_size <= size <= edge.size().
  Result<std::vector<Hash32>> consistency_proof(std::uint64_t old_size, std::uint64_t size);

 private:
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    [[nodiscard]] std::uint64_t count() const noexcept { return end - begin; }
  };
  Result<Hash32> subtree(Range leaves);
  Result<Hash32> perfect(Range leaves);
  // The hashes of a tile and, above each other, those of the perfect subtrees within it.
  using Pyramid = std::vector<std::vector<Hash32>>;
  Result<const Pyramid*> tile(std::uint8_t level, std::uint64_t index);

  const TileEdge& edge_;
  FullTile full_tile_;
  std::map<std::pair<std::uint8_t, std::uint64_t>, Pyramid> read_;
};

/// As a tile is stored and published: its hashes one behind the other.
Bytes encode_tile(std::span<const Hash32> hashes);
/// Error: `ledger_record_invalid` unless it is a full tile.
Result<std::vector<Hash32>> decode_full_tile(BytesView bytes);

}  // namespace florin::ledger
