#pragma once
/// Which entries an auditor asks for: by number, by UTC day, or all.
#include <optional>
#include <string>

#include "ledger/ledger.h"

namespace florin::control {

/// As an auditor writes it; empty means not given. Days are `YYYY-MM-DD`, both included.
struct PeriodAsked {
  std::string from_seq{};
  std::string to_seq{};
  std::string from_day{};
  std::string to_day{};
};

struct Period {
  std::optional<std::uint64_t> from_seq{};
  std::optional<std::uint64_t> to_seq{};
};

/// Among the first `size` entries. Errors: `malformed_value` with the field (`/from_seq`,
/// `/to_seq`,
/// `/from`, `/to`), also for a period without any entry.
Result<Period> find_period(const ledger::Ledger& books, std::uint64_t size,
                           const PeriodAsked& asked);

}  // namespace florin::control
