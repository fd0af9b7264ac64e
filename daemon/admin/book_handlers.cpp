// Payments and books, read; exports.
#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"
#include "daemon/control/reports.h"
#include "daemon/domain/render.h"
#include "daemon/engine/store.h"

namespace florin::admin {
namespace {

Result<engine::ContextPtr> context_of(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  return call.machine.contexts->find(ledger.tenant, ledger.mode);
}

json::object payment_document(const engine::Context& context, const engine::PaymentView& view) {
  return domain::render(view.payment, view.payment.version, context.mode(), view.captures,
                        view.refunds);
}

Result<std::vector<MerchantId>> merchants_asked(const Call& call, const Page& page) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  std::vector<MerchantId> out;
  if (!page.merchant.empty()) {
    FLORIN_TRY(domain::Merchant merchant,
               call.machine.appliance()->merchant(ledger, page.merchant));
    out.push_back(merchant.id);
    return out;
  }
  FLORIN_TRY(std::vector<domain::Merchant> all, call.machine.appliance()->merchants(ledger));
  out.reserve(all.size());
  for (const domain::Merchant& merchant : all) out.push_back(merchant.id);
  return out;
}

}  // namespace

Result<http::Response> get_payments(const Call& call) {
  FLORIN_TRY(Page page, read_page(call.request));
  FLORIN_TRY(engine::ContextPtr context, context_of(call));
  FLORIN_TRY(std::vector<MerchantId> merchants, merchants_asked(call, page));
  std::optional<PaymentId> before;
  if (!page.cursor.empty()) {
    // A position is one within one merchant's payments.
    if (page.merchant.empty()) {
      return Error(Errc::malformed_value, "cursor", "a cursor needs the merchant that it is of");
    }
    auto cursor = PaymentId::parse(page.cursor);
    if (!cursor.ok()) return std::move(cursor).error().in_field("cursor");
    before = *cursor;
  }
  json::array items;
  std::optional<PaymentId> next;
  for (const MerchantId& merchant : merchants) {
    if (items.size() >= page.limit) break;
    FLORIN_TRY(engine::PaymentPage found,
               engine::list_payments(*context, merchant, before, page.limit - items.size()));
    for (const engine::PaymentView& view : found.payments) {
      items.emplace_back(payment_document(*context, view));
    }
    if (!page.merchant.empty()) next = found.next;
  }
  json::object body{{"items", std::move(items)}, {"next", nullptr}};
  if (next) body["next"] = next->text();
  return document(200, "florin.payment.list/1", body);
}

Result<http::Response> get_payment(const Call& call) {
  FLORIN_TRY(engine::ContextPtr context, context_of(call));
  auto id = PaymentId::parse(call.match.parameter("id"));
  if (!id.ok()) return std::move(id).error().in_field("id");
  FLORIN_TRY(engine::PaymentView view, engine::load_view(*context, *id));
  return document(200, "florin.payment.show/1", payment_document(*context, view));
}

Result<http::Response> get_balances(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(json::object body, control::balances_document(*call.machine.appliance(), ledger));
  return document(200, "florin.ledger.balances/1", body);
}

Result<http::Response> get_entries(const Call& call) {
  FLORIN_TRY(Page page, read_page(call.request));
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(json::object body,
             control::entries_document(*call.machine.appliance(), ledger, page.from, page.limit));
  return document(200, "florin.ledger.entries/1", body);
}

Result<http::Response> post_export(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(std::vector<std::string> texts, read_texts(call.request, {{"name", 64}}));
  FLORIN_TRY(json::object made, call.machine.export_audit(ledger, texts[0]));
  return document(201, "florin.audit.export/1", made);
}

}  // namespace florin::admin
