// Proofs from tiles are those of the standard's definition, and only they are accepted.
#include "ledger/tiles.h"

#include <random>

#include "ledger/merkle.h"
#include "ledger/verify/merkle.h"
#include "ledger/verify/merkle_prover.h"
#include "ledger_fixture.h"
#include "support/long_run.h"

namespace florin::ledger::tiles_test {
namespace {

/// A tree of numbered leaves, with its full tiles in a map.
class Grown {
 public:
  explicit Grown(std::uint64_t size) {
    while (edge.size() < size) grow();
  }
  void grow() {
    const ByteArray<8> leaf = {static_cast<std::uint8_t>(hashes.size()),
                               static_cast<std::uint8_t>(hashes.size() >> 8U),
                               static_cast<std::uint8_t>(hashes.size() >> 16U)};
    hashes.push_back(merkle_leaf_hash(leaf));
    range.append(hashes.back());
    roots.push_back(range.root());
    for (Tile& tile : edge.append(hashes.back())) {
      const bool fresh =
          tiles.emplace(std::pair(tile.level, tile.index), std::move(tile.hashes)).second;
      EXPECT_TRUE(fresh) << "tile " << int{tile.level} << "/" << tile.index << " twice";
    }
  }
  TileTree tree() const {
    return {edge, [this](std::uint8_t level, std::uint64_t index) -> Result<std::vector<Hash32>> {
              const auto at = tiles.find({level, index});
              if (at == tiles.end()) return Error(Errc::ledger_corrupt);
              ++read;
              return at->second;
            }};
  }
  Hash32 root(std::uint64_t size) const { return roots[size - 1]; }

  TileEdge edge;
  CompactRange range;
  std::vector<Hash32> hashes;
  std::vector<Hash32> roots;
  std::map<std::pair<std::uint8_t, std::uint64_t>, std::vector<Hash32>> tiles;
  mutable std::size_t read = 0;
};

// Nothing but the proof is accepted: no hash changed, none added, none left out.
template <class Check>
void expect_every_change_refused(std::vector<Hash32> proof, const Check& check) {
  for (std::size_t i = 0; i < proof.size(); ++i) {
    proof[i][i % 32] ^= 0x08;
    EXPECT_FALSE(check(proof).ok());
    proof[i][i % 32] ^= 0x08;
  }
  proof.emplace_back();
  EXPECT_FALSE(check(proof).ok());
  proof.pop_back();
  if (proof.empty()) return;
  proof.pop_back();
  EXPECT_FALSE(check(proof).ok());
}

void check_inclusion(const Grown& grown, TileTree& tree, std::uint64_t index, std::uint64_t size) {
  const Hash32 root = grown.root(size);
  const auto proof = tree.inclusion_proof(index, size);
  ASSERT_TRUE(proof.ok()) << index << " of " << size;
  const auto check = [&](const std::vector<Hash32>& changed) {
    return verify::verify_inclusion(index, size, grown.hashes[index], changed, root);
  };
  ASSERT_TRUE(check(*proof).ok()) << index << " of " << size;
  expect_every_change_refused(*proof, check);
  for (const std::uint64_t other : {index + 1, index - 1, index ^ 1U, index ^ 256U, size}) {
    if (other == index) continue;
    EXPECT_FALSE(verify::verify_inclusion(other, size, grown.hashes[index], *proof, root).ok());
  }
}

void check_consistency(const Grown& grown, TileTree& tree, std::uint64_t old_size,
                       std::uint64_t size) {
  const auto proof = tree.consistency_proof(old_size, size);
  ASSERT_TRUE(proof.ok()) << old_size << " to " << size;
  const auto check = [&](const std::vector<Hash32>& changed) {
    return verify::verify_consistency(old_size, size, grown.root(old_size), grown.root(size),
                                      changed);
  };
  ASSERT_TRUE(check(*proof).ok()) << old_size << " to " << size;
  expect_every_change_refused(*proof, check);
  for (const std::uint64_t other : {old_size - 1, old_size + 1}) {
    EXPECT_FALSE(
        verify::verify_consistency(other, size, grown.root(old_size), grown.root(size), *proof)
            .ok());
  }
}

// Every pair up to 600 crosses the first two tiles; dealt to eight tests.
constexpr std::uint64_t kShards = 8;
constexpr std::uint64_t kSize = 600;

class TileSweep : public testing::TestWithParam<std::uint64_t> {
 protected:
  // The edge is of the largest tree: smaller ones are read from prefixes of its tiles.
  const Grown grown_{kSize};
};

TEST_P(TileSweep, EveryPairUpToSixHundred) {
  TileTree tree = grown_.tree();
  for (std::uint64_t size = 1 + GetParam(); size <= kSize; size += kShards) {
    ASSERT_EQ(*tree.root(size), grown_.root(size)) << size;
    // Mutations cost most; every pair is proven, one in 23 is mutated in the quick run.
    const std::uint64_t stride = test::quick_or_long<std::uint64_t>(23, 1);
    for (std::uint64_t index = 0; index < size; ++index) {
      if ((index + size) % stride == 0) {
        check_inclusion(grown_, tree, index, size);
        check_consistency(grown_, tree, index + 1, size);
        continue;
      }
      const auto included = tree.inclusion_proof(index, size);
      ASSERT_TRUE(
          verify::verify_inclusion(index, size, grown_.hashes[index], *included, grown_.root(size))
              .ok());
      const auto continued = tree.consistency_proof(index + 1, size);
      ASSERT_TRUE(verify::verify_consistency(index + 1, size, grown_.root(index + 1),
                                             grown_.root(size), *continued)
                      .ok());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, TileSweep, testing::Range(std::uint64_t{0}, kShards));

// The edge of every size, not only of the last one, and the definition's own proofs.
TEST(Tiles, AgreeWithTheDefinitionAtEverySize) {
  Grown grown(0);
  EXPECT_EQ(*grown.tree().root(0), CompactRange().root());
  while (grown.hashes.size() < kSize) {
    grown.grow();
    const std::uint64_t size = grown.hashes.size();
    TileTree tree = grown.tree();
    ASSERT_EQ(*tree.root(size), grown.root(size));
    for (const std::uint64_t index : {std::uint64_t{0}, size / 3, size / 2, size - 1}) {
      EXPECT_EQ(*tree.inclusion_proof(index, size), verify::inclusion_proof(grown.hashes, index));
      EXPECT_EQ(*tree.consistency_proof(index + 1, size),
                verify::consistency_proof(grown.hashes, index + 1));
    }
  }
}

TEST(Tiles, SamplesUpToTheThirdLevel) {
  constexpr std::uint64_t kLarge = 70'000;
  const Grown grown(kLarge);
  EXPECT_EQ(grown.tiles.size(), kLarge / 256 + 1);
  EXPECT_EQ(grown.edge.unfinished(0).size(), kLarge % 256);
  EXPECT_EQ(grown.edge.unfinished(1).size(), kLarge / 256 - 256);
  EXPECT_EQ(grown.edge.unfinished(2).size(), 1U);
  const auto seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> sizes = {255,    256,    257,    511,    512,    513,    65'279,
                                      65'280, 65'535, 65'536, 65'537, 65'792, 69'888, kLarge};
  for (int i = 0; i < test::quick_or_long(60, 2000); ++i) sizes.push_back(1 + random() % kLarge);
  for (const std::uint64_t size : sizes) {
    TileTree tree = grown.tree();
    ASSERT_EQ(*tree.root(size), grown.root(size)) << size;
    for (const std::uint64_t index :
         {std::uint64_t{0}, size - 1, random() % size, random() % size, (size - 1) / 256 * 256}) {
      check_inclusion(grown, tree, index, size);
      check_consistency(grown, tree, index + 1, size);
    }
  }
}

TEST(Tiles, AProofReadsFewTiles) {
  const Grown grown(70'000);
  for (const std::uint64_t index : {0U, 300U, 65'535U, 65'536U, 69'999U}) {
    grown.read = 0;
    TileTree tree = grown.tree();
    ASSERT_TRUE(tree.inclusion_proof(index, 70'000).ok());
    ASSERT_TRUE(tree.consistency_proof(index + 1, 70'000).ok());
    EXPECT_LE(grown.read, 6U) << index;
  }
}

TEST(Tiles, ASourceThatFailsOrLiesIsToldOn) {
  const Grown grown(600);
  TileTree failing(grown.edge, [](std::uint8_t, std::uint64_t) -> Result<std::vector<Hash32>> {
    return Error(Errc::decryption_failed);
  });
  EXPECT_EQ(failing.inclusion_proof(3, 600).error().code(), Errc::decryption_failed);
  EXPECT_TRUE(failing.inclusion_proof(599, 600).ok()) << "two hashes of the edge are enough";
  TileTree cut(grown.edge, [](std::uint8_t, std::uint64_t) -> Result<std::vector<Hash32>> {
    return std::vector<Hash32>(255);
  });
  EXPECT_EQ(cut.inclusion_proof(3, 600).error().code(), Errc::ledger_corrupt);
  EXPECT_FALSE(decode_full_tile(Bytes(kTileBytes - 1)).ok());
  EXPECT_FALSE(decode_full_tile(Bytes(kTileBytes + 1)).ok());
  const auto full = grown.tiles.at({0, 1});
  EXPECT_EQ(*decode_full_tile(encode_tile(full)), full);
}

}  // namespace
}  // namespace florin::ledger::tiles_test
