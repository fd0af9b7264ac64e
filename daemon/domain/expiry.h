#pragma once
/// What ends by time: authorizations, given back before and closed at their end, and payments that
/// nobody confirmed.
#include <optional>

#include "daemon/domain/decide.h"

namespace florin::domain {

/// How often a release before the end is tried when it cannot be sent. What an acquirer refuses is
/// not asked for again.
inline constexpr std::uint8_t kMaxExpiryVoids = 8;

enum class ExpiryStep : std::uint8_t {
  nothing,    ///< not due, or something is under way that must end first
  void_rest,  ///< give the rest back at the acquirer: `void_expiring`
  expire,     ///< the time has passed: `expire`
  forget,     ///< nobody confirmed it in time: `expire_unconfirmed`
};

/// When the authorization ends; nothing when it has no end, or nothing was authorized.
std::optional<UnixNanos> authorization_end(const Payment& payment) noexcept;
/// Until when a merchant may count on a capture: then the rest is given back. Nothing when nothing
/// is left to capture.
std::optional<UnixNanos> capture_before(const Payment& payment) noexcept;

/// When the next step is due: also of a payment that waits for its confirmation. Nothing while
/// something is under way or a cancellation stands, and when nothing is left.
std::optional<UnixNanos> expiry_due(const Payment& payment) noexcept;
/// What is due at the recorded time `now`. Pure: the same books at the same time say the same.
ExpiryStep expiry_step(const Payment& payment, UnixNanos now) noexcept;

/// A void of the rest after which the payment is expired. Errors as `void_rest`.
Result<Plan> void_expiring(const Payment& payment, const Attempt& attempt,
                           const NewOperation& operation, UnixNanos now);

/// Called when a void that was to end the authorization has ended in another way: it is tried again
/// within the margin when it was never executed, else its time ends it.
void note_failed_expiry(Payment& payment, OperationState ended) noexcept;

/// Releases the rest without asking: nothing can be captured any more. The plan has no operation
/// and stands for the end of the whole hold. Errors: `state_conflict` when something is under way
/// or nothing is left.
Result<Plan> expire(const Payment& payment, const Attempt& attempt, UnixNanos now);

/// Ends a payment that was never confirmed; nothing was asked of anybody. Errors: `state_conflict`.
Result<Plan> expire_unconfirmed(const Payment& payment, UnixNanos now);

}  // namespace florin::domain
