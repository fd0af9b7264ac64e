#include "daemon/engine/idempotency.h"

#include "daemon/domain/kinds.h"
#include "daemon/engine/customer.h"

namespace florin::engine {

Result<std::optional<Reply>> earlier_answer(const Context& context, const Caller& caller,
                                            UnixNanos now) {
  FLORIN_TRY(std::optional<ledger::IdempotencyRow> row,
             context.books().idempotency(caller.idempotency_key));
  if (!row) return std::optional<Reply>();
  // A request that is sent again is signed again: the same nonce means that somebody repeats bytes.
  FLORIN_TRY(std::optional<ledger::UniqueRow> nonce,
             context.books().unique(static_cast<ledger::UniqueTable>(domain::Unique::nonce),
                                    caller.nonce_key));
  if (nonce) return Error(Errc::nonce_reused);
  if (!equal_constant_time(row->fingerprint, caller.fingerprint)) {
    return Error(Errc::idempotency_key_reused, "Idempotency-Key", {});
  }
  if (!row->answered) return Error(Errc::idempotency_in_progress, "Idempotency-Key", {});
  if (row->expires_at <= now) return Error(Errc::idempotency_key_expired, "Idempotency-Key", {});
  FLORIN_TRY(std::string body,
             shown_now(context, {row->resource}, std::string(text_of(row->body))));
  return std::optional<Reply>(Reply{.status = row->http_status,
                                    .body = std::move(body),
                                    .payment = row->resource,
                                    .replayed = true});
}

}  // namespace florin::engine
