#include "base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace florin::secret_test {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

TEST(Secret, HoldsACopyAndMoves) {
  Bytes source = {1, 2, 3};
  Secret secret{BytesView(source)};
  source.assign(3, 0);
  EXPECT_EQ(to_bytes(secret.view()), (Bytes{1, 2, 3}));
  Secret moved = std::move(secret);
  EXPECT_TRUE(secret.empty());  // NOLINT(bugprone-use-after-move): the moved-from state is promised
  EXPECT_EQ(moved.size(), 3U);
  Secret assigned{BytesView(source)};
  assigned = std::move(moved);
  EXPECT_EQ(to_bytes(assigned.view()), (Bytes{1, 2, 3}));
  EXPECT_EQ(to_bytes(assigned.clone().view()), (Bytes{1, 2, 3}));
}

TEST(Secret, StartsZeroedAndMayBeEmpty) {
  const Secret zeroed(32);
  EXPECT_EQ(to_bytes(zeroed.view()), Bytes(32, 0));
  const Secret nothing;
  EXPECT_TRUE(nothing.empty());
  EXPECT_TRUE(Secret(BytesView{}).empty());
  EXPECT_TRUE(nothing.equals({}));
}

TEST(Secret, EqualityLooksAtEveryByte) {
  const Bytes bytes = {9, 8, 7, 6};
  const Secret secret{BytesView(bytes)};
  EXPECT_TRUE(secret.equals(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes other = bytes;
    other[i] ^= 0x80U;
    EXPECT_FALSE(secret.equals(other));
  }
  EXPECT_FALSE(secret.equals(BytesView(bytes).first(3)));
  EXPECT_FALSE(secret.equals({}));
}

TEST(SecretDeathTest, MemoryIsGoneAfterRelease) {
  // The region is unmapped when it is released: a read through a stale pointer kills the process.
  const auto read_after_release = [] {
    const std::uint8_t* stale = nullptr;
    {
      const Secret secret{BytesView(Bytes(16, 0xAB))};
      stale = secret.view().data();
    }
    const volatile std::uint8_t byte = *stale;
    (void)byte;
  };
  EXPECT_DEATH(read_after_release(), "");
}

TEST(Wipe, OverwritesBytesAndTexts) {
  Bytes bytes(64, 0xAA);
  wipe(bytes);
  EXPECT_EQ(bytes, Bytes(64, 0));
  wipe(std::span<std::uint8_t>{});
  std::string text(64, 'x');
  const char* const data = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  // The buffer stays with the string; all but the first byte (the terminator) shows the wipe.
  EXPECT_EQ(text.data(), data);
}

}  // namespace
}  // namespace florin::secret_test
