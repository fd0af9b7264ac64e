#include "daemon/engine/doubts.h"

#include <algorithm>

namespace florin::engine {
namespace {

Result<domain::Operation> load_operation(const Context& context, const OperationId& id) {
  FLORIN_TRY(
      std::optional<ledger::ObjectRow> row,
      context.books().object(static_cast<ledger::ObjectKind>(domain::Kind::operation), id.value));
  if (!row) return Error(Errc::ledger_mismatch, {}, {}, "an index row without its operation");
  return domain::decode_operation(row->id, row->version, row->immutable, row->head);
}

template <class Wanted>
Result<std::vector<Doubt>> collect(const Context& context, const DoubtNotes& notes, Wanted wanted) {
  FLORIN_TRY(const std::vector<OperationId> open, unresolved_operations(context));
  std::vector<Doubt> out;
  for (const OperationId& id : open) {
    FLORIN_TRY(domain::Operation operation, load_operation(context, id));
    if (operation.state == domain::OperationState::dispatched || !wanted(operation)) continue;
    FLORIN_TRY(domain::Payment payment, load_payment(context, operation.payment));
    FLORIN_TRY(domain::Connector connector, load_connector(context, operation.connector));
    out.push_back({.operation = std::move(operation),
                   .payment = std::move(payment),
                   .connector = std::move(connector.name),
                   .note = notes.find(id)});
  }
  std::sort(out.begin(), out.end(), [](const Doubt& a, const Doubt& b) {
    return a.operation.created_at < b.operation.created_at;
  });
  return out;
}

}  // namespace

Result<std::vector<Doubt>> list_doubts(const Context& context, const DoubtNotes& notes,
                                       UnixNanos made_before) {
  return collect(context, notes, [made_before](const domain::Operation& operation) {
    return operation.created_at <= made_before;
  });
}

Result<std::vector<Doubt>> doubts_of(const Context& context, const DoubtNotes& notes,
                                     const PaymentId& payment) {
  return collect(context, notes, [&payment](const domain::Operation& operation) {
    return operation.payment == payment;
  });
}

DoubtCount& DoubtCount::operator+=(const DoubtCount& other) noexcept {
  in_doubt += other.in_doubt;
  in_flight += other.in_flight;
  pending += other.pending;
  in_review += other.in_review;
  if (oldest_since == 0 || (other.oldest_since != 0 && other.oldest_since < oldest_since)) {
    oldest_since = other.oldest_since;
  }
  return *this;
}

Result<DoubtCount> count_doubts(const Context& context) {
  FLORIN_TRY(const std::vector<OperationId> open, unresolved_operations(context));
  DoubtCount out;
  for (const OperationId& id : open) {
    FLORIN_TRY(const domain::Operation operation, load_operation(context, id));
    if (operation.state == domain::OperationState::dispatched) ++out.in_flight;
    if (operation.state == domain::OperationState::pending) ++out.pending;
    if (operation.state == domain::OperationState::review) ++out.in_review;
    if (operation.state != domain::OperationState::unknown) continue;
    ++out.in_doubt;
    if (out.oldest_since == 0 || operation.created_at < out.oldest_since) {
      out.oldest_since = operation.created_at;
    }
  }
  return out;
}

}  // namespace florin::engine
