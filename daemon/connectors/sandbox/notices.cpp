#include "daemon/connectors/sandbox/notices.h"

#include <algorithm>

#include "base/json.h"
#include "daemon/connectors/sandbox/answers.h"
#include "daemon/connectors/timed_signature.h"
#include "daemon/connectors/told_time.h"

namespace florin::connectors {
namespace {

using domain::OperationKind;

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

// A charge that captures at once is a sale; what it is called follows from how it ended.
std::optional<OperationKind> kind_of(std::string_view name, std::string_view status) {
  if (name == "charge") {
    return status == "captured" ? OperationKind::sale : OperationKind::authorize;
  }
  if (name == "capture") return OperationKind::capture;
  if (name == "void") return OperationKind::void_;
  if (name == "refund") return OperationKind::refund;
  if (name == "increment") return OperationKind::increment;
  return std::nullopt;
}

struct Event {
  std::string id, type, kind, reference, charge;
  std::int64_t created_s = 0;
  std::int64_t answer_status = 0;
  const json::value* answer = nullptr;
};

constexpr std::string_view kDispute = "dispute.changed";
constexpr std::string_view kReturn = "refund.returned";
constexpr std::string_view kReversal = "capture.reversed";

bool is_late(std::string_view type) {
  return type == kDispute || type == kReturn || type == kReversal;
}

Result<std::int64_t> second_of(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  if (found == nullptr) return 0;
  const bool fits =
      found->is_int64() && found->get_int64() >= 0 && found->get_int64() <= kLastSecond;
  if (!fits) return Error(Errc::malformed_value, "/object/" + std::string(name), "is not a time");
  return found->get_int64();
}

Result<domain::DisputeNotice> read_dispute(const json::object& object) {
  const auto stage = domain::dispute_stage_named(text_of(object, "stage"));
  const auto status = domain::dispute_status_named(text_of(object, "status"));
  if (!stage) return Error(Errc::malformed_value, "/object/stage", "is not a stage");
  if (!status) return Error(Errc::malformed_value, "/object/status", "is not a status");
  FLORIN_TRY(const std::int64_t respond_by_s, second_of(object, "respond_by"));
  return domain::DisputeNotice{.psp_dispute = text_of(object, "id"),
                               .stage = *stage,
                               .status = *status,
                               .reason = text_of(object, "reason"),
                               .respond_by = respond_by_s * kNanosPerSecond};
}

Result<domain::LateNotice> read_late(std::string_view type, const json::object& object) {
  const std::string id = text_of(object, "id");
  if (id.empty() || id.size() > domain::kMaxFactKey) {
    return Error(Errc::malformed_value, "/object/id", "expected a name");
  }
  const json::value* const minor = object.if_contains("amount");
  if (minor == nullptr || !minor->is_int64()) {
    return Error(Errc::malformed_value, "/object/amount", "expected an amount");
  }
  FLORIN_TRY(const Currency currency, Currency::parse(text_of(object, "currency")));
  FLORIN_TRY(const Money amount, Money::make(minor->get_int64(), currency));
  if (amount.is_zero()) return Error(Errc::amount_invalid, "/object/amount", "must be above zero");
  domain::LateNotice out{
      .kind = domain::FactKind::dispute, .psp_key = id, .amount = amount, .dispute = {}};
  if (type == kReturn) out.kind = domain::FactKind::refund_returned;
  if (type == kReversal) out.kind = domain::FactKind::capture_reversed;
  if (type == kDispute) {
    FLORIN_TRY(out.dispute, read_dispute(object));
  }
  return out;
}

// Events of what came after the end have an object instead of an answer.
Result<NoticeFact> late_fact(const json::value& body) {
  json::Reader reader(body);
  NoticeFact out;
  out.key = reader.text("id", kMaxFactKey).value_or("");
  out.type = reader.text("type", kMaxNoticeType).value_or("");
  const std::int64_t created_s = reader.integer("created").value_or(0);
  const json::value* const object = reader.member("object");
  if (auto errors = reader.finish(); !errors.empty()) return std::move(errors.front());
  if (created_s < 0 || created_s > kLastSecond) {
    return Error(Errc::malformed_value, "/created", "is not a time");
  }
  if (!object->is_object()) return Error(Errc::field_type, "/object", "expected an object");
  out.happened_at = created_s * kNanosPerSecond;
  out.reference = text_of(object->get_object(), "reference");
  out.psp_reference = text_of(object->get_object(), "charge");
  if (out.reference.empty() && out.psp_reference.empty()) {
    return Error(Errc::field_missing, "/object/charge", "is needed");
  }
  FLORIN_TRY(out.late, read_late(out.type, object->get_object()));
  // Which operation a dispute is about, or whether a capture was one with its charge, is found by
  // the reference.
  if (out.late->kind == domain::FactKind::refund_returned) out.kind = OperationKind::refund;
  return out;
}

Result<Event> read_event(const json::value& body) {
  json::Reader reader(body);
  Event out;
  out.id = reader.text("id", kMaxFactKey).value_or("");
  out.type = reader.text("type", kMaxNoticeType).value_or("");
  out.created_s = reader.integer("created").value_or(0);
  static_cast<void>(reader.text("key", 64));
  out.kind = reader.text("kind", 16).value_or("");
  out.reference = reader.text("reference", 64).value_or("");
  out.charge = reader.text("charge", domain::kMaxPspReference, false).value_or("");
  out.answer_status = reader.integer("answer_status").value_or(0);
  out.answer = reader.member("answer");
  if (auto errors = reader.finish(); !errors.empty()) return std::move(errors.front());
  if (out.created_s < 0 || out.created_s > kLastSecond) {
    return Error(Errc::malformed_value, "/created", "is not a time");
  }
  if (!out.answer->is_object()) return Error(Errc::field_type, "/answer", "expected an object");
  return out;
}

}  // namespace

Result<Notice> SandboxNotices::verify(const RawNotice& notice, const NoticeAccess& access) const {
  FLORIN_TRY_VOID(check_timed_signature(notice.headers.get("Sandbox-Signature"), notice.body,
                                        access.secrets, access.now));
  FLORIN_TRY(const json::value body, json::parse(notice.body));
  Notice out;
  if (body.is_object() && is_late(text_of(body.get_object(), "type"))) {
    FLORIN_TRY(NoticeFact late, late_fact(body));
    out.facts.push_back(std::move(late));
    return out;
  }
  FLORIN_TRY(Event event, read_event(body));
  if (event.type != "operation.answered") return out;
  const json::object& answer = event.answer->get_object();
  // Not looked at: amounts are compared by the core.
  FLORIN_TRY(const Currency currency, Currency::parse("EUR"));
  const Money amount = Money::zero(currency);
  const auto kind = kind_of(event.kind, text_of(answer, "status"));
  if (!kind) return Error(Errc::malformed_value, "/kind", "is not an operation");
  const OperationRequest operation{.kind = *kind,
                                   .psp_key = {},
                                   .reference = event.reference,
                                   .amount = amount,
                                   .payment_token = {},
                                   .psp_reference = event.charge,
                                   .merchant_reference = {},
                                   .replay = true};
  NoticeFact fact;
  fact.outcome =
      sandbox_dialect::judge(operation, event.answer_status, *event.answer, "notice", true);
  fact.key = std::move(event.id);
  fact.type = std::move(event.type);
  fact.happened_at = event.created_s * kNanosPerSecond;
  fact.reference = std::move(event.reference);
  fact.psp_reference = event.kind == "charge" ? text_of(answer, "id") : std::move(event.charge);
  fact.kind = kind;
  out.facts.push_back(std::move(fact));
  return out;
}

Result<void> SandboxNotices::check_secret(BytesView secret) const {
  const bool visible = std::all_of(secret.begin(), secret.end(),
                                   [](std::uint8_t byte) { return byte > 0x20 && byte < 0x7F; });
  if (secret.size() >= 24 && secret.size() <= 128 && visible) return {};
  return Error(Errc::malformed_value, {}, "expected 24 to 128 visible ASCII characters");
}

}  // namespace florin::connectors
