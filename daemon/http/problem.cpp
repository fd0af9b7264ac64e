#include "daemon/http/problem.h"

#include <optional>

#include "daemon/http/status.h"

namespace florin::http {
namespace {

/// Codes whose status is not that of their class.
std::optional<int> own_status(Errc code) noexcept {
  switch (code) {
    case Errc::malformed_json:
    case Errc::header_invalid:
    case Errc::idempotency_key_missing:
    case Errc::idempotency_key_invalid:
      return 400;
    case Errc::method_not_allowed:
      return 405;
    case Errc::not_acceptable:
      return 406;
    case Errc::request_timeout:
      return 408;
    case Errc::payload_too_large:
      return 413;
    case Errc::uri_too_long:
      return 414;
    case Errc::unsupported_media_type:
      return 415;
    case Errc::expectation_failed:
      return 417;
    case Errc::rate_limited:
      return 429;
    case Errc::header_too_large:
      return 431;
    case Errc::not_implemented:
      return 501;
    case Errc::connector_rejected:
    case Errc::connector_answer_invalid:
      return 502;
    case Errc::http_version_unsupported:
      return 505;
    default:
      return std::nullopt;
  }
}

/// Seconds after which the same request is worth another try; 0 when it is not a matter of time.
int retry_after_s(Errc code) noexcept {
  if (code == Errc::idempotency_in_progress) return 1;
  switch (errc_class(code)) {
    case ErrorClass::exhausted:
      return 1;
    case ErrorClass::unavailable:
      return 5;
    default:
      return 0;
  }
}

/// Faults of our own are told to the log, not to the caller.
Error presentable(const Error& error) {
  if (error.error_class() == ErrorClass::corrupt || error.error_class() == ErrorClass::internal) {
    return Error(Errc::internal);
  }
  return error;
}

Response document_of(int status, const std::vector<Error>& errors, std::string_view request_id,
                     const json::object& extra) {
  const Error first = presentable(errors.empty() ? Error(Errc::internal) : errors.front());
  Response response;
  response.status = status;
  json::object document;
  document["type"] = "about:blank";
  document["title"] = reason_of(response.status);
  document["status"] = response.status;
  document["detail"] = first.message();
  document["code"] = errc_name(first.code());
  if (!request_id.empty()) document["request_id"] = request_id;
  json::array named;
  for (const Error& raw : errors) {
    const Error error = presentable(raw);
    if (error.field().empty()) continue;
    named.push_back(json::object{{"pointer", error.field()},
                                 {"code", errc_name(error.code())},
                                 {"detail", error.message()}});
  }
  if (!named.empty()) document["errors"] = std::move(named);
  for (const auto& member : extra) document.insert(member);
  response.headers.add("Content-Type", "application/problem+json");
  response.headers.add("Cache-Control", "no-store");
  if (const int seconds = retry_after_s(first.code()); seconds > 0) {
    response.headers.add("Retry-After", std::to_string(seconds));
  }
  // RFC 9110 §15.5.6: a 405 names the methods; the router hands them over as detail.
  if (first.code() == Errc::method_not_allowed && !first.detail().empty()) {
    response.headers.add("Allow", first.detail());
  }
  response.body = json::write(document);
  return response;
}

}  // namespace

int status_of(Errc code) noexcept {
  if (const auto status = own_status(code)) return *status;
  switch (errc_class(code)) {
    case ErrorClass::invalid:
      return 422;
    case ErrorClass::unauthenticated:
      return 401;
    case ErrorClass::denied:
      return 403;
    case ErrorClass::not_found:
      return 404;
    case ErrorClass::conflict:
      return 409;
    case ErrorClass::exhausted:
    case ErrorClass::unavailable:
      return 503;
    case ErrorClass::corrupt:
    case ErrorClass::internal:
      return 500;
  }
  return 500;
}

Response problem(const std::vector<Error>& errors, std::string_view request_id,
                 const json::object& extra) {
  const Errc code = errors.empty() ? Errc::internal : presentable(errors.front()).code();
  return document_of(status_of(code), errors, request_id, extra);
}

Response problem_as(int status, const Error& error, std::string_view request_id) {
  return document_of(status, {error}, request_id, {});
}

}  // namespace florin::http
