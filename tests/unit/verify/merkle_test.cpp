#include "ledger/verify/merkle.h"

#include <gtest/gtest.h>

#include "ledger/verify/merkle_prover.h"
#include "support/long_run.h"

namespace florin::verify::merkle_test {
namespace {

std::vector<Hash32> distinct_hashes(std::size_t count) {
  std::vector<Hash32> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::array<std::uint8_t, 2> leaf = {static_cast<std::uint8_t>(i),
                                              static_cast<std::uint8_t>(i >> 8U)};
    out.push_back(leaf_hash(leaf));
  }
  return out;
}

Hash32 root_of(std::span<const Hash32> hashes) {
  CompactRange tree;
  for (const Hash32& hash : hashes) tree.append(hash);
  return tree.root();
}

// The reference tree of the Certificate Transparency implementations
// (github.com/google/certificate-transparency, merkle_tree_test.cc).
TEST(Merkle, KnownRoots) {
  const char* const leaves[] = {"",
                                "00",
                                "10",
                                "2021",
                                "3031",
                                "40414243",
                                "5051525354555657",
                                "606162636465666768696a6b6c6d6e6f"};
  const char* const roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                               "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                               "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                               "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                               "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                               "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                               "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  CompactRange tree;
  EXPECT_EQ(to_hex(tree.root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < 8; ++i) {
    tree.append(leaf_hash(*from_hex(leaves[i])));
    EXPECT_EQ(to_hex(tree.root()), roots[i]);
  }
}

template <class Check>
void expect_every_change_refused(std::vector<Hash32> proof, const Check& check) {
  for (std::size_t i = 0; i < proof.size(); ++i) {
    proof[i][i % 32] ^= 0x40;
    EXPECT_FALSE(check(proof).ok());
    proof[i][i % 32] ^= 0x40;
  }
  auto longer = proof;
  longer.push_back(Hash32{});
  EXPECT_FALSE(check(longer).ok());
  if (!proof.empty()) {
    auto shorter = proof;
    shorter.pop_back();
    EXPECT_FALSE(check(shorter).ok());
  }
}

// Every size up to 128 (512 in the long run), dealt to eight tests.
constexpr std::size_t kShards = 8;

class MerkleSweep : public testing::TestWithParam<std::size_t> {
 protected:
  const std::size_t max_size_ = test::quick_or_long<std::size_t>(128, 512);
  const std::vector<Hash32> all_ = distinct_hashes(max_size_);
};

// The indexes that a proof is tried with in another's place: all in small trees, else those that
// differ in one bit, and the neighbours.
std::vector<std::size_t> other_indexes(std::size_t index, std::size_t size) {
  std::vector<std::size_t> out;
  if (size <= 64) {
    for (std::size_t other = 0; other < size; ++other) out.push_back(other);
  } else {
    out = {(index + 1) % size, (index + size - 1) % size, 0, size - 1};
    for (std::size_t bit = 1; bit < size; bit *= 2) out.push_back(index ^ bit);
  }
  std::erase_if(out, [&](std::size_t other) { return other == index; });
  return out;
}

TEST_P(MerkleSweep, EveryInclusion) {
  for (std::size_t size = 1 + GetParam(); size <= max_size_; size += kShards) {
    const auto hashes = std::span(all_).first(size);
    const Hash32 root = root_of(hashes);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(hashes, index);
      ASSERT_TRUE(verify_inclusion(index, size, hashes[index], proof, root).ok())
          << index << " of " << size;
      const auto check = [&](const std::vector<Hash32>& changed) {
        return verify_inclusion(index, size, hashes[index], changed, root);
      };
      expect_every_change_refused(proof, check);
      for (const std::size_t other : other_indexes(index, size)) {
        EXPECT_FALSE(verify_inclusion(other, size, hashes[index], proof, root).ok())
            << index << " as " << other << " of " << size;
        if (other < size) {
          EXPECT_FALSE(verify_inclusion(index, size, hashes[other], proof, root).ok());
        }
      }
      EXPECT_FALSE(verify_inclusion(size, size, hashes[index], proof, root).ok());
    }
  }
}

TEST_P(MerkleSweep, EveryConsistency) {
  for (std::size_t size = 1 + GetParam(); size <= max_size_; size += kShards) {
    const auto hashes = std::span(all_).first(size);
    const Hash32 root = root_of(hashes);
    CompactRange old_tree;
    for (std::size_t old_size = 1; old_size <= size; ++old_size) {
      old_tree.append(hashes[old_size - 1]);
      const Hash32 old_root = old_tree.root();
      const auto proof = consistency_proof(hashes, old_size);
      ASSERT_TRUE(verify_consistency(old_size, size, old_root, root, proof).ok())
          << old_size << " to " << size;
      const auto check = [&](const std::vector<Hash32>& changed) {
        return verify_consistency(old_size, size, old_root, root, changed);
      };
      expect_every_change_refused(proof, check);
      for (const std::size_t other : {old_size - 1, old_size + 1}) {
        EXPECT_FALSE(verify_consistency(other, size, old_root, root, proof).ok())
            << old_size << " as " << other << " to " << size;
      }
      Hash32 wrong = old_root;
      wrong[0] ^= 1;
      EXPECT_FALSE(verify_consistency(old_size, size, wrong, root, proof).ok());
      wrong = root;
      wrong[31] ^= 0x80;
      EXPECT_FALSE(verify_consistency(old_size, size, old_root, wrong, proof).ok());
    }
    EXPECT_FALSE(verify_consistency(0, size, root_of({}), root, {}).ok());
    EXPECT_FALSE(verify_consistency(size + 1, size, root, root, {}).ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, MerkleSweep, testing::Range(std::size_t{0}, kShards));

}  // namespace
}  // namespace florin::verify::merkle_test
