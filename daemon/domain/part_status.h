#pragma once
/// The machines of what belongs to a payment: attempt, capture, refund, void.
#include <cstdint>
#include <string_view>

#include "daemon/domain/operation_state.h"

namespace florin::domain {

enum class CaptureStatus : std::uint8_t {
  pending = 1,
  succeeded = 2,
  failed = 3,
  unknown = 4,
  review = 5,
  reversed = 6,  ///< the acquirer took all of it back after it had succeeded
};
std::string_view capture_status_name(CaptureStatus status) noexcept;

enum class RefundStatus : std::uint8_t {
  pending = 1,
  succeeded = 2,
  failed = 3,
  unknown = 4,
  review = 5,
  returned = 6,  ///< all of it came back from the payer's bank after it had succeeded
};
std::string_view refund_status_name(RefundStatus status) noexcept;

/// Of one routing decision; derived from the operation that carries it out.
enum class AttemptStatus : std::uint8_t {
  processing = 1,
  in_doubt = 2,
  review = 3,
  authorized = 4,
  failed = 5,
};
std::string_view attempt_status_name(AttemptStatus status) noexcept;

/// What becomes of a capture, refund or attempt when its operation is in a state. The pair of old
/// and new status is always a row of its machine, or no change.
CaptureStatus capture_status_of(OperationState operation) noexcept;
RefundStatus refund_status_of(OperationState operation) noexcept;
AttemptStatus attempt_status_of(OperationState operation) noexcept;

/// Whether the machine of captures or refunds has a row between the two.
[[nodiscard]] bool may_become(CaptureStatus from, CaptureStatus to) noexcept;
[[nodiscard]] bool may_become(RefundStatus from, RefundStatus to) noexcept;

Machine attempt_machine();
Machine capture_machine();
Machine refund_machine();

}  // namespace florin::domain
