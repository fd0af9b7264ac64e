#include "daemon/api/refusal.h"

#include "base/log.h"
#include "daemon/http/problem.h"

namespace florin::api {
namespace {

// The domain gives the commands that a payment takes now with every refusal of one.
bool tells_commands(const Error& error) {
  switch (error.code()) {
    case Errc::state_conflict:
    case Errc::operation_in_doubt:
    case Errc::amount_exceeds_capturable:
    case Errc::amount_exceeds_refundable:
      return true;
    case Errc::amount_invalid:
    case Errc::currency_mismatch:
    case Errc::capability_missing:
      return !error.detail().empty();
    default:
      return false;
  }
}

// The payment that stands in the way.
bool names_payment(const Error& error) {
  const bool taken =
      error.code() == Errc::duplicate_reference || error.code() == Errc::idempotency_key_expired;
  return taken && !error.detail().empty();
}

}  // namespace

http::Response refuse(const std::vector<Error>& errors, const std::string& request_id) {
  json::object extra;
  const Error& first = errors.front();
  if (tells_commands(first)) {
    json::array allowed;
    std::string_view rest = first.detail();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      allowed.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    extra["allowed"] = std::move(allowed);
  }
  if (names_payment(first)) extra["resource"] = "/v1/payments/" + first.detail();
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

Result<PaymentId> payment_id(const http::Match& match) {
  // What cannot be an identifier is answered like one that does not exist.
  auto id = PaymentId::parse(match.parameter("id"));
  if (!id.ok()) return Error(Errc::not_found);
  return id;
}

}  // namespace florin::api
