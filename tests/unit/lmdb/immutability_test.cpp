// An append-only table cannot be misused: what would change or remove a row has no name to call.
// The same question asked of a table that may change shows that the question finds members.
#include <gtest/gtest.h>

#include "ledger/lmdb/cursor.h"
#include "ledger/lmdb/environment.h"
#include "ledger/lmdb/table.h"

// The database's own header must not come in through the room's.
#if defined(MDB_VERSION_MAJOR) || defined(MDB_NOOVERWRITE) || defined(_LMDB_H_)
#error "lmdb.h reaches the users of ledger/lmdb"
#endif

namespace florin::lmdb::immutability_test {
namespace {

// True when `name` can be called on a T with any of the usual arguments, or its address be taken.
#define FLORIN_MEMBER(name)                                                                        \
  template <class T>                                                                               \
  concept Has_##name =                                                                             \
      requires(T t, WriteTransaction& w) { t.name(w); } ||                                         \
      requires(T t, WriteTransaction& w, BytesView k) { t.name(w, k); } ||                         \
      requires(T t, WriteTransaction& w, BytesView k) { t.name(w, k, k); } ||                      \
      requires(T t, WriteTransaction& w, BytesView k, unsigned f) { t.name(w, k, k, f); } ||       \
      requires(T t, WriteTransaction& w, unsigned h, BytesView k) { t.name(w, h, k, k, h); } ||    \
      requires(T t, BytesView k) { t.name(k); } || requires(T t, BytesView k) { t.name(k, k); } || \
      requires(T t) { t.name(); } || requires { &T::name; };

#define FLORIN_NEVER(name) \
  FLORIN_MEMBER(name)      \
  static_assert(!Has_##name<AppendDbi> && !Has_##name<Table> && !Has_##name<Cursor>);

FLORIN_NEVER(put)
FLORIN_NEVER(put_row)
FLORIN_NEVER(erase)
FLORIN_NEVER(del)
FLORIN_NEVER(remove)
FLORIN_NEVER(drop)
FLORIN_NEVER(clear)
FLORIN_NEVER(empty)
FLORIN_NEVER(update)
FLORIN_NEVER(replace)
FLORIN_NEVER(overwrite)
FLORIN_NEVER(upsert)
FLORIN_NEVER(set)
FLORIN_NEVER(write)
FLORIN_NEVER(store)
FLORIN_NEVER(assign)
FLORIN_NEVER(modify)
FLORIN_NEVER(reserve)
FLORIN_NEVER(truncate)
FLORIN_NEVER(pop)
FLORIN_NEVER(swap)
FLORIN_NEVER(merge)
FLORIN_NEVER(handle)
FLORIN_NEVER(handle_)
FLORIN_NEVER(open_handle)

// The question finds what is there.
FLORIN_MEMBER(append)
FLORIN_MEMBER(insert)
FLORIN_MEMBER(next)
static_assert(Has_append<AppendDbi> && Has_insert<AppendDbi> && Has_next<Cursor>);
static_assert(Has_put<StateDbi> && Has_erase<StateDbi>);
static_assert(!Has_append<Table> && !Has_insert<Table> && !Has_append<Cursor>);

#undef FLORIN_NEVER
#undef FLORIN_MEMBER

// Nobody makes an append-only table of another's handle, or the other way round.
static_assert(!std::is_constructible_v<AppendDbi, unsigned>);
static_assert(!std::is_constructible_v<StateDbi, unsigned>);
static_assert(!std::is_constructible_v<StateDbi, AppendDbi>);
static_assert(!std::is_constructible_v<StateDbi, const Table&>);
static_assert(!std::is_convertible_v<AppendDbi, StateDbi>);
static_assert(!std::is_assignable_v<StateDbi&, AppendDbi>);
static_assert(std::is_final_v<AppendDbi> && std::is_final_v<StateDbi>);

// The database's handles stay unknown types outside the room.
template <class T>
concept Known = requires { sizeof(T); };
static_assert(!Known<MDB_env> && !Known<MDB_txn> && !Known<MDB_cursor>);
template <class T>
concept GivesHandle = requires(T t) { t.handle_; };
static_assert(!GivesHandle<Environment> && !GivesHandle<ReadTransaction> &&
              !GivesHandle<WriteTransaction> && !GivesHandle<Cursor> && !GivesHandle<AppendDbi>);

template <class Transaction>
concept Appends = requires(AppendDbi table, Transaction& transaction, BytesView bytes) {
  table.append(transaction, bytes, bytes);
};
template <class Transaction>
concept Inserts = requires(AppendDbi table, Transaction& transaction, BytesView bytes) {
  table.insert(transaction, bytes, bytes);
};
static_assert(Appends<WriteTransaction> && Inserts<WriteTransaction>);
static_assert(!Appends<ReadTransaction> && !Inserts<ReadTransaction>);

TEST(Immutability, IsHeldByTypes) {
  SUCCEED() << "this file compiles";
}

}  // namespace
}  // namespace florin::lmdb::immutability_test
