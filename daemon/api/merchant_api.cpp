#include "daemon/api/merchant_api.h"

#include <fmt/format.h>

#include "daemon/api/openapi_document.h"
#include "daemon/api/refusal.h"
#include "daemon/api/routes.h"
#include "daemon/engine/idempotency.h"

namespace florin::api {
namespace {

bool is_write(std::size_t route) {
  return kRoutes.at(route).method == "POST";
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
  if (route != kListPayments && route != kListDisputes && !request.query().empty()) {
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
  const Join join = preferred_wait(request);
  if (route == kCreatePayment) {
    co_return co_await create(std::move(*sender), std::move(*body), join, request_id);
  }
  auto id = payment_id(match);
  if (!id.ok()) co_return refuse(id.error(), request_id);
  co_return co_await change(route, std::move(*sender), *id, std::move(*body), join, request_id);
}

net::Task<http::Response> MerchantApi::create(Sender sender, json::value body, Join join,
                                              std::string request_id) {
  Parsed<CreateBody> parsed = parse_create(body);
  if (auto* problems = std::get_if<Problems>(&parsed)) co_return refuse(*problems, request_id);
  CreateBody asked = std::get<CreateBody>(std::move(parsed));
  auto made = co_await payments_.create(sender.context, sender.caller, std::move(asked.terms),
                                        asked.confirm);
  co_return co_await reply(std::move(made), std::move(sender), join, true, request_id);
}

net::Task<http::Response> MerchantApi::change(std::size_t route, Sender sender, PaymentId payment,
                                              json::value body, Join join, std::string request_id) {
  if (route == kCapture) {
    Parsed<CaptureBody> parsed = parse_capture(body);
    if (auto* problems = std::get_if<Problems>(&parsed)) co_return refuse(*problems, request_id);
    const CaptureBody capture = std::get<CaptureBody>(parsed);
    auto made = co_await payments_.capture(sender.context, sender.caller, payment, capture.amount,
                                           capture.final_capture);
    co_return co_await reply(std::move(made), std::move(sender), join, false, request_id);
  }
  if (route == kRefund) {
    Parsed<RefundBody> parsed = parse_refund(body);
    if (auto* problems = std::get_if<Problems>(&parsed)) co_return refuse(*problems, request_id);
    const RefundBody refund = std::get<RefundBody>(parsed);
    auto made = co_await payments_.refund(sender.context, sender.caller, payment, refund.amount,
                                          refund.reason);
    co_return co_await reply(std::move(made), std::move(sender), join, false, request_id);
  }
  if (route == kIncrement) {
    Parsed<Money> parsed = parse_increment(body);
    if (auto* problems = std::get_if<Problems>(&parsed)) co_return refuse(*problems, request_id);
    auto made = co_await payments_.increment(sender.context, sender.caller, payment,
                                             std::get<Money>(parsed));
    co_return co_await reply(std::move(made), std::move(sender), join, false, request_id);
  }
  if (const Problems problems = parse_empty(body); !problems.empty()) {
    co_return refuse(problems, request_id);
  }
  if (route == kConfirm) {
    auto made = co_await payments_.confirm(sender.context, sender.caller, payment);
    co_return co_await reply(std::move(made), std::move(sender), join, false, request_id);
  }
  if (route == kCancel) {
    auto made = co_await payments_.cancel(sender.context, sender.caller, payment);
    co_return co_await reply(std::move(made), std::move(sender), join, false, request_id);
  }
  auto made = co_await payments_.void_rest(sender.context, sender.caller, payment);
  co_return co_await reply(std::move(made), std::move(sender), join, false, request_id);
}

net::Task<http::Response> MerchantApi::reply(Result<engine::Reply> made, Sender sender, Join join,
                                             bool created, std::string request_id) {
  const bool runs = !made.ok() && made.error().code() == Errc::idempotency_in_progress;
  if (runs && join > Join::zero()) {
    made = co_await engine::join_earlier(sender.context, sender.caller, &clock_, join);
  }
  co_return answer(made, created, request_id);
}

}  // namespace florin::api
