// What merchants read.
#include <fmt/format.h>

#include "daemon/api/cursor.h"
#include "daemon/api/merchant_api.h"
#include "daemon/api/refusal.h"
#include "daemon/api/routes.h"
#include "daemon/engine/append.h"

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

}  // namespace

net::Task<http::Response> MerchantApi::read(std::size_t route, Sender sender, http::Match match,
                                            http::Request request, std::string request_id) {
  // What a merchant was answered must be there when he asks for it.
  auto visible = co_await engine::wait_visible(sender.context);
  if (!visible.ok()) co_return refuse(visible.error(), request_id);
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
  std::optional<PaymentId> before;
  if (!wanted.cursor.empty()) {
    auto cursor = open_cursor(*sender.context, sender.caller.merchant, wanted.cursor);
    if (!cursor.ok()) return refuse(cursor.error(), request_id);
    before = *cursor;
  }
  auto page = engine::list_payments(*sender.context, sender.caller.merchant, before, wanted.limit);
  if (!page.ok()) return refuse(page.error(), request_id);
  std::vector<std::string> items;
  items.reserve(page->payments.size());
  for (const engine::PaymentView& view : page->payments) {
    items.push_back(engine::render(*sender.context, view));
  }
  const std::string next =
      page->next ? make_cursor(*sender.context, sender.caller.merchant, *page->next) : "";
  return page_of(items, next);
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
  std::optional<domain::DisputeId> before;
  if (!wanted.cursor.empty()) {
    auto cursor = open_dispute_cursor(*sender.context, sender.caller.merchant, wanted.cursor);
    if (!cursor.ok()) return refuse(cursor.error(), request_id);
    before = *cursor;
  }
  auto page = engine::list_disputes(*sender.context, sender.caller.merchant, before, wanted.limit);
  if (!page.ok()) return refuse(page.error(), request_id);
  std::vector<std::string> items;
  items.reserve(page->disputes.size());
  for (const domain::Dispute& dispute : page->disputes) {
    items.push_back(engine::render(*sender.context, dispute, dispute.version));
  }
  const std::string next =
      page->next ? make_cursor(*sender.context, sender.caller.merchant, *page->next) : "";
  return page_of(items, next);
}

}  // namespace florin::api
