#include "daemon/connectors/stripe/answers.h"

#include <algorithm>

#include "daemon/connectors/stripe/amounts.h"
#include "daemon/connectors/stripe/declines.h"
#include "daemon/connectors/verdicts.h"

namespace florin::connectors::stripe_dialect {
namespace {

using domain::OperationKind;
using domain::Outcome;
using domain::OutcomeClass;

// Taken, and to be told later by a notice or by an inquiry.
Outcome pending(const OperationRequest& operation, std::string_view id, const std::string& where) {
  Outcome out;
  out.outcome = OutcomeClass::pending;
  out.psp_reference = id;
  out.reference = operation.reference;
  out.evidence = where;
  return out;
}

bool is_charge(OperationKind kind) {
  return kind == OperationKind::authorize || kind == OperationKind::sale;
}

std::optional<Money> amount_of(const json::object& object, std::string_view member) {
  const auto theirs = integer_member(object, member);
  if (!theirs) return std::nullopt;
  return to_ours(*theirs, text_member(object, "currency"));
}

Outcome succeeded(const OperationRequest& operation, std::string_view id,
                  std::optional<Money> amount, const std::string& where) {
  if (!amount) return unknown(where + ": no amount");
  Outcome out;
  out.outcome = OutcomeClass::succeeded;
  out.psp_reference = id;
  out.reference = operation.reference;
  out.amount = amount;
  out.evidence = where;
  return out;
}

// The intent must be the one that was made for the operation, or that the operation is about. Of
// the latter the identity is the proof: capture and cancellation happen once in an intent's life.
bool is_about(const OperationRequest& operation, const json::object& intent) {
  if (text_member(intent, "object") != "payment_intent") return false;
  if (is_charge(operation.kind)) return is_ours(operation, intent);
  return text_member(intent, "id") == operation.psp_reference;
}

// An attempt that failed leaves its intent open for another card; we make a new one instead.
Outcome judge_failed_attempt(const OperationRequest& operation, const json::object& intent,
                             const std::string& where) {
  const json::object* const error = object_member(intent, "last_payment_error");
  const std::string_view code = error == nullptr ? "" : text_member(*error, "code");
  if (code.empty()) return unknown(where + ": not confirmed");
  const std::string_view decline_code = text_member(*error, "decline_code");
  const std::string_view network = text_member(*error, "network_decline_code");
  return declined(operation, our_decline(decline_code, code),
                  network.empty() ? decline_code : network, where);
}

Inquiry judge_charge(const OperationRequest& operation, const json::object& intent,
                     const std::string& where) {
  const std::string_view status = text_member(intent, "status");
  const std::string_view id = text_member(intent, "id");
  const bool sale = operation.kind == OperationKind::sale;
  if (status == "succeeded") {
    // Of an authorization it tells that it was captured since: what had been authorized is
    // `amount`.
    return found(
        succeeded(operation, id, amount_of(intent, sale ? "amount_received" : "amount"), where));
  }
  if (status == "requires_capture" && !sale) {
    return found(succeeded(operation, id, amount_of(intent, "amount_capturable"), where));
  }
  if (status == "requires_payment_method") {
    return found(judge_failed_attempt(operation, intent, where));
  }
  if (status == "processing") return found(pending(operation, id, where));
  // The payer would have to act on what nobody is ever told of: no money can move.
  if (status == "requires_action") {
    return found(declined(operation, "authentication_required", {}, where));
  }
  if (status == "canceled" && integer_member(intent, "amount_received") == 0) {
    return found(not_executed(operation, where + " canceled"));
  }
  return unusable(where + ": " + printable(status));
}

Inquiry judge_capture(const OperationRequest& operation, const json::object& intent,
                      const std::string& where) {
  const std::string_view status = text_member(intent, "status");
  if (status == "succeeded") {
    return found(succeeded(operation, text_member(intent, "id"),
                           amount_of(intent, "amount_received"), where));
  }
  // Canceled is final: it can never be captured.
  if (status == "canceled" && integer_member(intent, "amount_received") == 0) {
    return found(not_executed(operation, where + " canceled"));
  }
  if (status == "requires_capture") return not_found(where + " requires_capture");
  if (status == "processing") {
    return found(pending(operation, text_member(intent, "id"), where));
  }
  return unusable(where + ": " + printable(status));
}

Inquiry judge_void(const OperationRequest& operation, const json::object& intent,
                   const std::string& where) {
  const std::string_view status = text_member(intent, "status");
  if (status == "canceled") {
    return found(
        succeeded(operation, text_member(intent, "id"), amount_of(intent, "amount"), where));
  }
  // Captured is final: it can never be canceled.
  if (status == "succeeded") return found(not_executed(operation, where + " captured"));
  if (status == "requires_capture") return not_found(where + " requires_capture");
  return unusable(where + ": " + printable(status));
}

Outcome judge_success(const OperationRequest& operation, const json::object& body,
                      const std::string& where) {
  if (operation.kind == OperationKind::refund) return judge_refund(operation, body, where);
  Inquiry inquiry = judge_intent(operation, body, where);
  // An answer to the request itself must tell what was asked for; a state that only shows that
  // nothing has happened yet belongs to inquiries.
  const OutcomeClass outcome = inquiry.outcome.outcome;
  const bool direct = outcome == OutcomeClass::succeeded || outcome == OutcomeClass::declined ||
                      outcome == OutcomeClass::pending;
  if (inquiry.finding != Inquiry::Finding::found || !direct) {
    return unknown(where + ": not what was asked for");
  }
  if (operation.kind == OperationKind::authorize && text_member(body, "status") == "succeeded") {
    return unknown(where + ": captured without an order");
  }
  return std::move(inquiry.outcome);
}

bool is_documented_error(const json::object& error) {
  constexpr std::string_view kTypes[] = {"api_error",
                                         "card_error",
                                         "idempotency_error",
                                         "invalid_request_error",
                                         "authentication_error",
                                         "rate_limit_error"};
  const std::string_view type = text_member(error, "type");
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes) &&
         !text_member(error, "message").empty();
}

// 402: the request was carried out, and the issuer or Stripe said no.
Outcome judge_decline(const OperationRequest& operation, const json::object& error,
                      const std::string& where) {
  const json::object* const intent = object_member(error, "payment_intent");
  if (intent != nullptr && !is_about(operation, *intent)) {
    return unknown(where + ": about another payment");
  }
  const std::string_view code = text_member(error, "code");
  if (code.empty()) return unknown(where + ": a decline without a code");
  const std::string_view decline_code = text_member(error, "decline_code");
  const std::string_view network = text_member(error, "network_decline_code");
  return declined(operation, our_decline(decline_code, code),
                  network.empty() ? decline_code : network, where);
}

std::string_view refusal_code(int status, const json::object& error) {
  switch (status) {
    case 400:
    case 404:
      if (text_member(error, "type") != "invalid_request_error") return {};
      return our_refusal(text_member(error, "code"), text_member(error, "param"));
    case 401:
    case 403:
      return "connector_credentials";
    case 429:
      return "rate_limited";
    default:
      return {};
  }
}

}  // namespace

bool is_ours(const OperationRequest& operation, const json::object& object) {
  const json::object* const metadata = object_member(object, "metadata");
  return metadata != nullptr && !operation.reference.empty() &&
         text_member(*metadata, kReferenceMember) == operation.reference;
}

Inquiry judge_intent(const OperationRequest& operation, const json::object& intent,
                     const std::string& where) {
  if (!is_about(operation, intent) || !is_name(text_member(intent, "id"))) {
    return unusable(where + ": about another payment");
  }
  switch (operation.kind) {
    case OperationKind::authorize:
    case OperationKind::sale:
      return judge_charge(operation, intent, where);
    case OperationKind::capture:
      return judge_capture(operation, intent, where);
    case OperationKind::void_:
      return judge_void(operation, intent, where);
    case OperationKind::refund:
    case OperationKind::increment:
      break;
  }
  return unusable(where + ": not an operation of an intent");
}

Outcome judge_refund(const OperationRequest& operation, const json::object& refund,
                     const std::string& where) {
  const std::string_view id = text_member(refund, "id");
  if (text_member(refund, "object") != "refund" || !is_name(id) || !is_ours(operation, refund) ||
      text_member(refund, "payment_intent") != operation.psp_reference) {
    return unknown(where + ": about another refund");
  }
  const std::string_view status = text_member(refund, "status");
  if (status == "succeeded") {
    return succeeded(operation, id, amount_of(refund, "amount"), where);
  }
  if (status == "failed" || status == "canceled") {
    return declined(operation, "refund_failed", text_member(refund, "failure_reason"), where);
  }
  if (status == "pending") return pending(operation, id, where);
  return unknown(where + ": " + printable(status));
}

Outcome judge(const OperationRequest& operation, const http::Response& response) {
  const std::string where = "answer " + std::to_string(response.status);
  const auto body = json::parse(response.body);
  if (!body.ok() || !body->is_object()) return unknown(where + ": not a JSON object");
  if (response.status == 200) return judge_success(operation, body->get_object(), where);
  const json::object* const error = object_member(body->get_object(), "error");
  if (error == nullptr || !is_documented_error(*error)) return unknown(where + ": not documented");
  // The outcome of a request that was begun is kept under its key, and so is this one.
  if (response.status == 402) return judge_decline(operation, *error, where);
  const std::string_view code = refusal_code(response.status, *error);
  if (code.empty()) return unknown(where + ": not documented as final");
  // A refusal before the request was begun is not kept under the key. After an earlier send it
  // counts only when Stripe says that it is that one's stored result.
  if (operation.replay && response.headers.get("Idempotent-Replayed") != "true") {
    return unknown(where + ": says nothing about an earlier send");
  }
  return refused(operation, code, where);
}

}  // namespace florin::connectors::stripe_dialect
