#pragma once
/// How much service there is while the security module is away. Pure.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace florin {

struct ServicePolicy {
  std::chrono::seconds grace{900};
  std::chrono::seconds max_unsigned{900};
};

enum class ServiceLevel : std::uint8_t {
  full,
  no_new_work,  ///< outcomes and reads only: entries have been without a signature for too long
  closed,       ///< the grace is over: keys are overwritten
};

/// `lost_for`: since the security module stopped being ready; nothing while it is. `unsigned_for`:
/// age of the oldest entry that no signed checkpoint covers.
ServiceLevel service_level(const ServicePolicy& policy,
                           std::optional<std::chrono::nanoseconds> lost_for,
                           std::chrono::nanoseconds unsigned_for) noexcept;

/// How long the ledgers have had entries that no signed checkpoint covers. Times are of a clock
/// that never steps. Not thread-safe.
class UnsignedLag {
 public:
  using Duration = std::chrono::nanoseconds;
  /// The state of one ledger now.
  void note(const std::string& ledger, std::uint64_t next_seq, std::uint64_t signed_size,
            Duration now);
  [[nodiscard]] Duration longest(Duration now) const noexcept;
  void forget() noexcept { rows_.clear(); }

 private:
  struct Row {
    std::uint64_t signed_size = 0;
    Duration since{};
  };
  std::map<std::string, Row> rows_;  ///< of ledgers with unsigned entries
};

}  // namespace florin
