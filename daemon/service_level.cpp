#include "daemon/service_level.h"

#include <algorithm>

namespace florin {

ServiceLevel service_level(const ServicePolicy& policy,
                           std::optional<std::chrono::nanoseconds> lost_for,
                           std::chrono::nanoseconds unsigned_for) noexcept {
  if (lost_for.has_value() && *lost_for >= policy.grace) return ServiceLevel::closed;
  if (unsigned_for >= policy.max_unsigned) return ServiceLevel::no_new_work;
  return ServiceLevel::full;
}

void UnsignedLag::note(const std::string& ledger, std::uint64_t next_seq, std::uint64_t signed_size,
                       Duration now) {
  if (next_seq <= signed_size) {
    rows_.erase(ledger);
    return;
  }
  // A new signature covers all that was there before: what is unsigned now is younger.
  const auto [at, is_new] = rows_.try_emplace(ledger, Row{signed_size, now});
  if (!is_new && at->second.signed_size != signed_size) at->second = {signed_size, now};
}

UnsignedLag::Duration UnsignedLag::longest(Duration now) const noexcept {
  Duration out{};
  for (const auto& [ledger, row] : rows_) out = std::max(out, now - row.since);
  return out;
}

}  // namespace florin
