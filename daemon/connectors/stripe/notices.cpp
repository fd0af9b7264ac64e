#include "daemon/connectors/stripe/notices.h"

#include <algorithm>

#include "daemon/connectors/stripe/answers.h"
#include "daemon/connectors/timed_signature.h"
#include "daemon/connectors/verdicts.h"

namespace florin::connectors {
namespace {

using domain::OperationKind;

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kLeastSecret = 16;
constexpr std::size_t kMostSecret = 128;

// As much of an operation as an event tells; what a judge compares is compared with the event
// itself, and by the core with what was asked.
OperationRequest asked(OperationKind kind, const json::object& object, std::string_view intent) {
  const json::object* const metadata = object_member(object, "metadata");
  const std::string_view reference = metadata == nullptr
                                         ? std::string_view()
                                         : text_member(*metadata, stripe_dialect::kReferenceMember);
  return {.kind = kind,
          .psp_key = {},
          .reference = std::string(reference),
          .amount = Money::zero(*Currency::parse("EUR")),
          .payment_token = {},
          .psp_reference = std::string(intent),
          .merchant_reference = {}};
}

// Which operation of an intent's life an event is about.
std::optional<OperationKind> kind_of(std::string_view type, bool manual) {
  if (type == "payment_intent.amount_capturable_updated") return OperationKind::authorize;
  if (type == "payment_intent.canceled") return OperationKind::void_;
  if (type == "payment_intent.succeeded") {
    return manual ? OperationKind::capture : OperationKind::sale;
  }
  if (type == "payment_intent.payment_failed") {
    return manual ? OperationKind::authorize : OperationKind::sale;
  }
  return std::nullopt;
}

bool is_refund_event(std::string_view type) {
  return type == "refund.created" || type == "refund.updated" || type == "refund.failed" ||
         type == "charge.refund.updated";
}

std::optional<NoticeFact> intent_fact(std::string_view type, const json::object& intent) {
  const std::string_view id = text_member(intent, "id");
  const auto kind = kind_of(type, text_member(intent, "capture_method") == "manual");
  if (!kind || !is_name(id)) return std::nullopt;
  OperationRequest operation = asked(*kind, intent, id);
  const bool charge = *kind == OperationKind::authorize || *kind == OperationKind::sale;
  // The metadata of an intent name the operation that made it, not those that came later.
  if (!charge) operation.reference.clear();
  NoticeFact fact;
  fact.reference = operation.reference;
  fact.psp_reference = id;
  fact.kind = kind;
  fact.outcome = stripe_dialect::judge_intent(operation, intent, "notice").outcome;
  return fact;
}

std::optional<NoticeFact> refund_fact(const json::object& refund) {
  const std::string_view intent = text_member(refund, "payment_intent");
  if (!is_name(intent)) return std::nullopt;
  const OperationRequest operation = asked(OperationKind::refund, refund, intent);
  NoticeFact fact;
  fact.reference = operation.reference;
  fact.psp_reference = intent;
  fact.kind = OperationKind::refund;
  fact.outcome = stripe_dialect::judge_refund(operation, refund, "notice");
  return fact;
}

}  // namespace

Result<Notice> StripeNotices::verify(const RawNotice& notice, const NoticeAccess& access) const {
  FLORIN_TRY_VOID(check_timed_signature(notice.headers.get("Stripe-Signature"), notice.body,
                                        access.secrets, access.now));
  FLORIN_TRY(const json::value body, json::parse(notice.body));
  const json::object* const event = body.if_object();
  if (event == nullptr || text_member(*event, "object") != "event") {
    return Error(Errc::malformed_value, "/object", "expected an event");
  }
  const std::string_view id = text_member(*event, "id");
  const std::string_view type = text_member(*event, "type");
  const json::object* const data = object_member(*event, "data");
  const json::object* const object = data == nullptr ? nullptr : object_member(*data, "object");
  if (!is_name(id)) return Error(Errc::malformed_value, "/id", "expected a name");
  if (object == nullptr) return Error(Errc::malformed_value, "/data/object", "expected an object");
  Notice out;
  std::optional<NoticeFact> fact =
      is_refund_event(type) ? refund_fact(*object) : intent_fact(type, *object);
  if (!fact) return out;
  fact->key = id;
  fact->type = std::string(type.substr(0, kMaxNoticeType));
  fact->happened_at = integer_member(*event, "created").value_or(0) * kNanosPerSecond;
  out.facts.push_back(std::move(*fact));
  return out;
}

Result<void> StripeNotices::check_secret(BytesView secret) const {
  const bool visible = std::all_of(secret.begin(), secret.end(),
                                   [](std::uint8_t byte) { return byte > 0x20 && byte < 0x7F; });
  if (visible && secret.size() >= kLeastSecret && secret.size() <= kMostSecret &&
      text_of(secret).starts_with(kPrefix)) {
    return {};
  }
  return Error(Errc::malformed_value, {}, "a signing secret of Stripe begins with whsec_");
}

}  // namespace florin::connectors
