#pragma once
/// What an Idempotency-Key that was seen before is answered with (payments note §3.4, D12).
#include <chrono>
#include <optional>

#include "daemon/engine/payment_service.h"

namespace florin::engine {

/// How long a full answer is kept; afterwards the key is a tombstone that never executes again.
inline constexpr std::int64_t kAnswerLifetime_ns = std::int64_t{7} * 86'400 * kNanosPerSecond;

/// Nothing when the key is new. Errors: `idempotency_key_reused`, `idempotency_in_progress`,
/// `idempotency_key_expired`, and `nonce_reused` when this very request was answered before.
Result<std::optional<Reply>> earlier_answer(const Context& context, const Caller& caller,
                                            UnixNanos now);

/// The same for a request that is known to be itself, so that its own nonce is no repetition.
/// Errors: as above, without `nonce_reused`.
Result<std::optional<Reply>> stored_answer(const Context& context, const Caller& caller,
                                           UnixNanos now);

/// Waits for the answer of a request that still runs under the key, at most `limit`. The clock
/// outlives the task. Errors: as above; `idempotency_in_progress` when the time is over.
net::Task<Result<Reply>> join_earlier(ContextPtr context, Caller caller, const Clock* clock,
                                      std::chrono::milliseconds limit);

}  // namespace florin::engine
