#include "ledger/verify/merkle.h"

#include <gtest/gtest.h>

#include "ledger/verify/merkle_prover.h"

namespace florin::verify {
namespace {

std::vector<Hash32> numbered_hashes(std::size_t count) {
  std::vector<Hash32> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto byte = static_cast<std::uint8_t>(i);
    out.push_back(leaf_hash(BytesView(&byte, 1)));
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

TEST(Merkle, EveryInclusionUpTo64) {
  const auto all = numbered_hashes(64);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const auto hashes = std::span(all).first(size);
    const Hash32 root = root_of(hashes);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(hashes, index);
      ASSERT_TRUE(verify_inclusion(index, size, hashes[index], proof, root).ok())
          << index << " of " << size;
      const auto check = [&](const std::vector<Hash32>& changed) {
        return verify_inclusion(index, size, hashes[index], changed, root);
      };
      expect_every_change_refused(proof, check);
      if (size > 1) {
        const std::size_t other = (index + 1) % size;
        EXPECT_FALSE(verify_inclusion(other, size, hashes[index], proof, root).ok());
        EXPECT_FALSE(verify_inclusion(index, size, hashes[other], proof, root).ok());
      }
      EXPECT_FALSE(verify_inclusion(size, size, hashes[index], proof, root).ok());
    }
  }
}

TEST(Merkle, EveryConsistencyUpTo64) {
  const auto all = numbered_hashes(64);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const auto hashes = std::span(all).first(size);
    const Hash32 root = root_of(hashes);
    for (std::size_t old_size = 1; old_size <= size; ++old_size) {
      const Hash32 old_root = root_of(hashes.first(old_size));
      const auto proof = consistency_proof(hashes, old_size);
      ASSERT_TRUE(verify_consistency(old_size, size, old_root, root, proof).ok())
          << old_size << " to " << size;
      const auto check = [&](const std::vector<Hash32>& changed) {
        return verify_consistency(old_size, size, old_root, root, changed);
      };
      expect_every_change_refused(proof, check);
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

}  // namespace
}  // namespace florin::verify
