#pragma once
/// The books as plain maps: everything that entries have brought about so far.
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/verify/leaf.h"
#include "support/memory_ledger/merkle_tree.h"

namespace florin::ledger::model {

struct Totals {
  std::array<Uint128, 4> sums{};
  Uint128& of(Side side, Layer layer) {
    return sums.at(static_cast<std::size_t>(layer) * 2 + static_cast<std::size_t>(side));
  }
  [[nodiscard]] Uint128 of(Side side, Layer layer) const {
    return sums.at(static_cast<std::size_t>(layer) * 2 + static_cast<std::size_t>(side));
  }
  bool operator==(const Totals&) const = default;
};

/// One posting of an account.
struct Line {
  std::uint64_t seq = 0;
  std::size_t posting = 0;  ///< position among the entry's postings
  Totals after;
};

struct AccountRecord {
  Account account;
  std::uint32_t flags = 0;
  Totals totals;
  std::vector<Line> lines;  ///< oldest first
  /// As postings tell it: number of the entry that touched the account last, + 1; 0 = none.
  [[nodiscard]] std::uint64_t touched() const { return lines.empty() ? 0 : lines.back().seq + 1; }
};

struct Hold {
  HoldState state;  ///< without the legs
  std::map<std::pair<std::uint64_t, Uuid>, Int128> legs;
  /// authorized - captured - released; below zero when facts passed the limit.
  [[nodiscard]] Int128 remaining() const {
    return Int128{state.authorized} - Int128{state.captured} - Int128{state.released};
  }
};

struct Entry {
  verify::Leaf leaf;
  Bytes bytes;
  Hash32 hash{};
  bool reversed = false;
};

struct Books {
  std::vector<Entry> entries;
  MerkleTree tree;
  std::map<Uuid, std::uint64_t> ids;
  std::map<Uuid, std::vector<std::uint64_t>> subjects;
  std::vector<AccountRecord> accounts;  ///< account n at n - 1
  std::map<AccountKey, std::uint64_t> numbers;
  std::map<Uuid, Hold> holds;
  std::map<std::pair<ObjectKind, Uuid>, ObjectRow> objects;
  std::map<std::pair<UniqueTable, Key16>, UniqueRow> uniques;
  std::map<Key16, IdempotencyRow> idempotency;
  std::map<std::pair<IndexNumber, Bytes>, std::pair<ObjectKind, Uuid>> index;
  std::vector<OutboxEvent> outbox;
  std::map<Uuid, std::uint64_t> merchant_events;
  BooksState state;
};

}  // namespace florin::ledger::model
