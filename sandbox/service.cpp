#include "sandbox/service.h"

#include "sandbox/book_json.h"
#include "sandbox/requests.h"

namespace florin::sandbox {
namespace {

enum class Route : std::size_t {
  health,
  charges,
  captures,
  voids,
  refunds,
  increments,
  inquiry,
  cancel,
  book,
  faults,
  conclusion,
  notices_shown,
  notices,
  release,
  dispute,
  dispute_step,
  refund_return,
  capture_reversal
};

http::Response error_response(int status, std::string_view code, std::string_view message) {
  return http::json_response(status, json::write(error_body(code, message)));
}

http::Response no_answer() {
  http::Response out;
  out.status = 0;
  return out;
}

http::Response refuse(const Error& error) {
  if (error.code() == Errc::malformed_json || error.code() == Errc::payload_too_large) {
    return error_response(400, "malformed_json", error.message());
  }
  if (error.code() == Errc::idempotency_key_invalid) {
    return error_response(400, "idempotency_key_invalid", error.message());
  }
  return error_response(400, "invalid_request", error.field() + ": " + error.message());
}

http::Response no_route(const Error& error) {
  if (error.code() == Errc::method_not_allowed) {
    http::Response out = error_response(405, "method_not_allowed", error.message());
    out.headers.add("Allow", error.detail());
    return out;
  }
  return error_response(404, "not_found", "There is no such route.");
}

}  // namespace

Service::Service(Book& book, Journal& journal, Secret api_key, std::chrono::milliseconds stall)
    : book_(book), journal_(journal), api_key_(std::move(api_key)), stall_(stall) {
  // In the order of Route.
  router_.add("GET", "/health");
  router_.add("POST", "/v1/charges");
  router_.add("POST", "/v1/charges/{id}/captures");
  router_.add("POST", "/v1/charges/{id}/voids");
  router_.add("POST", "/v1/charges/{id}/refunds");
  router_.add("POST", "/v1/charges/{id}/increments");
  router_.add("GET", "/v1/operations/{key}");
  router_.add("POST", "/v1/operations/{key}/cancel");
  router_.add("GET", "/v1/book");
  router_.add("PUT", "/v1/faults");
  router_.add("POST", "/v1/charges/{id}/conclusion");
  router_.add("GET", "/v1/notices");
  router_.add("PUT", "/v1/notices");
  router_.add("POST", "/v1/notices/release");
  router_.add("POST", "/v1/charges/{id}/disputes");
  router_.add("POST", "/v1/disputes/{id}");
  router_.add("POST", "/v1/refunds/{id}/return");
  router_.add("POST", "/v1/captures/{id}/reversal");
}

net::Task<http::Response> Service::handle(http::Request request) {
  const auto match = router_.match(request.method, request.path());
  if (!match.ok()) co_return no_route(match.error());
  const Route route{match->route};
  if (route == Route::health) co_return http::json_response(200, R"({"status":"ok"})");
  if (!authorized(request)) {
    co_return error_response(401, "unauthorized", "The API key is missing or wrong.");
  }
  std::string id(match->parameter("id"));
  std::string key(match->parameter("key"));
  switch (route) {
    case Route::charges:
      co_return co_await operate(OperationKind::charge, std::move(id), std::move(request));
    case Route::captures:
      co_return co_await operate(OperationKind::capture, std::move(id), std::move(request));
    case Route::voids:
      co_return co_await operate(OperationKind::void_, std::move(id), std::move(request));
    case Route::refunds:
      co_return co_await operate(OperationKind::refund, std::move(id), std::move(request));
    case Route::increments:
      co_return co_await operate(OperationKind::increment, std::move(id), std::move(request));
    case Route::inquiry:
      co_return co_await inquire(std::move(key));
    case Route::cancel:
      co_return co_await cancel(std::move(key));
    case Route::book: {
      std::string body = json::write(book_.print());
      co_await journal_.durable();
      co_return http::json_response(200, std::move(body));
    }
    case Route::faults:
      co_return arm(request);
    case Route::conclusion:
      co_return co_await conclude_later(std::move(id), std::move(request));
    case Route::notices_shown:
    case Route::notices:
    case Route::release:
      co_return order_notices(request, route == Route::release);
    case Route::dispute:
      co_return co_await say_after(AfterOrder::Kind::dispute, std::move(id), std::move(request));
    case Route::dispute_step:
      co_return co_await say_after(AfterOrder::Kind::dispute_step, std::move(id),
                                   std::move(request));
    case Route::refund_return:
      co_return co_await say_after(AfterOrder::Kind::refund_return, std::move(id),
                                   std::move(request));
    case Route::capture_reversal:
      co_return co_await say_after(AfterOrder::Kind::capture_reversal, std::move(id),
                                   std::move(request));
    case Route::health:
      break;
  }
  co_return error_response(404, "not_found", "There is no such route.");
}

bool Service::authorized(const http::Request& request) const {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request.headers.get("Authorization");
  return field && field->starts_with(scheme) &&
         api_key_.equals(view_of(field->substr(scheme.size())));
}

net::Task<bool> Service::misbehave_before(std::optional<Behaviour> fault) const {
  if (fault == Behaviour::close_before) co_return true;
  if (fault == Behaviour::stall_before) co_await net::sleep_for(stall_);
  co_return false;
}

net::Task<http::Response> Service::operate(OperationKind kind, std::string charge_id,
                                           http::Request request) {
  const auto command = read_command(kind, charge_id, request);
  if (!command.ok()) co_return refuse(command.error());
  const auto fault = faults_.take(operation_name(kind));
  if (co_await misbehave_before(fault)) co_return no_answer();
  co_return co_await conclude(book_.decide(*command), fault);
}

net::Task<http::Response> Service::inquire(std::string key) {
  const auto fault = faults_.take("inquiry");
  if (co_await misbehave_before(fault)) co_return no_answer();
  Decision decision;
  decision.answer = book_.inquire(key);
  co_return co_await conclude(std::move(decision), fault);
}

net::Task<http::Response> Service::cancel(std::string key) {
  if (!is_key(key)) co_return error_response(400, "idempotency_key_invalid", "Not a key.");
  const auto fault = faults_.take("cancel");
  if (co_await misbehave_before(fault)) co_return no_answer();
  co_return co_await conclude(book_.cancel_key(key), fault);
}

net::Task<http::Response> Service::conclude(Decision decision, std::optional<Behaviour> fault) {
  if (decision.ending == Ending::close_before) co_return no_answer();
  book_.settle(decision);
  if (decision.entry) journal_.append(*decision.entry);
  // Replays wait as well: what they repeat may still be on its way to the disk.
  co_await journal_.durable();
  // Before the answer: who stalls or breaks off has told all the same.
  if (notices_ != nullptr && decision.entry) {
    if (const auto record = book_.record(text_of_member(*decision.entry, "key"));
        record && record->at("answer_status").as_int64() == 201) {
      notices_->tell(*record);
    }
  }
  if (decision.ending == Ending::stall || fault == Behaviour::stall) {
    co_await net::sleep_for(stall_);
  }
  if (decision.ending == Ending::close_after || fault == Behaviour::close_after) {
    co_return no_answer();
  }
  if (fault == Behaviour::error_500_after) {
    co_return error_response(500, "fault", "A fault was armed.");
  }
  http::Response out = http::json_response(decision.answer.status, std::move(decision.answer.body));
  if (fault == Behaviour::malformed_after) out.body.resize(out.body.size() / 2);
  if (decision.answer.replayed) out.headers.add("Idempotent-Replayed", "true");
  co_return out;
}

net::Task<http::Response> Service::conclude_later(std::string charge_id, http::Request request) {
  const auto body = json::parse(request.body);
  if (!body.ok()) co_return refuse(body.error());
  json::Reader reader(*body);
  const bool approve = reader.boolean("approve").value_or(false);
  if (auto errors = reader.finish(); !errors.empty()) co_return refuse(errors.front());
  co_return co_await conclude(book_.conclude(charge_id, approve), std::nullopt);
}

net::Task<http::Response> Service::say_after(AfterOrder::Kind kind, std::string about,
                                             http::Request request) {
  const auto order = read_after(kind, about, request);
  if (!order.ok()) co_return refuse(order.error());
  const Decision decision = book_.say_after(*order);
  book_.settle(decision);
  if (decision.entry) journal_.append(*decision.entry);
  co_await journal_.durable();
  if (notices_ != nullptr && decision.entry) {
    notices_->tell_after(text_of_member(*decision.entry, "type"),
                         decision.entry->at("object").as_object());
  }
  co_return http::json_response(decision.answer.status, decision.answer.body);
}

http::Response Service::order_notices(const http::Request& request, bool release) {
  if (notices_ == nullptr) {
    return error_response(409, "no_notices", "Start the sandbox with --notice-url.");
  }
  if (request.method != "GET") {
    const auto body = json::parse(request.body);
    if (!body.ok()) return refuse(body.error());
    const auto done = release ? notices_->release(*body) : notices_->set(*body);
    if (!done.ok()) return refuse(done.error());
  }
  return http::json_response(200, json::write(notices_->print()));
}

http::Response Service::arm(const http::Request& request) {
  const auto body = json::parse(request.body);
  if (!body.ok()) return refuse(body.error());
  if (const auto armed = faults_.arm(*body); !armed.ok()) return refuse(armed.error());
  return http::json_response(200, json::write(faults_.print()));
}

}  // namespace florin::sandbox
