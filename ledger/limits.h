#pragma once
/// Limits of the ledger. Those of the leaf are in ledger/verify/leaf.h, since an auditor needs
/// them.
#include <cstddef>
#include <cstdint>

namespace florin::ledger {

inline constexpr std::size_t kMaxHeadBytes = 512;
inline constexpr std::size_t kMaxImmutableBytes = std::size_t{24} * 1024;
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{16} * 1024;
inline constexpr std::size_t kMaxEventBytes = std::size_t{16} * 1024;
inline constexpr std::size_t kMaxEventTypeBytes = 100;
inline constexpr std::size_t kMaxUniqueValueBytes = 64;
inline constexpr std::size_t kMaxBodyBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxIndexKeyBytes = 200;
inline constexpr std::size_t kMaxReadRows = 10'000;

/// Queued commands and the outcomes for which they reserve room, together.
inline constexpr std::size_t kMaxQueuedCommands = 8192;
/// Commands are refused when those before them take longer than this.
inline constexpr std::int64_t kMaxPredicted_ns = 250'000'000;
inline constexpr std::size_t kMaxGroupCommands = 512;
/// A group takes no further command when it has so many bytes.
inline constexpr std::size_t kMaxGroupBytes = std::size_t{1} << 20U;
/// Below this, commands are refused; what is left is for facts and for the segment that they need.
inline constexpr std::uint64_t kMinFreeBytes = std::uint64_t{64} << 20U;
/// What the largest outcome takes of the log, and once more of the database.
inline constexpr std::uint64_t kOutcomeBytes = std::uint64_t{80} << 10U;
/// LMDB is committed at the latest after so many entries or so long.
inline constexpr std::size_t kMaxUncommittedEntries = 4096;
inline constexpr std::int64_t kMaxUncommitted_ns = 100'000'000;
/// And when nothing came for so long, or at once when somebody waits to read what was written.
inline constexpr std::int64_t kCommitPause_ns = 10'000'000;

}  // namespace florin::ledger
