#include "daemon/engine/store.h"

#include "daemon/domain/index_keys.h"
#include "daemon/engine/customer.h"

namespace florin::engine {
namespace {

constexpr std::size_t kUnresolvedPage = 10'000;

ledger::ObjectKind kind_of(domain::Kind kind) {
  return static_cast<ledger::ObjectKind>(kind);
}
ledger::IndexNumber index_of(domain::Index index) {
  return static_cast<ledger::IndexNumber>(index);
}

Result<ledger::ObjectRow> load(const Context& context, domain::Kind kind, const Uuid& id) {
  FLORIN_TRY(std::optional<ledger::ObjectRow> row, context.books().object(kind_of(kind), id));
  if (!row) return Error(Errc::not_found);
  return std::move(*row);
}

// Objects of one owner through an index whose keys are (owner, id).
template <class T, class Decode>
Result<std::vector<T>> load_owned(const Context& context, domain::Index index, domain::Kind kind,
                                  const Uuid& owner, std::size_t limit, Decode decode) {
  FLORIN_TRY(ledger::IndexPage page,
             context.books().index(index_of(index), owner.view(), std::nullopt, limit, false));
  std::vector<T> out;
  for (const auto& found : page.rows) {
    FLORIN_TRY(ledger::ObjectRow row, load(context, kind, found.id));
    FLORIN_TRY(T object, decode(row.id, row.version, row.immutable, row.head));
    out.push_back(std::move(object));
  }
  return out;
}

}  // namespace

Result<domain::Payment> load_payment(const Context& context, const PaymentId& id) {
  FLORIN_TRY(ledger::ObjectRow row, load(context, domain::Kind::payment, id.value));
  FLORIN_TRY(domain::Payment payment,
             domain::decode_payment(row.id, row.version, row.immutable, row.head));
  FLORIN_TRY_VOID(reveal(context.ledger(), payment));
  return payment;
}

Result<domain::Attempt> load_attempt(const Context& context, const AttemptId& id) {
  FLORIN_TRY(ledger::ObjectRow row, load(context, domain::Kind::attempt, id.value));
  return domain::decode_attempt(row.id, row.version, row.immutable, row.head);
}

Result<domain::Connector> load_connector(const Context& context, const ConnectorId& id) {
  FLORIN_TRY(ledger::ObjectRow row, load(context, domain::Kind::connector, id.value));
  return domain::decode_connector(row.id, row.immutable, row.head);
}

Result<PaymentView> load_view(const Context& context, const PaymentId& id) {
  FLORIN_TRY(domain::Payment payment, load_payment(context, id));
  PaymentView view{.payment = std::move(payment)};
  FLORIN_TRY(view.captures, load_owned<domain::Capture>(
                                context, domain::Index::captures_of_payment, domain::Kind::capture,
                                id.value, domain::kMaxCaptures, domain::decode_capture));
  FLORIN_TRY(view.refunds, load_owned<domain::Refund>(context, domain::Index::refunds_of_payment,
                                                      domain::Kind::refund, id.value,
                                                      domain::kMaxRefunds, domain::decode_refund));
  return view;
}

Result<domain::Life> load_life(const Context& context, const OperationId& id) {
  FLORIN_TRY(ledger::ObjectRow row, load(context, domain::Kind::operation, id.value));
  FLORIN_TRY(domain::Operation operation,
             domain::decode_operation(row.id, row.version, row.immutable, row.head));
  FLORIN_TRY(domain::Payment payment, load_payment(context, operation.payment));
  FLORIN_TRY(domain::Attempt attempt, load_attempt(context, operation.attempt));
  domain::Life life{.payment = std::move(payment),
                    .attempt = std::move(attempt),
                    .operation = std::move(operation)};
  const Uuid target = life.operation.target;
  if (life.operation.kind == domain::OperationKind::capture) {
    FLORIN_TRY(ledger::ObjectRow found, load(context, domain::Kind::capture, target));
    FLORIN_TRY(life.capture,
               domain::decode_capture(found.id, found.version, found.immutable, found.head));
  }
  if (life.operation.kind == domain::OperationKind::refund) {
    FLORIN_TRY(ledger::ObjectRow found, load(context, domain::Kind::refund, target));
    FLORIN_TRY(life.refund,
               domain::decode_refund(found.id, found.version, found.immutable, found.head));
  }
  return life;
}

Result<std::vector<OperationId>> unresolved_operations(const Context& context) {
  std::vector<OperationId> out;
  std::optional<Bytes> cursor;
  for (bool more = true; more;) {
    FLORIN_TRY(ledger::IndexPage page,
               context.books().index(index_of(domain::Index::unresolved_operations), {},
                                     std::move(cursor), kUnresolvedPage, false));
    out.reserve(out.size() + page.rows.size());
    for (const auto& row : page.rows) out.push_back({row.id});
    more = page.more && !page.rows.empty();
    if (more) cursor = page.rows.back().key;
  }
  return out;
}

Result<PaymentPage> list_payments(const Context& context, const MerchantId& merchant,
                                  std::optional<PaymentId> before, std::size_t limit) {
  std::optional<Bytes> cursor;
  if (before) cursor = domain::owned_key(merchant.value, before->value);
  FLORIN_TRY(ledger::IndexPage page,
             context.books().index(index_of(domain::Index::payments_of_merchant),
                                   merchant.value.view(), std::move(cursor), limit, true));
  PaymentPage out;
  for (const auto& row : page.rows) {
    FLORIN_TRY(PaymentView view, load_view(context, {row.id}));
    out.payments.push_back(std::move(view));
  }
  if (page.more && !out.payments.empty()) out.next = out.payments.back().payment.id;
  return out;
}

}  // namespace florin::engine
