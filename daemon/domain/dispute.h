#pragma once
/// Disputes as the acquirer tells of them: recorded, never refused.
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/money.h"
#include "daemon/domain/machine.h"

namespace florin::domain {

struct DisputeTag {
  static constexpr std::string_view prefix = "dsp";
};
using DisputeId = Id<DisputeTag>;

enum class DisputeStage : std::uint8_t {
  inquiry = 1,
  chargeback = 2,
  pre_arbitration = 3,
  arbitration = 4,
};
std::string_view dispute_stage_name(DisputeStage stage) noexcept;
/// Nothing when no stage has that name.
std::optional<DisputeStage> dispute_stage_named(std::string_view name) noexcept;

enum class DisputeStatus : std::uint8_t {
  needs_response = 1,
  under_review = 2,
  expired = 3,   ///< nobody answered in time
  accepted = 4,  ///< the merchant gave in
  lost = 5,
  won = 6,
  withdrawn = 7,  ///< the payer or the bank took it back
};
std::string_view dispute_status_name(DisputeStatus status) noexcept;
/// Nothing when no status has that name.
std::optional<DisputeStatus> dispute_status_named(std::string_view name) noexcept;
[[nodiscard]] bool is_closed(DisputeStatus status) noexcept;
/// Whether a stage's machine has a row between the two. A later fact without one is taken all the
/// same; it only is worth a look.
[[nodiscard]] bool may_become(DisputeStatus from, DisputeStatus to) noexcept;

/// Where the disputed money is.
enum class DisputeFunds : std::uint8_t { with_merchant, held, lost };
DisputeFunds funds_of(DisputeStage stage, DisputeStatus status) noexcept;

/// What one notice says.
struct DisputeNotice {
  std::string psp_dispute;  ///< the acquirer's name for it, at most 64 characters
  DisputeStage stage{};
  DisputeStatus status{};
  std::string reason;        ///< at most 64 characters, may be empty
  UnixNanos respond_by = 0;  ///< 0 = no deadline was told
  bool operator==(const DisputeNotice&) const = default;
};

struct Dispute {
  DisputeId id;
  std::uint64_t version = 0;
  // Written once.
  PaymentId payment;
  MerchantId merchant;
  MerchantId branch{};  ///< of the payment; nil: none
  ConnectorId connector;
  std::string psp_dispute;
  Currency currency;
  UnixNanos created_at = 0;
  // The latest that was told: of the highest stage, and there of the latest time.
  DisputeStage stage{};
  DisputeStatus status{};
  UnixNanos told_at = 0;  ///< the acquirer's time of it
  std::int64_t amount = 0;
  std::string reason;
  UnixNanos respond_by = 0;
  // What is booked, net.
  std::int64_t taken = 0;  ///< withheld by the acquirer
  std::int64_t lost = 0;   ///< of it: charged to the merchant
  std::uint16_t facts = 0;
  UnixNanos updated_at = 0;
};

Machine dispute_machine();

}  // namespace florin::domain
