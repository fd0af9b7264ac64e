#include "daemon/engine/store.h"

#include <utility>

#include "daemon/domain/facts.h"
#include "daemon/domain/index_keys.h"
#include "daemon/engine/customer.h"

namespace florin::engine {
namespace {

constexpr std::size_t kIndexPage = 10'000;

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

// All objects that an index names, in the order of its keys.
template <class Identifier>
Result<std::vector<Identifier>> all_of(const Context& context, domain::Index index) {
  std::vector<Identifier> out;
  std::optional<Bytes> cursor;
  for (bool more = true; more;) {
    FLORIN_TRY(ledger::IndexPage page,
               context.books().index(index_of(index), {}, std::exchange(cursor, std::nullopt),
                                     kIndexPage, false));
    out.reserve(out.size() + page.rows.size());
    for (const auto& row : page.rows) out.push_back({row.id});
    more = page.more && !page.rows.empty();
    if (more) cursor = page.rows.back().key;
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

Result<domain::Attempt> latest_attempt(const Context& context, const domain::Payment& payment) {
  if (payment.attempt.value.is_nil()) return domain::Attempt{.payment = payment.id};
  return load_attempt(context, payment.attempt);
}

Result<domain::Connector> load_connector(const Context& context, const ConnectorId& id) {
  FLORIN_TRY(ledger::ObjectRow row, load(context, domain::Kind::connector, id.value));
  return domain::decode_connector(row.id, row.immutable, row.head);
}

Result<domain::Merchant> load_merchant(const Context& context, const MerchantId& id) {
  FLORIN_TRY(ledger::ObjectRow row, load(context, domain::Kind::merchant, id.value));
  return domain::decode_merchant(row.id, row.immutable, row.head);
}

Result<std::vector<PaymentId>> due_cancellations(const Context& context) {
  return all_of<PaymentId>(context, domain::Index::due_cancellations);
}

Result<std::vector<PaymentId>> ending_payments(const Context& context, UnixNanos now,
                                               std::size_t limit) {
  FLORIN_TRY(ledger::IndexPage page, context.books().index(index_of(domain::Index::ending_payments),
                                                           {}, std::nullopt, limit, false));
  const Bytes later = domain::due_key(now + 1);
  std::vector<PaymentId> out;
  out.reserve(page.rows.size());
  for (const auto& row : page.rows) {
    if (row.key >= later) break;
    out.push_back({row.id});
  }
  return out;
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

Result<void> load_sale_capture(const Context& context, domain::Life& life) {
  if (life.operation.kind != domain::OperationKind::sale) return {};
  FLORIN_TRY(std::optional<ledger::ObjectRow> row,
             context.books().object(kind_of(domain::Kind::capture), life.operation.target));
  if (!row) return {};
  FLORIN_TRY(life.capture,
             domain::decode_capture(row->id, row->version, row->immutable, row->head));
  return {};
}

Result<std::optional<domain::Dispute>> find_dispute(const Context& context,
                                                    const ConnectorId& connector,
                                                    std::string_view psp_dispute) {
  FLORIN_TRY(std::optional<ledger::UniqueRow> row,
             context.books().unique(static_cast<ledger::UniqueTable>(domain::Unique::psp_dispute),
                                    context.psp_dispute_key(connector, psp_dispute)));
  if (!row) return std::optional<domain::Dispute>();
  ByteReader reader(row->value);
  const domain::DisputeId id{{reader.array<16>()}};
  FLORIN_TRY(domain::Dispute dispute, load_dispute(context, id));
  return std::optional<domain::Dispute>(std::move(dispute));
}

Result<std::optional<domain::Fact>> find_fact(const Context& context, const domain::Fact& fact) {
  FLORIN_TRY(std::optional<ledger::UniqueRow> row,
             context.books().unique(static_cast<ledger::UniqueTable>(domain::Unique::psp_fact),
                                    context.psp_fact_key(fact.connector, domain::fact_key(fact))));
  if (!row) return std::optional<domain::Fact>();
  const Uuid id{ByteReader(row->value).array<16>()};
  FLORIN_TRY(const ledger::ObjectRow found, load(context, domain::Kind::fact, id));
  FLORIN_TRY(domain::Fact known,
             domain::decode_fact(found.id, found.version, found.immutable, found.head));
  return std::optional<domain::Fact>(std::move(known));
}

Result<domain::Dispute> load_dispute(const Context& context, const domain::DisputeId& id) {
  FLORIN_TRY(ledger::ObjectRow row, load(context, domain::Kind::dispute, id.value));
  return domain::decode_dispute(row.id, row.version, row.immutable, row.head);
}

Result<DisputePage> list_disputes(const Context& context, const MerchantId& merchant,
                                  std::optional<domain::DisputeId> before, std::size_t limit) {
  std::optional<Bytes> cursor;
  if (before) cursor = domain::owned_key(merchant.value, before->value);
  FLORIN_TRY(ledger::IndexPage page,
             context.books().index(index_of(domain::Index::disputes_of_merchant),
                                   merchant.value.view(), std::move(cursor), limit, true));
  DisputePage out;
  for (const auto& row : page.rows) {
    FLORIN_TRY(domain::Dispute dispute, load_dispute(context, {row.id}));
    out.disputes.push_back(std::move(dispute));
  }
  if (page.more && !out.disputes.empty()) out.next = out.disputes.back().id;
  return out;
}

Result<std::vector<OperationId>> unresolved_operations(const Context& context) {
  return all_of<OperationId>(context, domain::Index::unresolved_operations);
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
