// Leaves of tests/golden/ledger: bytes that were written once and are read for ever. The same files
// are read by golden_test.py with the verifier that exports carry.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "ledger/verify/leaf.h"
#include "ledger/verify/leaf_layout.h"
#include "ledger/verify/package_text.h"
#include "unit/verify/sample.h"

namespace florin::verify::golden_test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> golden_leaves() {
  std::vector<fs::path> out;
  for (const auto& item : fs::directory_iterator(FLORIN_GOLDEN_LEDGER)) {
    if (item.path().extension() == ".hex") out.push_back(item.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Bytes bytes_of(const fs::path& path) {
  std::string hex = sample::read_file(path);
  std::erase(hex, '\n');
  auto bytes = from_hex(hex);
  EXPECT_TRUE(bytes.ok()) << path;
  return bytes.ok() ? *bytes : Bytes();
}

TEST(GoldenLeaves, ReadAndWrittenByteForByte) {
  for (const fs::path& path : golden_leaves()) {
    const Bytes bytes = bytes_of(path);
    const auto leaf = decode_leaf(bytes);
    ASSERT_TRUE(leaf.ok()) << path << " " << leaf.error().message();
    EXPECT_EQ(to_hex(encode_leaf(*leaf)), to_hex(bytes)) << path;
    fs::path told = path;
    told.replace_extension().replace_extension(".json");
    EXPECT_EQ(entry_line(*leaf, bytes) + "\n", sample::read_file(told)) << path;
  }
}

TEST(GoldenLeaves, EveryEntryTypeAndEveryTagIsThere) {
  std::set<int> types;
  std::set<int> tags;
  for (const fs::path& path : golden_leaves()) {
    const Bytes bytes = bytes_of(path);
    ASSERT_GE(bytes.size(), kHeaderBytes);
    types.insert(bytes[3]);
    for (std::size_t at = kHeaderBytes + bytes[34] * kPostingBytes; at + 4 <= bytes.size();) {
      tags.insert(bytes[at] | (bytes[at + 1] << 8U));
      at += 4U + bytes[at + 2] + (std::size_t{bytes[at + 3]} << 8U);
    }
  }
  for (int type = kGenesisType; type <= kRecoveryType; ++type) EXPECT_TRUE(types.contains(type));
  for (int tag = 1; tag <= 13; ++tag) EXPECT_TRUE(tags.contains(tag)) << tag;
}

}  // namespace
}  // namespace florin::verify::golden_test
