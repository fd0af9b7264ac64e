#pragma once
/// The end of authorizations: given back in time, and closed when their time has passed.
#include "daemon/domain/decide.h"

namespace florin::domain {

/// How long a connector's authorizations are good, and how long before their end they are given
/// back. A validity of 0: they have no end.
struct AuthorizationTime {
  std::int64_t validity_s = 0;
  std::int64_t margin_s = 0;
};

enum class ExpiryStep : std::uint8_t {
  nothing,    ///< not due, or something is under way that must end first
  void_rest,  ///< give the rest back at the acquirer: `void_expiring`
  expire,     ///< the time has passed: `expire`
};

/// What is due at the recorded time `now`. Pure: the same books at the same time say the same.
ExpiryStep expiry_step(const Payment& payment, const AuthorizationTime& time,
                       UnixNanos now) noexcept;

/// A void of the rest after which the payment is expired; asked for once. Errors as `void_rest`.
Result<Plan> void_expiring(const Payment& payment, const Attempt& attempt,
                           const NewOperation& operation, UnixNanos now);

/// Releases the rest without asking: nothing can be captured any more. The plan has no operation.
/// Errors: `state_conflict` when something is under way or nothing is left.
Result<Plan> expire(const Payment& payment, const Attempt& attempt, UnixNanos now);

}  // namespace florin::domain
