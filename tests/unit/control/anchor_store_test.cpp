// The anchor: what is refused at start, and that a crash at any moment leaves a state that starts.
#include "daemon/control/anchor_store.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/hash.h"
#include "support/temp_dir.h"

namespace florin::control::anchor_store_test {
namespace {

// The security module's side, which can fail before or after it did what was asked.
class Seal final : public AnchorSeal {
 public:
  Result<std::optional<Bytes>> read() override { return value; }
  Result<void> write(BytesView hash) override {
    if (fail_before) return Error(Errc::hsm_unavailable);
    value = to_bytes(hash);
    ++writes;
    if (fail_after) return Error(Errc::timed_out);
    return {};
  }
  std::optional<Bytes> value;
  bool fail_before = false;
  bool fail_after = false;
  int writes = 0;
};

ledger::Anchor head_of(std::uint64_t size) {
  return {size, sha256(view_of(std::to_string(size)))};
}

class AnchorStoreTest : public ::testing::Test {
 protected:
  AnchoredHeads load() {
    auto heads = AnchorStore(dir_.path(), seal_).load();
    EXPECT_TRUE(heads.ok()) << heads.error().to_log();
    return heads.ok() ? *heads : AnchoredHeads{};
  }
  std::string refusal() {
    const auto heads = AnchorStore(dir_.path(), seal_).load();
    EXPECT_FALSE(heads.ok());
    if (heads.ok()) return {};
    EXPECT_EQ(heads.error().code(), Errc::ledger_mismatch);
    return heads.error().message();
  }
  Result<void> store(const AnchoredHeads& heads) {
    AnchorStore anchors(dir_.path(), seal_);
    const auto before = anchors.load();
    if (!before.ok()) return before.error();
    return anchors.store(heads);
  }
  std::string text() const {
    std::ifstream file(dir_.path() / "anchor", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  test::TempDir dir_;
  Seal seal_;
};

TEST_F(AnchorStoreTest, HeadsComeBackAndNeverGoBack) {
  EXPECT_TRUE(load().empty());
  ASSERT_TRUE(store({{"bank/a", head_of(5)}, {"bank/b", head_of(7)}}).ok());
  EXPECT_EQ(text(), "anchor 1\n5 " + to_hex(head_of(5).root) + " bank/a\n7 " +
                        to_hex(head_of(7).root) + " bank/b\n");
  EXPECT_EQ(to_hex(*seal_.value), to_hex(sha256(view_of(text()))));
  // One goes on, one is behind, one is new, and one is not told of.
  ASSERT_TRUE(store({{"bank/a", head_of(6)}, {"bank/c", head_of(1)}}).ok());
  ASSERT_TRUE(store({{"bank/a", head_of(2)}}).ok());
  const AnchoredHeads expected = {
      {"bank/a", head_of(6)}, {"bank/b", head_of(7)}, {"bank/c", head_of(1)}};
  EXPECT_EQ(load(), expected);
  // Nothing new: the module is not asked.
  EXPECT_EQ(seal_.writes, 2);
}

TEST_F(AnchorStoreTest, MissingOlderOrForeignFilesAreRefused) {
  ASSERT_TRUE(store({{"bank/a", head_of(5)}}).ok());
  const auto file = dir_.path() / "anchor";
  const auto older = dir_.path() / "older";
  std::filesystem::copy_file(file, older);
  ASSERT_TRUE(store({{"bank/a", head_of(6)}}).ok());
  std::filesystem::copy_file(older, file, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(refusal(), "The anchor of the books, " + file.string() +
                           ", is not the one that the security module knows: this is not the "
                           "newest state of the data directory. Put the newest state back, and "
                           "start again.");
  std::filesystem::remove(file);
  EXPECT_NE(refusal().find("is missing"), std::string::npos);
  // Another token, or one that was made anew.
  std::filesystem::rename(older, file);
  seal_.value.reset();
  EXPECT_NE(refusal().find("is not known to the security module"), std::string::npos);
}

TEST_F(AnchorStoreTest, ACrashWhileSealingLeavesOldOrNew) {
  const AnchoredHeads first = {{"bank/a", head_of(5)}};
  const AnchoredHeads second = {{"bank/a", head_of(6)}};
  // The very first one: nothing is anchored yet.
  seal_.fail_before = true;
  EXPECT_FALSE(store(first).ok());
  EXPECT_TRUE(load().empty());
  seal_.fail_before = false;
  ASSERT_TRUE(store(first).ok());
  seal_.fail_before = true;
  EXPECT_FALSE(store(second).ok());
  seal_.fail_before = false;
  EXPECT_EQ(load(), first);
  seal_.fail_after = true;
  EXPECT_FALSE(store(second).ok());
  seal_.fail_after = false;
  EXPECT_EQ(load(), second);
  EXPECT_EQ(load(), second);
}

// The module took the second one and did not say so; the third did not reach it. The file that the
// module knows must still be there.
TEST_F(AnchorStoreTest, ASealOfUnknownOutcomeIsNotOvertaken) {
  const AnchoredHeads first = {{"bank/a", head_of(5)}};
  const AnchoredHeads second = {{"bank/a", head_of(6)}};
  const AnchoredHeads third = {{"bank/a", head_of(7)}};
  AnchorStore anchors(dir_.path(), seal_);
  ASSERT_TRUE(anchors.load().ok());
  ASSERT_TRUE(anchors.store(first).ok());
  seal_.fail_after = true;
  EXPECT_FALSE(anchors.store(second).ok());
  seal_.fail_after = false;
  seal_.fail_before = true;
  EXPECT_FALSE(anchors.store(third).ok());
  EXPECT_EQ(load(), second);
  seal_.fail_before = false;
  ASSERT_TRUE(anchors.store(third).ok());
  EXPECT_EQ(load(), third);
}

TEST_F(AnchorStoreTest, ASealThatLandsLateFindsItsFile) {
  const AnchoredHeads second = {{"bank/a", head_of(6)}};
  AnchorStore anchors(dir_.path(), seal_);
  ASSERT_TRUE(anchors.load().ok());
  ASSERT_TRUE(anchors.store({{"bank/a", head_of(5)}}).ok());
  const Bytes before = *seal_.value;
  seal_.fail_after = true;
  EXPECT_FALSE(anchors.store(second).ok());
  const Bytes late = *std::exchange(seal_.value, before);
  seal_.fail_after = false;
  seal_.fail_before = true;
  EXPECT_FALSE(anchors.store({{"bank/a", head_of(7)}}).ok());
  seal_.value = late;
  EXPECT_EQ(load(), second);
}

// A restore is over when its first anchor is sealed, whatever the module said about it.
TEST_F(AnchorStoreTest, ARestoreEndsWithASealOfUnknownOutcomeToo) {
  const AnchoredHeads heads = {{"bank/a", head_of(5)}};
  std::ofstream(dir_.path() / "restored").flush();
  AnchorStore anchors(dir_.path(), seal_);
  ASSERT_TRUE(anchors.load().ok());
  seal_.fail_after = true;
  EXPECT_FALSE(anchors.store(heads).ok());
  seal_.fail_after = false;
  ASSERT_TRUE(anchors.store(heads).ok());
  EXPECT_FALSE(anchors.is_restored());
  EXPECT_EQ(load(), heads);
}

TEST_F(AnchorStoreTest, OnlyOneSpellingIsRead) {
  const std::string root = to_hex(head_of(5).root);
  for (const std::string& bad :
       {std::string("anchor 2\n"), "anchor 1\n05 " + root + " a\n", "anchor 1\n5 " + root + " a",
        "anchor 1\n5 " + root.substr(2) + " a\n", "anchor 1\n5 " + root + "\n",
        "anchor 1\n5 " + root + " b\n5 " + root + " a\n", std::string("anchor 1\n\n")}) {
    std::ofstream(dir_.path() / "anchor", std::ios::binary | std::ios::trunc) << bad;
    const Hash32 hash = sha256(view_of(bad));
    seal_.value = to_bytes(hash);
    const auto heads = AnchorStore(dir_.path(), seal_).load();
    ASSERT_FALSE(heads.ok()) << bad;
    EXPECT_EQ(heads.error().code(), Errc::ledger_corrupt) << bad;
  }
}

}  // namespace
}  // namespace florin::control::anchor_store_test
