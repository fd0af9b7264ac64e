#pragma once
/// The file `restored` in a ledger's directory: left by a restore for the next start, which writes
/// the recovery entry and removes it (ledger/FORMAT.md, "Restore marker").
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace florin::verify {

inline constexpr std::string_view kRestoreMarkerFile = "restored";
inline constexpr std::size_t kMaxRestoreMarkerBytes = 4096;

struct RestoreMarker {
  std::string backup;         ///< id of the backup, 26 characters
  std::uint64_t entries = 0;  ///< that count; the recovery entry gets this seq
  bool cut = false;           ///< entries behind them stand in the last segment and do not count
  std::uint64_t signed_size = 0;  ///< of the last checkpoint that was known, 0 when none
  Hash32 signed_root{};
  bool operator==(const RestoreMarker&) const = default;
};

std::string format_restore_marker(const RestoreMarker& marker);
/// Error: `malformed_value`.
Result<RestoreMarker> parse_restore_marker(std::string_view text);

}  // namespace florin::verify
