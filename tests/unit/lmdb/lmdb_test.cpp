#include <gtest/gtest.h>

#include <fstream>
#include <thread>
#include <type_traits>

#include "ledger/lmdb/cursor.h"
#include "ledger/lmdb/environment.h"
#include "ledger/lmdb/table.h"
#include "support/temp_dir.h"

namespace florin::lmdb::lmdb_test {
namespace {

// Append-only is a matter of types: there is nothing to call.
template <class T>
concept CanPut = requires(T table, WriteTransaction& transaction) {
  table.put(transaction, BytesView{}, BytesView{});
};
template <class T>
concept CanErase =
    requires(T table, WriteTransaction& transaction) { table.erase(transaction, BytesView{}); };
template <class Txn>
concept CanWrite = requires(StateDbi table, Txn& transaction) {
  table.put(transaction, BytesView{}, BytesView{});
};
template <class Txn>
concept CursorFrom = requires(Txn&& transaction, StateDbi table) {
  Cursor::open(std::forward<Txn>(transaction), table);
};
static_assert(!CanPut<AppendDbi> && !CanErase<AppendDbi>);
static_assert(CanPut<StateDbi> && CanErase<StateDbi>);
static_assert(CanWrite<WriteTransaction> && !CanWrite<ReadTransaction>);
static_assert(CursorFrom<ReadTransaction&> && !CursorFrom<ReadTransaction>);
static_assert(!std::is_copy_constructible_v<WriteTransaction>);

class LmdbTest : public testing::Test {
 protected:
  std::unique_ptr<Environment> open() {
    auto environment = Environment::open({dir_.path(), std::uint64_t{64} << 20U, 32});
    EXPECT_TRUE(environment.ok());
    return std::move(*environment);
  }
  test::TempDir dir_;
};

TEST_F(LmdbTest, CommittedRowsSurviveAndDroppedOnesDoNot) {
  {
    const auto environment = open();
    auto write = environment->write();
    ASSERT_TRUE(write.ok());
    auto table = StateDbi::open(*write, "state");
    ASSERT_TRUE(table.ok());
    ASSERT_TRUE(table->put(*write, view_of("a"), view_of("1")).ok());
    ASSERT_TRUE(write->commit().ok());
    auto dropped = environment->write();
    ASSERT_TRUE(table->put(*dropped, view_of("b"), view_of("2")).ok());
    EXPECT_TRUE(table->get(*dropped, view_of("b"))->has_value());
  }
  const auto environment = open();
  auto write = environment->write();
  auto table = StateDbi::open(*write, "state");
  EXPECT_EQ(text_of(**table->get(*write, view_of("a"))), "1");
  EXPECT_FALSE(table->get(*write, view_of("b"))->has_value());
  EXPECT_EQ(*table->count(*write), 1U);
  EXPECT_TRUE(*table->erase(*write, view_of("a")));
  EXPECT_FALSE(*table->erase(*write, view_of("a")));
}

TEST_F(LmdbTest, AppendTableRefusesToReplaceOrGoBack) {
  const auto environment = open();
  auto write = environment->write();
  auto table = AppendDbi::open(*write, "log");
  ASSERT_TRUE(table->append(*write, view_of("b"), view_of("1")).ok());
  EXPECT_EQ(table->append(*write, view_of("b"), view_of("2")).error().code(),
            Errc::unique_violation);
  EXPECT_EQ(table->append(*write, view_of("a"), view_of("2")).error().code(),
            Errc::unique_violation);
  EXPECT_EQ(table->insert(*write, view_of("b"), view_of("2")).error().code(),
            Errc::unique_violation);
  EXPECT_TRUE(table->insert(*write, view_of("a"), view_of("3")).ok());
  EXPECT_EQ(text_of(**table->get(*write, view_of("b"))), "1");
}

TEST_F(LmdbTest, ReadersSeeTheLastCommitOnly) {
  const auto environment = open();
  auto write = environment->write();
  auto table = StateDbi::open(*write, "state");
  ASSERT_TRUE(write->commit().ok());
  auto before = environment->read();
  std::thread writer([&] {
    auto other = environment->write();
    ASSERT_TRUE(table->put(*other, view_of("k"), view_of("v")).ok());
    ASSERT_TRUE(other->commit().ok());
  });
  writer.join();
  EXPECT_FALSE(table->get(*before, view_of("k"))->has_value());
  auto after = environment->read();
  EXPECT_TRUE(table->get(*after, view_of("k"))->has_value());
}

TEST_F(LmdbTest, CursorWalksBothWays) {
  const auto environment = open();
  auto write = environment->write();
  auto table = StateDbi::open(*write, "state");
  for (const char* key : {"b", "d", "f"}) {
    ASSERT_TRUE(table->put(*write, view_of(key), view_of(key)).ok());
  }
  auto cursor = Cursor::open(*write, *table);
  ASSERT_TRUE(cursor.ok());
  EXPECT_EQ(text_of((*cursor->at_or_after(view_of("c")))->key), "d");
  EXPECT_EQ(text_of((*cursor->next())->key), "f");
  EXPECT_FALSE(cursor->next()->has_value());
  EXPECT_EQ(text_of((*cursor->before(view_of("d")))->key), "b");
  EXPECT_EQ(text_of((*cursor->before(view_of("z")))->key), "f");
  EXPECT_FALSE(cursor->before(view_of("b"))->has_value());
  EXPECT_EQ(text_of((*cursor->first())->key), "b");
  EXPECT_EQ(text_of((*cursor->last())->key), "f");
  EXPECT_EQ(text_of((*cursor->previous())->key), "d");
}

TEST_F(LmdbTest, TransactionMustOutliveItsCursors) {
  const auto environment = open();
  EXPECT_DEATH(
      {
        auto write = environment->write();
        auto table = StateDbi::open(*write, "state");
        auto cursor = Cursor::open(*write, *table);
        (void)write->commit();
      },
      "cursors_ == 0");
}

TEST_F(LmdbTest, OnePathIsOpenOnce) {
  auto first = open();
  const auto second = Environment::open({dir_.path(), std::uint64_t{1} << 20U, 32});
  EXPECT_EQ(second.error().code(), Errc::state_conflict);
  first.reset();
  EXPECT_TRUE(Environment::open({dir_.path(), std::uint64_t{1} << 20U, 32}).ok());
}

TEST_F(LmdbTest, FullMapAndForeignFileAreErrors) {
  auto environment = Environment::open({dir_.path(), std::uint64_t{1} << 20U, 32});
  auto write = (*environment)->write();
  auto table = StateDbi::open(*write, "state");
  const Bytes large(std::size_t{2} << 20U);
  EXPECT_EQ(table->put(*write, view_of("k"), large).error().code(), Errc::io_failure);

  test::TempDir other;
  std::FILE* file = std::fopen((other.path() / "data.mdb").c_str(), "w");
  const Bytes garbage(16384, 0x5A);
  ASSERT_EQ(std::fwrite(garbage.data(), 1, garbage.size(), file), garbage.size());
  std::fclose(file);
  EXPECT_EQ(Environment::open({other.path(), std::uint64_t{1} << 20U, 32}).error().code(),
            Errc::ledger_corrupt);
}

TEST_F(LmdbTest, DamagedPagesAreFoundBeforeTheFileIsMapped) {
  {
    const auto environment = open();
    auto write = environment->write();
    auto table = StateDbi::open(*write, "state");
    for (std::uint8_t i = 0; i < 200; ++i) {
      // Every tenth value takes pages of its own.
      ASSERT_TRUE(table->put(*write, Bytes(20, i), Bytes(i % 10 == 0 ? 9000 : 100, i)).ok());
    }
    ASSERT_TRUE(write->commit().ok());
    // Frees pages, so that there is a list of them.
    auto again = environment->write();
    ASSERT_TRUE(table->erase(*again, Bytes(20, 50)).ok());
    ASSERT_TRUE(again->commit().ok());
  }
  const std::filesystem::path path = dir_.path() / "data.mdb";
  const auto size = std::filesystem::file_size(path);
  EXPECT_TRUE(open() != nullptr);
  const auto flipped = [&](std::streamoff at) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(at);
    const char before = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(before ^ 4));
    file.close();
    const auto opened = Environment::open({dir_.path(), std::uint64_t{64} << 20U, 32});
    std::fstream(path, std::ios::binary | std::ios::in | std::ios::out).seekp(at).put(before);
    return opened.ok() ? Errc{} : opened.error().code();
  };
  // The heads: kind and magic number.
  for (const std::streamoff at : {10, 16, 4096 + 16}) EXPECT_EQ(flipped(at), Errc::ledger_corrupt);
  // Numbers and bounds of the pages in use; those that are free may hold anything.
  std::size_t found = 0;
  for (std::uint64_t page = 2; page < size / 4096; ++page) {
    if (flipped(static_cast<std::streamoff>(page * 4096)) == Errc::ledger_corrupt) ++found;
  }
  EXPECT_GT(found, 10U);
  EXPECT_TRUE(open() != nullptr);
  std::filesystem::resize_file(path, size - 4096);
  EXPECT_EQ(Environment::open({dir_.path(), std::uint64_t{64} << 20U, 32}).error().code(),
            Errc::ledger_corrupt);
}

}  // namespace
}  // namespace florin::lmdb::lmdb_test
