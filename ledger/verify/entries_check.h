#pragma once
/// Walks through the entries of a package and everything that is derived from them.
#include <filesystem>

#include "ledger/verify/package.h"
#include "ledger/verify/package_text.h"
#include "ledger/verify/report.h"

namespace florin::verify {

/// Appends what is wrong to the report, and counts there. The manifest must be that of the signed
/// checkpoint. Error: `io_failure` when the state cannot be written.
Result<void> check_entries(const std::filesystem::path& directory, const Manifest& manifest,
                           const PackageOptions& options, Report& report);

}  // namespace florin::verify
