#pragma once
/// The chart of accounts: what each account code is called and how its balance reads.
#include <optional>
#include <span>
#include <string_view>

#include "ledger/command.h"

namespace florin::ledger {

enum class AccountType : std::uint8_t { asset, liability, control, revenue, expense, memo };
std::string_view account_type_name(AccountType type) noexcept;

struct ChartRow {
  AccountCode code{};
  std::string_view name;
  AccountType type{};
  Side normal_side{};  ///< the side on which the balance is usually positive
  /// Accounts of this code roll up into one of that code, of the owner that the posting names.
  std::optional<AccountCode> parent{};
  /// False for accounts that must always take what comes: they are never frozen or limited.
  bool takes_flags = true;
};

/// All accounts that exist, by code.
std::span<const ChartRow> chart() noexcept;
/// Nothing for a code that is not in the chart.
std::optional<ChartRow> chart_row(AccountCode code) noexcept;

}  // namespace florin::ledger
