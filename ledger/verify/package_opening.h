#pragma once
/// The position before the period of a package, as the package states it.
#include <filesystem>
#include <optional>
#include <vector>

#include "ledger/verify/package_text.h"
#include "ledger/verify/position.h"
#include "ledger/verify/report.h"
#include "ledger/verify/table_reader.h"

namespace florin::verify {

/// Reads opening_balances.csv, opening_holds.csv, opening_reversed.csv and the first rows of
/// `accounts`. Without the hash of the leaf before, which only the caller knows. Nothing when
/// something was wrong, which is then in `findings`.
std::optional<Position> read_opening(const std::filesystem::path& directory,
                                     const Manifest& manifest, TableReader& accounts,
                                     std::vector<Finding>& findings);

}  // namespace florin::verify
