// What merchants read.
#include <fmt/format.h>

#include "daemon/api/cursor.h"
#include "daemon/api/merchant_api.h"
#include "daemon/api/refusal.h"
#include "daemon/api/routes.h"
#include "daemon/engine/append.h"
#include "daemon/engine/balances.h"

namespace florin::api {
namespace {

// An empty cursor: this is the last page.
http::Response page_of(const std::vector<std::string>& items, const std::string& next) {
  std::string body = R"({"data":[)";
  for (const std::string& item : items) {
    if (body.back() != '[') body.push_back(',');
    body += item;
  }
  body += fmt::format(R"(],"has_more":{},"next_cursor":)", next.empty() ? "false" : "true");
  body += next.empty() ? std::string("null") : fmt::format("\"{}\"", next);
  return http::json_response(200, body + "}");
}

// Whose list is meant: the merchant's, or that of a branch of his.
Result<MerchantId> list_owner(const Sender& sender, const ListQuery& wanted) {
  const MerchantId& merchant = sender.caller.merchant;
  if (!wanted.branch) return merchant;
  const Result<domain::Merchant> branch = engine::load_merchant(*sender.context, *wanted.branch);
  if (!branch.ok() && branch.error().code() != Errc::not_found) return branch.error();
  if (branch.ok() && branch->parent == merchant) return *wanted.branch;
  return Error(Errc::malformed_value, "branch", "there is no such branch of yours");
}

json::object balance_document(const MerchantId& merchant, const engine::MerchantBalance& balance) {
  const auto money = [&balance](std::int64_t amount) {
    return json::object{{"value", amount},
                        {"currency", balance.currency.code()},
                        {"exponent", balance.currency.exponent()}};
  };
  const auto amounts = [&money](const engine::Position& position, json::object out) {
    out["amount_payable"] = money(position.payable);
    out["amount_disputed"] = money(position.disputed);
    out["amount_authorized"] = money(position.authorized);
    return out;
  };
  json::array branches;
  for (const engine::BranchPosition& row : balance.branches) {
    branches.emplace_back(
        amounts(row.position, {{"branch", row.branch.text()}, {"name", row.name}}));
  }
  json::object out = amounts(balance.total, {{"object", "balance"},
                                             {"merchant", merchant.text()},
                                             {"currency", balance.currency.code()}});
  out["own"] = amounts(balance.own, {});
  out["branches"] = std::move(branches);
  return out;
}

}  // namespace

net::Task<http::Response> MerchantApi::read(std::size_t route, Sender sender, http::Match match,
                                            http::Request request, std::string request_id) {
  // What a merchant was answered must be there when he asks for it.
  auto visible = co_await engine::wait_visible(sender.context);
  if (!visible.ok()) co_return refuse(visible.error(), request_id);
  if (route == kGetBalances) co_return balances(sender, request_id);
  if (route == kListPayments) co_return list(sender, request.query(), request_id);
  if (route == kListDisputes) co_return list_disputes(sender, request.query(), request_id);
  if (route == kGetDispute) co_return get_dispute(sender, match, request_id);
  auto id = payment_id(match);
  if (!id.ok()) co_return refuse(id.error(), request_id);
  co_return get(sender, *id, request_id);
}

http::Response MerchantApi::get(const Sender& sender, const PaymentId& payment,
                                const std::string& request_id) {
  auto view = engine::load_view(*sender.context, payment);
  if (!view.ok()) return refuse(view.error(), request_id);
  if (view->payment.terms.merchant != sender.caller.merchant) {
    return refuse(Error(Errc::not_found), request_id);
  }
  return http::json_response(200, engine::render(*sender.context, *view));
}

http::Response MerchantApi::list(const Sender& sender, std::string_view query,
                                 const std::string& request_id) {
  Parsed<ListQuery> parsed = parse_list_query(query);
  if (auto* problems = std::get_if<Problems>(&parsed)) return refuse(*problems, request_id);
  const ListQuery& wanted = std::get<ListQuery>(parsed);
  const auto owner = list_owner(sender, wanted);
  if (!owner.ok()) return refuse(owner.error(), request_id);
  std::optional<PaymentId> before;
  if (!wanted.cursor.empty()) {
    auto cursor = open_cursor(*sender.context, *owner, wanted.cursor);
    if (!cursor.ok()) return refuse(cursor.error(), request_id);
    before = *cursor;
  }
  auto page = engine::list_payments(*sender.context, *owner, before, wanted.limit);
  if (!page.ok()) return refuse(page.error(), request_id);
  std::vector<std::string> items;
  items.reserve(page->payments.size());
  for (const engine::PaymentView& view : page->payments) {
    items.push_back(engine::render(*sender.context, view));
  }
  const std::string next = page->next ? make_cursor(*sender.context, *owner, *page->next) : "";
  return page_of(items, next);
}

http::Response MerchantApi::balances(const Sender& sender, const std::string& request_id) {
  const auto found = engine::balances_of(*sender.context, sender.caller.merchant);
  if (!found.ok()) return refuse(found.error(), request_id);
  json::array data;
  for (const engine::MerchantBalance& balance : *found) {
    data.emplace_back(balance_document(sender.caller.merchant, balance));
  }
  return http::json_response(200, json::write(json::object{{"data", std::move(data)}}));
}

http::Response MerchantApi::get_dispute(const Sender& sender, const http::Match& match,
                                        const std::string& request_id) {
  const auto id = domain::DisputeId::parse(match.parameter("id"));
  if (!id.ok()) return refuse(Error(Errc::not_found), request_id);
  auto dispute = engine::load_dispute(*sender.context, *id);
  if (!dispute.ok()) return refuse(dispute.error(), request_id);
  if (dispute->merchant != sender.caller.merchant) {
    return refuse(Error(Errc::not_found), request_id);
  }
  return http::json_response(200, engine::render(*sender.context, *dispute, dispute->version));
}

http::Response MerchantApi::list_disputes(const Sender& sender, std::string_view query,
                                          const std::string& request_id) {
  Parsed<ListQuery> parsed = parse_list_query(query);
  if (auto* problems = std::get_if<Problems>(&parsed)) return refuse(*problems, request_id);
  const ListQuery& wanted = std::get<ListQuery>(parsed);
  const auto owner = list_owner(sender, wanted);
  if (!owner.ok()) return refuse(owner.error(), request_id);
  std::optional<domain::DisputeId> before;
  if (!wanted.cursor.empty()) {
    auto cursor = open_dispute_cursor(*sender.context, *owner, wanted.cursor);
    if (!cursor.ok()) return refuse(cursor.error(), request_id);
    before = *cursor;
  }
  auto page = engine::list_disputes(*sender.context, *owner, before, wanted.limit);
  if (!page.ok()) return refuse(page.error(), request_id);
  std::vector<std::string> items;
  items.reserve(page->disputes.size());
  for (const domain::Dispute& dispute : page->disputes) {
    items.push_back(engine::render(*sender.context, dispute, dispute.version));
  }
  const std::string next = page->next ? make_cursor(*sender.context, *owner, *page->next) : "";
  return page_of(items, next);
}

}  // namespace florin::api
