#include "daemon/connectors/stripe/codec.h"

#include <string>

#include "base/check.h"
#include "daemon/connectors/encoding.h"
#include "daemon/connectors/stripe/amounts.h"
#include "daemon/connectors/stripe/answers.h"
#include "daemon/connectors/stripe/declines.h"
#include "daemon/connectors/verdicts.h"

namespace florin::connectors {
namespace {

using domain::OperationKind;

constexpr std::string_view kApiVersion = "2024-06-20";
// Keys may be removed once they are that old (docs.stripe.com/api/idempotent_requests).
constexpr std::int64_t kKeyLifetime_s = 24 * 3'600;
// New objects are found by a search within a minute, later when Stripe has trouble
// (docs.stripe.com/search). Reads by identifier are not behind.
constexpr std::int64_t kSearchWindow_s = 3'600;
// Of card payments that a payer makes online
// (docs.stripe.com/payments/place-a-hold-on-a-payment-method).
constexpr std::int64_t kAuthorization_s = std::int64_t{7} * 86'400;
constexpr std::string_view kIntents = "/v1/payment_intents";

http::Request request_of(std::string method, std::string target, const Access& access) {
  http::Request out = authorized_request(std::move(method), std::move(target), access);
  out.headers.add("Stripe-Version", std::string(kApiVersion));
  return out;
}

std::string intent_target(const OperationRequest& operation) {
  return std::string(kIntents) + "/" + percent_encode(operation.psp_reference);
}

std::string target_of(const OperationRequest& operation) {
  switch (operation.kind) {
    case OperationKind::authorize:
    case OperationKind::sale:
      break;
    case OperationKind::capture:
      return intent_target(operation) + "/capture";
    case OperationKind::void_:
      return intent_target(operation) + "/cancel";
    case OperationKind::refund:
      return "/v1/refunds";
    case OperationKind::increment:
      // Of a kind that is not encoded.
      FLORIN_ASSERT(false);
  }
  return std::string(kIntents);
}

// What the search knows an intent by.
std::string reference_field() {
  return "metadata[" + std::string(stripe_dialect::kReferenceMember) + "]";
}

std::string body_of(const OperationRequest& operation) {
  Form form;
  const auto theirs = stripe_dialect::to_theirs(operation.amount);
  FLORIN_ASSERT(theirs.has_value());
  const std::string amount = std::to_string(*theirs);
  switch (operation.kind) {
    case OperationKind::authorize:
    case OperationKind::sale:
      form.add("amount", amount)
          .add("currency", stripe_dialect::currency_code(operation.amount.currency()))
          .add("payment_method", operation.payment_token)
          // Without it the account's settings could ask for a payer who comes back by a redirect.
          .add("payment_method_types[]", "card")
          .add("capture_method", operation.kind == OperationKind::sale ? "automatic" : "manual")
          .add("confirm", "true")
          .add(reference_field(), operation.reference);
      if (!operation.merchant_reference.empty()) {
        form.add("metadata[merchant_reference]", operation.merchant_reference);
      }
      break;
    case OperationKind::capture:
      form.add("amount_to_capture", amount);
      break;
    case OperationKind::void_:
    case OperationKind::increment:
      break;
    case OperationKind::refund:
      form.add("payment_intent", operation.psp_reference)
          .add("amount", amount)
          .add(reference_field(), operation.reference);
      break;
  }
  return form.take();
}

// The one object that names our operation among those of a list or of a search.
const json::object* find_ours(const OperationRequest& operation, const json::object& list,
                              bool& complete) {
  const json::value* const data = list.if_contains("data");
  const json::value* const more = list.if_contains("has_more");
  complete = data != nullptr && data->is_array() && more != nullptr && more->is_bool() &&
             !more->get_bool();
  if (data == nullptr || !data->is_array()) return nullptr;
  const json::object* ours = nullptr;
  for (const json::value& item : data->get_array()) {
    if (!item.is_object() || !stripe_dialect::is_ours(operation, item.get_object())) continue;
    // Two under one key would be a double charge there: people have to look.
    if (ours != nullptr) {
      complete = false;
      return nullptr;
    }
    ours = &item.get_object();
  }
  return ours;
}

bool is_missing(const http::Response& response, const json::object& body) {
  const json::object* const error = object_member(body, "error");
  return response.status == 404 && error != nullptr &&
         text_member(*error, "type") == "invalid_request_error";
}

}  // namespace

StripeCodec::StripeCodec() {
  using enum UnknownResolution;
  sheet_.kind = "stripe";
  sheet_.api_version = kApiVersion;
  sheet_.key_field = "header Idempotency-Key";
  sheet_.key_conflict = "400 idempotency_error";
  sheet_.references = {"our operation (metadata[operation])", "payment intent (pi_)",
                       "refund (re_)"};
  sheet_.notices = NoticeTrust::authoritative;
  sheet_.partial_capture = true;
  sheet_.partial_refund = true;
  sheet_.multiple_refund = true;
  sheet_.authorization = {.validity_s = kAuthorization_s, .margin_s = 3'600};
  for (const OperationKind kind : {OperationKind::authorize, OperationKind::sale}) {
    sheet_.operations.push_back({kind,
                                 true,
                                 true,
                                 kKeyLifetime_s,
                                 kSearchWindow_s,
                                 {inquire, replay_same_key, await_notice, manual}});
  }
  // Increments need an account with special prices and a request that was made with the first
  // authorization (docs.stripe.com/payments/incremental-authorization): not on the sheet.
  for (const OperationKind kind :
       {OperationKind::capture, OperationKind::void_, OperationKind::refund}) {
    sheet_.operations.push_back(
        {kind, true, true, kKeyLifetime_s, 0, {inquire, replay_same_key, await_notice, manual}});
  }
}

std::span<const DeclineMapping> StripeCodec::declines() const {
  return stripe_dialect::declines();
}

std::string_view StripeCodec::objection(const OperationRequest& operation) const {
  if (!sheet_.of(operation.kind).supported) return "not_supported";
  if (!stripe_dialect::is_supported(operation.amount.currency())) return "currency_not_supported";
  if (!stripe_dialect::to_theirs(operation.amount)) return "amount_not_supported";
  // One capture ends an intent: Stripe releases what it does not take.
  if (operation.kind == OperationKind::capture && !operation.final_capture &&
      operation.amount.minor() < operation.capturable) {
    return "final_capture_required";
  }
  return {};
}

http::Request StripeCodec::encode(const OperationRequest& operation, const Access& access) const {
  http::Request out = request_of("POST", target_of(operation), access);
  out.headers.add("Content-Type", "application/x-www-form-urlencoded");
  out.headers.add("Idempotency-Key", operation.psp_key);
  out.body = body_of(operation);
  return out;
}

domain::Outcome StripeCodec::decode(const OperationRequest& operation,
                                    const http::Response& response) const {
  return stripe_dialect::judge(operation, response);
}

// Of a payment whose answer was lost we know nothing but our own reference. The others are read by
// the identifier of their intent.
http::Request StripeCodec::encode_inquiry(const OperationRequest& operation,
                                          const Access& access) const {
  switch (operation.kind) {
    case OperationKind::authorize:
    case OperationKind::sale:
      break;
    case OperationKind::capture:
    case OperationKind::void_:
    case OperationKind::increment:
      return request_of("GET", intent_target(operation), access);
    case OperationKind::refund:
      return request_of(
          "GET",
          "/v1/refunds?payment_intent=" + percent_encode(operation.psp_reference) + "&limit=100",
          access);
  }
  const std::string query = "metadata['" + std::string(stripe_dialect::kReferenceMember) + "']:'" +
                            operation.reference + "'";
  return request_of("GET", std::string(kIntents) + "/search?query=" + percent_encode(query),
                    access);
}

Inquiry StripeCodec::decode_inquiry(const OperationRequest& operation,
                                    const http::Response& response) const {
  const std::string where = "inquiry " + std::to_string(response.status);
  const auto body = json::parse(response.body);
  if (!body.ok() || !body->is_object()) return unusable(where + ": not a JSON object");
  const json::object& object = body->get_object();
  if (is_missing(response, object)) return not_found(where);
  if (response.status != 200) return unusable(where + ": not documented");
  if (operation.kind == OperationKind::capture || operation.kind == OperationKind::void_) {
    return stripe_dialect::judge_intent(operation, object, where);
  }
  const bool refund = operation.kind == OperationKind::refund;
  if (text_member(object, "object") != (refund ? "list" : "search_result")) {
    return unusable(where + ": not documented");
  }
  bool complete = false;
  const json::object* const ours = find_ours(operation, object, complete);
  if (ours == nullptr) return complete ? not_found(where) : unusable(where + ": not unique");
  if (refund) return found(stripe_dialect::judge_refund(operation, *ours, where));
  return stripe_dialect::judge_intent(operation, *ours, where);
}

http::Request StripeCodec::encode_check(const Access& access) const {
  return request_of("GET", "/v1/balance", access);
}

CheckFinding StripeCodec::decode_check(const http::Response& response) const {
  const auto body = json::parse(response.body);
  if (response.status == 429 || response.status >= 500) return CheckFinding::busy;
  if (!body.ok() || !body->is_object()) return CheckFinding::unexpected;
  const json::object& object = body->get_object();
  if (response.status == 200 && text_member(object, "object") == "balance") {
    return CheckFinding::ok;
  }
  const json::object* const error = object_member(object, "error");
  if (error == nullptr || text_member(*error, "type").empty()) return CheckFinding::unexpected;
  if (response.status == 401) return CheckFinding::credentials_refused;
  if (response.status == 403) return CheckFinding::permission_missing;
  return CheckFinding::unexpected;
}

}  // namespace florin::connectors
