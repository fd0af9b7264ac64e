// Pages of the keyring's file: whoever walks it holds one at a time.
#include "daemon/vault/keyring_store.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/temp_dir.h"

namespace florin::vault::keyring_store_test {
namespace {

class KeyringStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = KeyringStore::open(dir_.path());
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    store_ = std::move(*opened);
  }
  void put(const BlobChanges& changes) {
    ASSERT_TRUE(store_->stage({"manifest", Bytes{1}}, changes).ok());
    ASSERT_TRUE(store_->apply().ok());
  }
  // Every page, one behind the other, the empty one at the end left out.
  std::vector<std::vector<NamedBlob>> pages() {
    std::vector<std::vector<NamedBlob>> out;
    std::string last;
    for (;;) {
      auto page = store_->blobs_behind(last);
      EXPECT_TRUE(page.ok()) << page.error().to_log();
      if (!page.ok() || page->empty()) return out;
      last = page->back().name;
      out.push_back(std::move(*page));
    }
  }

  test::TempDir dir_;
  std::unique_ptr<KeyringStore> store_;
};

TEST_F(KeyringStoreTest, PagesAreBoundedAndHaveEveryRowOnce) {
  EXPECT_TRUE(pages().empty());
  BlobChanges all;
  for (int i = 0; i < 700; ++i) {
    // Roots, pools of subject keys between them, and one that no page has room for.
    const std::size_t size = i == 350 ? 2 * KeyringStore::kPageBytes : i % 10 == 0 ? 64'000U : 200U;
    all.emplace("t/" + std::to_string(1000 + i), Bytes(size, static_cast<std::uint8_t>(i)));
  }
  put(all);
  BlobChanges seen;
  std::string last;
  for (const auto& page : pages()) {
    std::size_t bytes = 0;
    for (const NamedBlob& row : page) {
      EXPECT_GT(row.name, last) << "in order of names";
      last = row.name;
      bytes += row.blob.size();
      seen.emplace(row.name, row.blob);
    }
    EXPECT_LE(page.size(), KeyringStore::kPageRows);
    EXPECT_TRUE(bytes <= KeyringStore::kPageBytes || page.size() == 1) << bytes;
  }
  EXPECT_EQ(seen, all);
}

TEST_F(KeyringStoreTest, APageBeginsBehindANameThatIsGone) {
  put({{"a", Bytes{1}}, {"b", Bytes{2}}, {"c", Bytes{3}}});
  put({{"b", std::nullopt}});
  const auto page = store_->blobs_behind("b");
  ASSERT_TRUE(page.ok()) << page.error().to_log();
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().name, "c");
  EXPECT_TRUE(store_->blobs_behind("c")->empty());
}

}  // namespace
}  // namespace florin::vault::keyring_store_test
