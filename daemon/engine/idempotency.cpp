#include "daemon/engine/idempotency.h"

#include <algorithm>

#include "daemon/domain/kinds.h"
#include "daemon/engine/append.h"
#include "daemon/engine/customer.h"

namespace florin::engine {

Result<std::optional<Reply>> earlier_answer(const Context& context, const Caller& caller,
                                            UnixNanos now) {
  FLORIN_TRY(const std::optional<ledger::IdempotencyRow> row,
             context.books().idempotency(caller.idempotency_key));
  if (!row) return std::optional<Reply>();
  // A request that is sent again is signed again: the same nonce means that somebody repeats bytes.
  FLORIN_TRY(std::optional<ledger::UniqueRow> nonce,
             context.books().unique(static_cast<ledger::UniqueTable>(domain::Unique::nonce),
                                    caller.nonce_key));
  if (nonce) return Error(Errc::nonce_reused);
  return stored_answer(context, caller, now);
}

Result<std::optional<Reply>> stored_answer(const Context& context, const Caller& caller,
                                           UnixNanos now) {
  FLORIN_TRY(std::optional<ledger::IdempotencyRow> row,
             context.books().idempotency(caller.idempotency_key));
  if (!row) return std::optional<Reply>();
  if (!equal_constant_time(row->fingerprint, caller.fingerprint)) {
    return Error(Errc::idempotency_key_reused, "Idempotency-Key", {});
  }
  if (!row->answered) return Error(Errc::idempotency_in_progress, "Idempotency-Key", {});
  if (row->expires_at <= now) {
    return Error(Errc::idempotency_key_expired, "Idempotency-Key", {},
                 PaymentId{row->resource}.text());
  }
  FLORIN_TRY(std::string body,
             shown_now(context, {row->resource}, std::string(text_of(row->body))));
  return std::optional<Reply>(Reply{.status = row->http_status,
                                    .body = std::move(body),
                                    .payment = row->resource,
                                    .replayed = true});
}

net::Task<Result<Reply>> join_earlier(ContextPtr context, Caller caller, const Clock* clock,
                                      std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kPause{50};
  for (;;) {
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
    Result<std::optional<Reply>> earlier = earlier_answer(*context, caller, clock->now());
    if (earlier.ok() && *earlier) co_return std::move(**earlier);
    if (earlier.ok()) co_return Error(Errc::idempotency_in_progress, "Idempotency-Key", {});
    if (earlier.error().code() != Errc::idempotency_in_progress) {
      co_return std::move(earlier).error();
    }
    if (limit <= std::chrono::milliseconds::zero()) co_return std::move(earlier).error();
    co_await net::sleep_for(std::min(kPause, limit));
    limit -= kPause;
  }
}

}  // namespace florin::engine
