#include "daemon/connectors/sandbox/codec.h"

#include <string>

#include "base/check.h"
#include "daemon/connectors/sandbox/answers.h"

namespace florin::connectors {
namespace {

using domain::OperationKind;
using sandbox_dialect::judge;
using sandbox_dialect::not_executed;
using sandbox_dialect::text_member;
using sandbox_dialect::unknown;

constexpr std::int64_t kForever_s = std::int64_t{10} * 365 * 24 * 3600;

// RFC 3986 §2.3: everything but unreserved characters is escaped, so that a reference that a PSP
// gave us can never change the path.
std::string segment(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '~';
    if (plain) {
      out.push_back(letter);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0x0FU]);
    }
  }
  return out;
}

http::Request request_of(std::string method, std::string target, const Access& access) {
  FLORIN_ASSERT(access.api_key != nullptr);
  http::Request out;
  out.method = std::move(method);
  out.target = std::move(target);
  std::string authorization = "Bearer ";
  // One allocation: growing would leave a copy of the key behind.
  authorization.reserve(authorization.size() + access.api_key->size());
  authorization += text_of(access.api_key->view());
  out.headers.add("Authorization", std::move(authorization));
  out.headers.add("Accept", "application/json");
  return out;
}

std::string target_of(const OperationRequest& operation) {
  const std::string charge = "/v1/charges/" + segment(operation.psp_reference);
  switch (operation.kind) {
    case OperationKind::authorize:
    case OperationKind::sale:
      break;
    case OperationKind::capture:
      return charge + "/captures";
    case OperationKind::void_:
      return charge + "/voids";
    case OperationKind::refund:
      return charge + "/refunds";
  }
  return "/v1/charges";
}

json::object body_of(const OperationRequest& operation) {
  json::object body;
  body["reference"] = operation.reference;
  if (operation.kind == OperationKind::void_) return body;
  body["amount"] = operation.amount.minor();
  body["currency"] = operation.amount.currency().code();
  if (operation.kind == OperationKind::capture) body["final"] = operation.final_capture;
  if (operation.kind == OperationKind::authorize || operation.kind == OperationKind::sale) {
    body["token"] = operation.payment_token;
    body["capture"] = operation.kind == OperationKind::sale;
    if (!operation.merchant_reference.empty()) {
      body["merchant_reference"] = operation.merchant_reference;
    }
  }
  return body;
}

Inquiry found(domain::Outcome outcome) {
  const bool fact = outcome.outcome != domain::OutcomeClass::unknown;
  return {fact ? Inquiry::Finding::found : Inquiry::Finding::unusable, std::move(outcome)};
}

Inquiry unusable(std::string evidence) {
  return {Inquiry::Finding::unusable, unknown(std::move(evidence))};
}

// The record of our key: cancelled, or answered with the answer inside.
Inquiry judge_record(const OperationRequest& operation, const json::object& record,
                     const std::string& where) {
  if (text_member(record, "key") != operation.psp_key) return unusable(where + ": another key");
  if (text_member(record, "state") == "cancelled") return found(not_executed(operation, where));
  const json::value* const status = record.if_contains("answer_status");
  const json::value* const answer = record.if_contains("answer");
  if (text_member(record, "state") != "answered" || status == nullptr || !status->is_int64() ||
      answer == nullptr || text_member(record, "reference") != operation.reference) {
    return unusable(where + ": not documented");
  }
  return found(judge(operation, status->get_int64(), *answer, where, true));
}

}  // namespace

SandboxCodec::SandboxCodec() {
  using enum UnknownResolution;
  sheet_.kind = "sandbox";
  sheet_.partial_capture = true;
  sheet_.multiple_capture = true;
  sheet_.partial_refund = true;
  sheet_.multiple_refund = true;
  sheet_.void_after_partial_capture = true;
  sheet_.can_cancel_key = true;
  // A payer does not wait: an authorization that was never executed is cancelled, not made late.
  for (const OperationKind kind : {OperationKind::authorize, OperationKind::sale}) {
    sheet_.operations.push_back({kind, true, true, kForever_s, 0, {inquire, reverse, manual}});
  }
  for (const OperationKind kind :
       {OperationKind::capture, OperationKind::void_, OperationKind::refund}) {
    sheet_.operations.push_back(
        {kind, true, true, kForever_s, 0, {inquire, replay_same_key, reverse, manual}});
  }
}

http::Request SandboxCodec::encode(const OperationRequest& operation, const Access& access) const {
  http::Request out = request_of("POST", target_of(operation), access);
  out.headers.add("Content-Type", "application/json");
  out.headers.add("Idempotency-Key", operation.psp_key);
  out.body = json::write(body_of(operation));
  return out;
}

domain::Outcome SandboxCodec::decode(const OperationRequest& operation,
                                     const http::Response& response) const {
  const auto body = json::parse(response.body);
  if (!body.ok()) return unknown("answer " + std::to_string(response.status) + ": not JSON");
  return judge(operation, response.status, *body, "answer", false);
}

http::Request SandboxCodec::encode_inquiry(const OperationRequest& operation,
                                           const Access& access) const {
  return request_of("GET", "/v1/operations/" + segment(operation.psp_key), access);
}

Inquiry SandboxCodec::decode_inquiry(const OperationRequest& operation,
                                     const http::Response& response) const {
  const std::string where = "inquiry " + std::to_string(response.status);
  const auto body = json::parse(response.body);
  if (!body.ok() || !body->is_object()) return unusable(where + ": not a JSON object");
  const json::object& object = body->get_object();
  if (response.status == 404 && text_member(object, "code") == "unknown_key") {
    return {Inquiry::Finding::not_found, unknown(where)};
  }
  if (response.status != 200) return unusable(where + ": not documented");
  return judge_record(operation, object, where);
}

http::Request SandboxCodec::encode_cancel_key(const OperationRequest& operation,
                                              const Access& access) const {
  return request_of("POST", "/v1/operations/" + segment(operation.psp_key) + "/cancel", access);
}

Inquiry SandboxCodec::decode_cancel_key(const OperationRequest& operation,
                                        const http::Response& response) const {
  const std::string where = "key cancellation " + std::to_string(response.status);
  const auto body = json::parse(response.body);
  if (!body.ok() || !body->is_object()) return unusable(where + ": not a JSON object");
  const json::object& object = body->get_object();
  const bool documented =
      (response.status == 200 && text_member(object, "state") == "cancelled") ||
      (response.status == 409 && text_member(object, "code") == "already_executed");
  if (!documented) return unusable(where + ": not documented");
  return judge_record(operation, object, where);
}

}  // namespace florin::connectors
