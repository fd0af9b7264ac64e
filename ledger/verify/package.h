#pragma once
/// Verifies an export package: sums, signature, tree, entries, and every table derived from them.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "ledger/verify/report.h"

namespace florin::verify {

struct PackageOptions {
  /// PEM of the key that must have signed, from a place that is trusted more than the package.
  /// Without it the package's own key is used, which proves only that it fits itself.
  std::optional<std::string> public_key_pem{};
  /// A checkpoint kept from an earlier time; the package must continue it.
  std::optional<std::string> previous_checkpoint{};
  /// Called now and then on the caller's thread.
  std::function<void(std::uint64_t entries_done, std::uint64_t entries_all)> progress{};
};

/// Reads only. What is wrong with the package is in the report; errors are what keeps us from
/// looking: `not_found` (no such directory), `malformed_value` (an unusable option).
Result<Report> verify_package(const std::filesystem::path& directory,
                              const PackageOptions& options = {});

}  // namespace florin::verify
