#include "daemon/connectors/sandbox/answers.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "daemon/connectors/verdicts.h"

namespace florin::connectors::sandbox_dialect {
namespace {

using domain::OperationKind;
using domain::Outcome;
using domain::OutcomeClass;

// The sandbox's decline codes and ours. A code that is missing here is a hard decline.
constexpr DeclineMapping kDeclines[] = {
    {"insufficient_funds", "insufficient_funds"},
    {"do_not_honor", "do_not_honor"},
    {"expired_card", "expired_card"},
    {"invalid_card", "invalid_card"},
    {"stolen_card", "stolen_card"},
    {"suspected_fraud", "suspected_fraud"},
    {"authentication_required", "authentication_required"},
};

std::string_view our_code(std::string_view theirs) {
  const auto* const row =
      std::find_if(std::begin(kDeclines), std::end(kDeclines),
                   [&](const DeclineMapping& candidate) { return candidate.theirs == theirs; });
  return row == std::end(kDeclines) ? std::string_view("declined") : row->ours;
}

// Documented refusals. `keyed` ones are recorded under our idempotency key, so they hold for every
// send of it; the others are given before the key is looked at.
struct RefusalRow {
  std::int64_t status;
  std::string_view theirs;
  std::string_view ours;
  bool keyed;
};
constexpr RefusalRow kRefusals[] = {
    {400, "invalid_request", "connector_rejected", false},
    {400, "malformed_json", "connector_rejected", false},
    {400, "idempotency_key_invalid", "connector_rejected", false},
    {401, "unauthorized", "connector_credentials", false},
    {403, "forbidden", "connector_credentials", false},
    {404, "unknown_charge", "unknown_authorization", true},
    {422, "wrong_state", "wrong_state", true},
    {422, "currency_mismatch", "currency_mismatch", true},
    {422, "amount_exceeds_capturable", "amount_exceeds_capturable", true},
    {422, "amount_exceeds_refundable", "amount_exceeds_refundable", true},
    {422, "amount_exceeds_authorizable", "invalid_amount", true},
    {422, "unknown_token", "invalid_payment_method", true},
    {429, "rate_limited", "rate_limited", false},
};

bool is_charge(OperationKind kind) {
  return kind == OperationKind::authorize || kind == OperationKind::sale;
}

std::string_view object_name(OperationKind kind) {
  return is_charge(kind) ? "charge" : domain::operation_kind_name(kind);
}

std::optional<Money> amount_of(const json::object& body) {
  const json::value* const minor = body.if_contains("amount");
  if (minor == nullptr || !minor->is_int64()) return std::nullopt;
  const auto currency = Currency::parse(text_member(body, "currency"));
  if (!currency.ok()) return std::nullopt;
  const auto money = Money::make(minor->get_int64(), *currency);
  return money.ok() ? std::optional<Money>(*money) : std::nullopt;
}

std::string_view success_status(OperationKind kind) {
  switch (kind) {
    case OperationKind::authorize:
      return "authorized";
    case OperationKind::sale:
      return "captured";
    case OperationKind::capture:
    case OperationKind::void_:
    case OperationKind::refund:
    case OperationKind::increment:
      break;
  }
  return "succeeded";
}

Outcome judge_executed(const OperationRequest& operation, const json::object& body,
                       const std::string& evidence) {
  const std::string_view id = text_member(body, "id");
  if (text_member(body, "object") != object_name(operation.kind) || !is_name(id)) {
    return unknown(evidence + ": not what was asked for");
  }
  if (text_member(body, "reference") != operation.reference) {
    return unknown(evidence + ": another reference");
  }
  if (!is_charge(operation.kind) && text_member(body, "charge") != operation.psp_reference) {
    return unknown(evidence + ": another charge");
  }
  Outcome out;
  out.amount = amount_of(body);
  if (!out.amount) return unknown(evidence + ": no amount");
  out.psp_reference = id;
  out.reference = operation.reference;
  out.evidence = evidence;
  const std::string_view status = text_member(body, "status");
  if (status == success_status(operation.kind)) {
    out.outcome = OutcomeClass::succeeded;
    return out;
  }
  const json::value* const decline = body.if_contains("decline");
  if (status != "declined" || decline == nullptr || !decline->is_object()) {
    return unknown(evidence + ": unknown status");
  }
  const std::string_view code = text_member(decline->get_object(), "code");
  if (code.empty()) return unknown(evidence + ": a decline without a code");
  const Outcome found = declined(operation, our_code(code),
                                 text_member(decline->get_object(), "network_code"), evidence);
  out.outcome = found.outcome;
  out.decline = found.decline;
  return out;
}

}  // namespace

Outcome judge(const OperationRequest& operation, std::int64_t status, const json::value& body,
              std::string_view where, bool under_key) {
  const std::string evidence = std::string(where) + " " + std::to_string(status);
  if (!body.is_object()) return unknown(evidence + ": not an object");
  const json::object& object = body.get_object();
  if (status == 201) return judge_executed(operation, object, evidence);
  const std::string_view code = text_member(object, "code");
  if (!object.contains("message") || code.empty()) return unknown(evidence + ": not documented");
  if (status == 409 && code == "key_cancelled") return not_executed(operation, evidence);
  for (const RefusalRow& row : kRefusals) {
    if (row.status != status || row.theirs != code) continue;
    if (!row.keyed && (operation.replay || under_key)) {
      return unknown(evidence + ": says nothing about an earlier send");
    }
    return refused(operation, row.ours, evidence);
  }
  return unknown(evidence + ": not documented");
}

std::span<const DeclineMapping> declines() {
  static const std::vector<DeclineMapping> all = [] {
    std::vector<DeclineMapping> rows(std::begin(kDeclines), std::end(kDeclines));
    rows.reserve(rows.size() + std::size(kRefusals));
    for (const RefusalRow& row : kRefusals) rows.push_back({row.theirs, row.ours});
    return rows;
  }();
  return all;
}

}  // namespace florin::connectors::sandbox_dialect
