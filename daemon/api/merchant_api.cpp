#include "daemon/api/merchant_api.h"

#include <fmt/format.h>

#include <array>

#include "base/log.h"
#include "daemon/api/cursor.h"
#include "daemon/api/openapi_document.h"
#include "daemon/engine/append.h"
#include "daemon/http/problem.h"

namespace florin::api {
namespace {

enum Route : std::size_t {
  kOpenApi,
  kHealth,
  kCreatePayment,
  kListPayments,
  kGetPayment,
  kCapture,
  kVoid,
  kRefund,
};

struct RouteRow {
  Route route;
  std::string_view method;
  std::string_view path;
};

constexpr std::array kRoutes = {
    RouteRow{kOpenApi, "GET", "/openapi.json"},
    RouteRow{kHealth, "GET", "/health"},
    RouteRow{kCreatePayment, "POST", "/v1/payments"},
    RouteRow{kListPayments, "GET", "/v1/payments"},
    RouteRow{kGetPayment, "GET", "/v1/payments/{id}"},
    RouteRow{kCapture, "POST", "/v1/payments/{id}/captures"},
    RouteRow{kVoid, "POST", "/v1/payments/{id}/voids"},
    RouteRow{kRefund, "POST", "/v1/payments/{id}/refunds"},
};

bool is_write(std::size_t route) {
  return route >= kCreatePayment && route != kListPayments && route != kGetPayment;
}

http::Response refuse(const std::vector<Error>& errors, const std::string& request_id) {
  json::object extra;
  const Error& first = errors.front();
  if (first.code() == Errc::state_conflict || first.code() == Errc::operation_in_doubt) {
    json::array allowed;
    std::string_view rest = first.detail();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      allowed.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    extra["allowed"] = std::move(allowed);
  }
  if (errc_class(first.code()) == ErrorClass::internal ||
      errc_class(first.code()) == ErrorClass::corrupt) {
    log_error("api.failed", first, {{"request", request_id}});
  }
  http::Response response = http::problem(errors, request_id, extra);
  if (first.code() == Errc::method_not_allowed) response.headers.set("Allow", first.detail());
  if (response.status == 401) response.headers.set("WWW-Authenticate", "HMAC-SHA256");
  return response;
}

http::Response refuse(const Error& error, const std::string& request_id) {
  return refuse(std::vector<Error>{error}, request_id);
}

// What every answer carries.
http::Response stamped(http::Response response, const std::string& request_id) {
  response.headers.set("X-Request-Id", request_id);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

http::Response answer(const Result<engine::Reply>& reply, bool created,
                      const std::string& request_id) {
  if (!reply.ok()) return refuse(reply.error(), request_id);
  http::Response response = http::json_response(reply->status, reply->body);
  if (reply->replayed) response.headers.set("Idempotent-Replayed", "true");
  if (created) response.headers.set("Location", "/v1/payments/" + PaymentId{reply->payment}.text());
  return response;
}

Result<PaymentId> payment_id(const http::Match& match) {
  // What cannot be an identifier is answered like one that does not exist.
  auto id = PaymentId::parse(match.parameter("id"));
  if (!id.ok()) return Error(Errc::not_found);
  return id;
}

}  // namespace

MerchantApi::MerchantApi(Authentication authentication, engine::PaymentService& payments,
                         const Clock& clock, Entropy& entropy)
    : authentication_(std::move(authentication)),
      payments_(payments),
      clock_(clock),
      entropy_(entropy) {
  for (const RouteRow& row : kRoutes) {
    const std::size_t number = router_.add(std::string(row.method), std::string(row.path));
    FLORIN_ASSERT(number == row.route);
  }
}

std::vector<std::string> MerchantApi::route_list() {
  std::vector<std::string> out;
  out.reserve(kRoutes.size());
  for (const RouteRow& row : kRoutes) out.push_back(fmt::format("{} {}", row.method, row.path));
  return out;
}

http::Response MerchantApi::closed(const Clock& clock, Entropy& entropy) {
  const std::string request_id = RequestId{new_uuid(clock, entropy)}.text();
  return stamped(refuse(Error(Errc::unavailable), request_id), request_id);
}

net::Task<http::Response> MerchantApi::handle(http::Request request, net::Peer peer,
                                              Admission admission) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && admission != Admission::all) co_return closed(clock_, entropy_);
  const std::string request_id = RequestId{new_uuid(clock_, entropy_)}.text();
  http::Response response = co_await route(std::move(request), std::move(peer), request_id);
  co_return stamped(std::move(response), request_id);
}

net::Task<http::Response> MerchantApi::route(http::Request request, net::Peer peer,
                                             std::string request_id) {
  auto match = router_.match(request.method, request.path());
  if (!match.ok()) co_return refuse(match.error(), request_id);
  const std::size_t route = match->route;
  if (route != kListPayments && !request.query().empty()) {
    co_return refuse(Error(Errc::field_unknown, "query", "this route takes no query"), request_id);
  }
  if (route == kOpenApi) co_return http::json_response(200, std::string(openapi_document()));
  if (route == kHealth) co_return http::json_response(200, R"({"status":"ok"})");
  co_return co_await serve(route, std::move(*match), std::move(request), std::move(peer),
                           request_id);
}

net::Task<http::Response> MerchantApi::serve(std::size_t route, http::Match match,
                                             http::Request request, net::Peer peer,
                                             std::string request_id) {
  const bool write = is_write(route);
  auto sender = authentication_.authenticate(
      {.request = request, .peer = peer.tls.get(), .is_write = write, .request_id = request_id});
  if (!sender.ok()) co_return refuse(sender.error(), request_id);
  if (!write) {
    co_return co_await read(route, std::move(*sender), std::move(match), std::move(request),
                            std::move(request_id));
  }
  if (auto type = check_content_type(request); !type.ok())
    co_return refuse(type.error(), request_id);
  auto body = json::parse(request.body.empty() ? std::string_view("{}") : request.body);
  if (!body.ok()) co_return refuse(body.error(), request_id);
  sender->caller.fingerprint = sender->context->fingerprint(
      request.method, request.path(), request.query(), json::canonical(*body));
  if (route == kCreatePayment) {
    co_return co_await create(std::move(*sender), std::move(*body), request_id);
  }
  auto id = payment_id(match);
  if (!id.ok()) co_return refuse(id.error(), request_id);
  co_return co_await change(route, std::move(*sender), *id, std::move(*body), request_id);
}

net::Task<http::Response> MerchantApi::read(std::size_t route, Sender sender, http::Match match,
                                            http::Request request, std::string request_id) {
  // What a merchant was answered must be there when he asks for it.
  auto visible = co_await engine::wait_visible(sender.context);
  if (!visible.ok()) co_return refuse(visible.error(), request_id);
  if (route == kListPayments) co_return list(sender, request.query(), request_id);
  auto id = payment_id(match);
  if (!id.ok()) co_return refuse(id.error(), request_id);
  co_return get(sender, *id, request_id);
}

net::Task<http::Response> MerchantApi::create(Sender sender, json::value body,
                                              std::string request_id) {
  Parsed<domain::PaymentTerms> parsed = parse_create(body);
  if (auto* problems = std::get_if<Problems>(&parsed)) co_return refuse(*problems, request_id);
  auto reply = co_await payments_.create(sender.context, sender.caller,
                                         std::get<domain::PaymentTerms>(std::move(parsed)));
  co_return answer(reply, true, request_id);
}

net::Task<http::Response> MerchantApi::change(std::size_t route, Sender sender, PaymentId payment,
                                              json::value body, std::string request_id) {
  if (route == kCapture) {
    Parsed<CaptureBody> parsed = parse_capture(body);
    if (auto* problems = std::get_if<Problems>(&parsed)) co_return refuse(*problems, request_id);
    const CaptureBody capture = std::get<CaptureBody>(parsed);
    auto reply = co_await payments_.capture(sender.context, sender.caller, payment, capture.amount,
                                            capture.final_capture);
    co_return answer(reply, false, request_id);
  }
  if (route == kRefund) {
    Parsed<RefundBody> parsed = parse_refund(body);
    if (auto* problems = std::get_if<Problems>(&parsed)) co_return refuse(*problems, request_id);
    const RefundBody refund = std::get<RefundBody>(parsed);
    auto reply = co_await payments_.refund(sender.context, sender.caller, payment, refund.amount,
                                           refund.reason);
    co_return answer(reply, false, request_id);
  }
  if (const Problems problems = parse_empty(body); !problems.empty()) {
    co_return refuse(problems, request_id);
  }
  auto reply = co_await payments_.void_rest(sender.context, sender.caller, payment);
  co_return answer(reply, false, request_id);
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
  std::string body = R"({"data":[)";
  for (const engine::PaymentView& view : page->payments) {
    if (body.back() != '[') body.push_back(',');
    body += engine::render(*sender.context, view);
  }
  body += fmt::format(R"(],"has_more":{},"next_cursor":)", page->next ? "true" : "false");
  body +=
      page->next
          ? fmt::format("\"{}\"", make_cursor(*sender.context, sender.caller.merchant, *page->next))
          : std::string("null");
  body += "}";
  return http::json_response(200, std::move(body));
}

}  // namespace florin::api
