#pragma once
/// Rules of accounts: opening, flags, running totals, balance limits, redirection to suspense.
#include <optional>
#include <string>
#include <vector>

#include "ledger/verify/position.h"

namespace florin::verify {

/// Debits and credits per asset and layer; few of them at a time.
class Sums {
 public:
  /// False on overflow.
  bool add(std::uint16_t asset, Layer layer, Side side, Uint128 amount);
  /// The first asset and layer whose sides differ, as text.
  [[nodiscard]] std::optional<std::string> difference() const;

 private:
  struct Row {
    std::uint16_t asset = 0;
    Layer layer{};
    Uint128 sides[2] = {0, 0};
  };
  std::vector<Row> rows_;
};

/// False for memo accounts and suspense.
bool may_have_flags(std::uint16_t code) noexcept;

// All errors: `ledger_mismatch`, without the entry's number.
/// A sub-merchant's account rolls up into a merchant's of the same asset, no other has a parent.
Result<void> check_parent(const std::vector<AccountState>& accounts, const AccountOpening& opening);
/// Opens the accounts of an entry and sets flags.
Result<void> open_accounts(std::vector<AccountState>& accounts, const Leaf& leaf);
Result<void> set_flags(std::vector<AccountState>& accounts, const Leaf& leaf);
/// Carries out all postings of an entry.
Result<void> post(std::vector<AccountState>& accounts, const Leaf& leaf);

}  // namespace florin::verify
