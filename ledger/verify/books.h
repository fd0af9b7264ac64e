#pragma once
/// The bookkeeping rules, checked entry by entry in order: chain, time, double entry, accounts,
/// running totals, holds, reversals, locks. Keeps the accounts, the holds and the numbers of
/// reversed entries; nothing for other entries.
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "ledger/verify/leaf.h"
#include "ledger/verify/position.h"

namespace florin::verify {

class Books {
 public:
  /// Brings the leaf of an earlier entry, which a reversal names; whoever gives it answers for its
  /// being the one that `consume` was given, or that the tree has at that place.
  using EntryLookup = std::function<Result<Leaf>(std::uint64_t seq)>;

  /// Begins with the genesis entry. Without a lookup no reversal can be taken.
  explicit Books(EntryLookup lookup = {}) : lookup_(std::move(lookup)) {}
  /// Starts from a stated position, which is itself checked (`check_position`). Error:
  /// `ledger_mismatch`.
  static Result<Books> resume(Position position, EntryLookup lookup = {});

  /// Takes the next entry. Error: `ledger_mismatch`, the message begins with "entry <seq>"; the
  /// books are then of no further use.
  Result<void> consume(const Leaf& leaf, const Hash32& leaf_hash);

  [[nodiscard]] const Position& position() const noexcept { return at_; }
  [[nodiscard]] std::uint64_t next_seq() const noexcept { return at_.next_seq; }
  /// In order of their numbers: the trial balance.
  [[nodiscard]] const std::vector<AccountState>& accounts() const noexcept { return at_.accounts; }
  [[nodiscard]] const HoldMap& holds() const noexcept { return at_.holds; }
  /// The genesis entry says so; nothing when the books did not begin with it.
  [[nodiscard]] std::optional<bool> evaluation() const noexcept { return evaluation_; }

 private:
  Result<void> take(const Leaf& leaf);
  [[nodiscard]] Result<void> check_frame(const Leaf& leaf) const;
  [[nodiscard]] Result<void> check_day(const Leaf& leaf) const;
  Result<void> reverse(const Leaf& leaf);
  Result<void> turn(const Leaf& leaf);

  Position at_;
  std::optional<bool> evaluation_;
  EntryLookup lookup_;
};

}  // namespace florin::verify
