#pragma once
/// Verifies an export package: sums, signature, tree, entries, and every table derived from them.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "ledger/verify/report.h"

namespace florin::verify {

/// What takes long: the sums are over all bytes, then each entry is looked at.
enum class Stage : std::uint8_t { bytes_summed, entries_checked };

struct PackageOptions {
  /// PEM of the key that must have signed, from a place that is trusted more than the package.
  /// Without it the package's own key is used, which proves only that it fits itself.
  std::optional<std::string> public_key_pem{};
  /// A checkpoint kept from an earlier time; the package must continue it.
  std::optional<std::string> previous_checkpoint{};
  /// Called now and then on the caller's thread.
  std::function<void(Stage stage, std::uint64_t done, std::uint64_t all)> progress{};
  /// Outside the package: where to leave how far the verification came, and from where to go on. A
  /// file that is of no use is told in the report's notes and written anew; at the end it is
  /// removed.
  std::optional<std::filesystem::path> state_file{};
  /// Entries between two writings of the state, at least; large books are written less often.
  std::uint64_t state_every_entries = 200'000;
  /// Asked now and then; true writes the state and ends with `Report::interrupted`.
  std::function<bool()> stop{};
};

/// Reads only, but for the state file. What is wrong with the package is in the report; errors are
/// what keeps us from looking: `not_found` (no such directory), `malformed_value` (an unusable
/// option), `validation_failed` (the state file lies inside the package), `io_failure` (the state
/// cannot be written).
Result<Report> verify_package(const std::filesystem::path& directory,
                              const PackageOptions& options = {});

}  // namespace florin::verify
