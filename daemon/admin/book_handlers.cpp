// Payments and books, read; exports.
#include <charconv>

#include "daemon/admin/body.h"
#include "daemon/admin/doubt_document.h"
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
    FLORIN_TRY(domain::Merchant merchant, call.appliance->merchant(ledger, page.merchant));
    out.push_back(merchant.id);
    return out;
  }
  FLORIN_TRY(std::vector<domain::Merchant> all, call.appliance->merchants(ledger));
  out.reserve(all.size());
  // A branch's payments are among its merchant's.
  for (const domain::Merchant& merchant : all) {
    if (!merchant.is_branch()) out.push_back(merchant.id);
  }
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
  json::object body = payment_document(*context, view);
  FLORIN_TRY(const auto doubts, engine::doubts_of(*context, *call.machine.doubts, *id));
  json::array open;
  for (const engine::Doubt& doubt : doubts) {
    open.emplace_back(doubt_document(doubt, call.machine.now()));
  }
  body["doubts"] = std::move(open);
  return document(200, "florin.payment.show/1", body);
}

Result<http::Response> get_balances(const Call& call) {
  FLORIN_TRY(Page page, read_page(call.request));
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  std::optional<MerchantId> merchant;
  if (!page.merchant.empty()) {
    FLORIN_TRY(const domain::Merchant named, call.appliance->merchant(ledger, page.merchant));
    merchant = named.id;
  }
  FLORIN_TRY(json::object body,
             control::balances_document(*call.appliance, ledger, page.at, merchant));
  return document(200, "florin.ledger.balances/1", body);
}

Result<http::Response> get_statement(const Call& call) {
  FLORIN_TRY(Page page, read_page(call.request));
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  ledger::StatementRequest request;
  const std::string_view account = call.match.parameter("account");
  const auto [end, failure] =
      std::from_chars(account.data(), account.data() + account.size(), request.account);
  if (failure != std::errc{} || end != account.data() + account.size()) {
    return Error(Errc::malformed_value, "account", "expected the number of an account");
  }
  request.from_seq = page.from;
  request.before_seq = page.before;
  request.limit = page.limit;
  FLORIN_TRY(json::object body, control::statement_document(*call.appliance, ledger, request));
  return document(200, "florin.ledger.statement/1", body);
}

Result<http::Response> get_entries(const Call& call) {
  FLORIN_TRY(Page page, read_page(call.request));
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(json::object body,
             control::entries_document(*call.appliance, ledger, page.from, page.limit));
  return document(200, "florin.ledger.entries/1", body);
}

Result<http::Response> post_export(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(std::vector<std::string> texts, read_texts(call.request, {{"name", 64},
                                                                       {"from_seq", 20, false},
                                                                       {"to_seq", 20, false},
                                                                       {"from", 10, false},
                                                                       {"to", 10, false},
                                                                       {"form", 10, false}}));
  FLORIN_TRY(json::object made, call.machine.export_audit(ledger, {.name = texts[0],
                                                                   .period = {.from_seq = texts[1],
                                                                              .to_seq = texts[2],
                                                                              .from_day = texts[3],
                                                                              .to_day = texts[4]},
                                                                   .form = texts[5]}));
  return document(201, "florin.audit.export/1", made);
}

Result<http::Response> post_proof(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  auto id = PaymentId::parse(call.match.parameter("id"));
  if (!id.ok()) return std::move(id).error().in_field("id");
  FLORIN_TRY_VOID(read_texts(call.request, {}));
  auto made = call.machine.prove_audit(ledger, id->value);
  // Of other errors the payment is not the cause.
  if (!made.ok() && made.error().code() == Errc::not_found) {
    return std::move(made).error().in_field("id");
  }
  if (!made.ok()) return std::move(made).error();
  json::object body{{"payment", id->text()}};
  for (const auto& member : *made) body.insert(member);
  return document(201, "florin.audit.proof/1", body);
}

}  // namespace florin::admin
