// The log and the ledger have no member that would change or remove what was written.
#include <gtest/gtest.h>

#include "ledger/export.h"
#include "ledger/ledger.h"
#include "ledger/log_file.h"
#include "ledger/open.h"
#include "ledger/segment_writer.h"

#if defined(MDB_VERSION_MAJOR) || defined(MDB_NOOVERWRITE) || defined(_LMDB_H_)
#error "lmdb.h reaches the users of the ledger"
#endif

namespace florin::ledger::immutability_test {
namespace {

// Anything, so that a member is found whatever it takes.
struct Any {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor)
};

#define FLORIN_MEMBER(name)                                                                    \
  template <class T>                                                                           \
  concept Has_##name = requires(T& t) { t.name(); } || requires(T& t, Any a) { t.name(a); } || \
                       requires(T& t, Any a) { t.name(a, a); } ||                              \
                       requires(T& t, Any a) { t.name(a, a, a); } || requires { &T::name; };

#define FLORIN_NEVER(name)                                                                     \
  FLORIN_MEMBER(name)                                                                          \
  static_assert(!Has_##name<SegmentWriter> && !Has_##name<LogFile> && !Has_##name<LogFiles> && \
                !Has_##name<PosixLogFiles> && !Has_##name<Ledger>);

FLORIN_NEVER(overwrite)
FLORIN_NEVER(truncate)
FLORIN_NEVER(resize)
FLORIN_NEVER(shrink)
FLORIN_NEVER(erase)
FLORIN_NEVER(remove)
FLORIN_NEVER(unlink)
FLORIN_NEVER(del)
FLORIN_NEVER(drop)
FLORIN_NEVER(clear)
FLORIN_NEVER(reset)
FLORIN_NEVER(rewind)
FLORIN_NEVER(seek)
FLORIN_NEVER(rollback)
FLORIN_NEVER(replace)
FLORIN_NEVER(rename)
FLORIN_NEVER(update)
FLORIN_NEVER(edit)
FLORIN_NEVER(put)
FLORIN_NEVER(set)
FLORIN_NEVER(reopen)

// A place in the log can be chosen at the port only, and only in a file that was created new.
FLORIN_MEMBER(write_at)
FLORIN_MEMBER(append_group)
FLORIN_MEMBER(create)
FLORIN_MEMBER(submit)
FLORIN_MEMBER(open)
static_assert(Has_write_at<LogFile> && !Has_write_at<SegmentWriter> && !Has_write_at<Ledger>);
static_assert(Has_append_group<SegmentWriter> && Has_create<LogFiles> && Has_submit<Ledger>);
static_assert(!Has_open<LogFiles> && !Has_open<LogFile>);

#undef FLORIN_NEVER
#undef FLORIN_MEMBER

// Two writers of one log are impossible to make by copying.
static_assert(!std::is_copy_constructible_v<SegmentWriter>);
static_assert(!std::is_copy_assignable_v<SegmentWriter>);

TEST(Immutability, TheLogAndTheLedgerHaveNothingThatChangesWhatIsWritten) {
  SUCCEED() << "this file compiles";
}

}  // namespace
}  // namespace florin::ledger::immutability_test
