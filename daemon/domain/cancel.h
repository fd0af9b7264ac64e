#pragma once
/// Cancelling a payment: at once where nothing is under way, else as soon as that has ended.
#include "daemon/domain/decide.h"
#include "daemon/domain/records.h"

namespace florin::domain {

/// The merchant no longer wants the payment. What is authorized and not captured is released by a
/// void. While an authorization, sale or capture is under way or in doubt the wish is recorded: the
/// plan then has no operation (`operation_changed` is false), and `cancel_step` acts later.
/// Errors: `state_conflict` when there is nothing to cancel or it was asked for before,
/// `operation_in_doubt` when a void is in doubt.
Result<Plan> cancel(const Payment& payment, const Attempt& attempt, const NewOperation& operation,
                    UnixNanos now);

/// Called when an operation that was live has ended, with its state: what a recorded wish comes to.
void end_wish(Payment& payment, const Operation& ended) noexcept;

/// The next step of a cancellation that is due: a refund of what was captured in the meantime, then
/// a void of the rest, each with an intent of its own; or, where late successes are accepted,
/// nothing but the end of the wish. To be repeated while `payment.cancel` is `due`.
Plan cancel_step(const Payment& payment, const Attempt& attempt, LateSuccess rule,
                 const NewOperation& operation, UnixNanos now);

}  // namespace florin::domain
