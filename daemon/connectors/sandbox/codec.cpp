#include "daemon/connectors/sandbox/codec.h"

#include <string>

#include "daemon/connectors/encoding.h"
#include "daemon/connectors/sandbox/answers.h"
#include "daemon/connectors/verdicts.h"

namespace florin::connectors {
namespace {

using domain::OperationKind;
using sandbox_dialect::judge;

constexpr std::int64_t kForever_s = std::int64_t{10} * 365 * 24 * 3600;

std::string target_of(const OperationRequest& operation) {
  const std::string charge = "/v1/charges/" + percent_encode(operation.psp_reference);
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
    case OperationKind::increment:
      return charge + "/increments";
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
  sheet_.api_version = "v1";
  sheet_.key_field = "header Idempotency-Key";
  sheet_.key_conflict = "409 key_reused";
  sheet_.references = {"our operation (reference)", "charge (id)"};
  sheet_.notices = NoticeTrust::authoritative;
  sheet_.partial_capture = true;
  sheet_.multiple_capture = true;
  sheet_.partial_refund = true;
  sheet_.multiple_refund = true;
  sheet_.void_after_partial_capture = true;
  sheet_.can_cancel_key = true;
  // It lets none expire by itself; seven days are what card networks usually give.
  sheet_.authorization = {.validity_s = 7 * 86'400, .margin_s = 3'600};
  // A payer does not wait: an authorization that was never executed is cancelled, not made late.
  for (const OperationKind kind : {OperationKind::authorize, OperationKind::sale}) {
    sheet_.operations.push_back({kind, true, true, kForever_s, 0, {inquire, reverse, manual}});
  }
  for (const OperationKind kind : {OperationKind::capture, OperationKind::void_,
                                   OperationKind::refund, OperationKind::increment}) {
    sheet_.operations.push_back(
        {kind, true, true, kForever_s, 0, {inquire, replay_same_key, reverse, manual}});
  }
}

http::Request SandboxCodec::encode(const OperationRequest& operation, const Access& access) const {
  http::Request out = authorized_request("POST", target_of(operation), access);
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
  return authorized_request("GET", "/v1/operations/" + percent_encode(operation.psp_key), access);
}

Inquiry SandboxCodec::decode_inquiry(const OperationRequest& operation,
                                     const http::Response& response) const {
  const std::string where = "inquiry " + std::to_string(response.status);
  const auto body = json::parse(response.body);
  if (!body.ok() || !body->is_object()) return unusable(where + ": not a JSON object");
  const json::object& object = body->get_object();
  if (response.status == 404 && text_member(object, "code") == "unknown_key") {
    return not_found(where);
  }
  if (response.status != 200) return unusable(where + ": not documented");
  return judge_record(operation, object, where);
}

http::Request SandboxCodec::encode_cancel_key(const OperationRequest& operation,
                                              const Access& access) const {
  return authorized_request(
      "POST", "/v1/operations/" + percent_encode(operation.psp_key) + "/cancel", access);
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

std::span<const DeclineMapping> SandboxCodec::declines() const {
  return sandbox_dialect::declines();
}

// A key that nobody used: who may ask is told that it is unknown.
http::Request SandboxCodec::encode_check(const Access& access) const {
  return authorized_request("GET", "/v1/operations/" + std::string(32, '0'), access);
}

CheckFinding SandboxCodec::decode_check(const http::Response& response) const {
  const auto body = json::parse(response.body);
  const std::string_view code =
      body.ok() && body->is_object() ? text_member(body->get_object(), "code") : std::string_view();
  if (response.status == 404 && code == "unknown_key") return CheckFinding::ok;
  if (response.status == 401 && code == "unauthorized") return CheckFinding::credentials_refused;
  if (response.status == 429 || response.status >= 500) return CheckFinding::busy;
  return CheckFinding::unexpected;
}

}  // namespace florin::connectors
