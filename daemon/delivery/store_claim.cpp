#include <algorithm>

#include "base/log.h"
#include "daemon/delivery/store.h"
#include "ledger/lmdb/cursor.h"

namespace florin::delivery {
namespace {

// Rows of a disabled endpoint that one claim moves aside; keeps the transaction short.
constexpr std::size_t kHeldPerClaim = 256;

// The smallest key behind every row of the endpoint.
Bytes behind(const EndpointKey& endpoint) {
  Bytes key = encode_key(endpoint);
  key.insert(key.end(), 21, 0xFF);
  return key;
}

}  // namespace

struct Store::Scan {
  std::vector<DueKey> due;
  std::optional<UnixNanos> next_due;
  std::optional<EndpointKey> last_endpoint;
  std::size_t to_start = 0;

  void not_yet(UnixNanos at) { next_due = next_due ? std::min(*next_due, at) : at; }
};

// Visits each endpoint that has rows once, beginning behind the one served last: the work grows
// with the number of endpoints, not with the length of a dead endpoint's queue.
Result<void> Store::scan_due(const lmdb::Transaction& transaction, const ClaimRequest& request,
                             Scan& scan) const {
  FLORIN_TRY(lmdb::Cursor cursor, lmdb::Cursor::open(transaction, tables_.due));
  const bool from_middle = request.after.has_value();
  bool wrapped = !from_middle;
  lmdb::Cursor::Found found =
      from_middle ? cursor.at_or_after(behind(*request.after)) : cursor.first();
  while (true) {
    FLORIN_TRY(auto row, std::move(found));
    if (!row && !wrapped) {
      wrapped = true;
      found = cursor.first();
      continue;
    }
    if (!row) return {};
    FLORIN_TRY(DueKey due, decode_due_key(row->key));
    const EndpointKey endpoint = due.key.endpoint;
    if (from_middle && wrapped && endpoint > *request.after) return {};
    const bool attached = request.ledgers.contains(endpoint.ledger);
    FLORIN_TRY(const auto disabled, disabled_at(transaction, endpoint));
    const auto running = request.in_flight.find(endpoint);
    std::size_t taken = running == request.in_flight.end() ? 0 : running->second;
    const std::size_t limit = disabled ? kHeldPerClaim : request.per_endpoint;
    while (attached && row && due.key.endpoint == endpoint && due.next_at <= request.now &&
           taken < limit && (disabled || scan.to_start < request.capacity)) {
      scan.due.push_back(due);
      ++taken;
      if (!disabled) {
        ++scan.to_start;
        scan.last_endpoint = endpoint;
      }
      FLORIN_TRY(row, cursor.next());
      if (row) {
        FLORIN_TRY(due, decode_due_key(row->key));
      }
    }
    if (attached && row && due.key.endpoint == endpoint &&
        (due.next_at > request.now || disabled)) {
      scan.not_yet(due.next_at);
    }
    found = cursor.at_or_after(behind(endpoint));
  }
}

Result<std::optional<Delivery>> Store::start(lmdb::WriteTransaction& transaction, const DueKey& due,
                                             UnixNanos now) const {
  FLORIN_TRY_VOID(tables_.due.erase(transaction, encode_due_key(due.key, due.next_at)));
  FLORIN_TRY(auto found, find(transaction, due.key));
  if (!found) {
    // One orphan must not stop everybody's deliveries.
    log_error("delivery.orphan", Error(Errc::ledger_corrupt, {}, {}, "due without a delivery"));
    return std::optional<Delivery>();
  }
  Delivery delivery = *std::move(found);
  FLORIN_TRY(const auto disabled, disabled_at(transaction, due.key.endpoint));
  delivery.next_at = 0;
  if (disabled) {
    delivery.state = DeliveryState::held;
    FLORIN_TRY_VOID(put(transaction, delivery));
    return std::optional<Delivery>();
  }
  delivery.state = DeliveryState::in_flight;
  ++delivery.attempts;
  FLORIN_TRY_VOID(append(transaction, delivery,
                         AttemptRecord{.number = delivery.attempts,
                                       .phase = AttemptPhase::started,
                                       .at = now,
                                       .outcome = AttemptOutcome::none,
                                       .status = 0,
                                       .duration_ms = 0,
                                       .previous = {}}));
  FLORIN_TRY_VOID(put(transaction, delivery));
  FLORIN_TRY_VOID(tables_.in_flight.put(transaction, encode_key(due.key), {}));
  return std::optional<Delivery>(std::move(delivery));
}

Result<ClaimResult> Store::claim(lmdb::WriteTransaction& transaction,
                                 const ClaimRequest& request) const {
  Scan scan;
  FLORIN_TRY_VOID(scan_due(transaction, request, scan));
  ClaimResult result;
  result.next_due = scan.next_due;
  result.last_endpoint = scan.last_endpoint ? scan.last_endpoint : request.after;
  for (const DueKey& due : scan.due) {
    FLORIN_TRY(auto delivery, start(transaction, due, request.now));
    if (delivery) result.started.push_back(*std::move(delivery));
  }
  return result;
}

}  // namespace florin::delivery
