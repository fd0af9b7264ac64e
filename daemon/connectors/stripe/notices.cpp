#include "daemon/connectors/stripe/notices.h"

#include <algorithm>
#include <array>

#include "daemon/connectors/stripe/amounts.h"
#include "daemon/connectors/stripe/answers.h"
#include "daemon/connectors/timed_signature.h"
#include "daemon/connectors/told_time.h"
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

bool is_dispute_event(std::string_view type) {
  return type == "charge.dispute.created" || type == "charge.dispute.updated" ||
         type == "charge.dispute.closed" || type == "charge.dispute.funds_withdrawn" ||
         type == "charge.dispute.funds_reinstated";
}

struct DisputePlace {
  std::string_view theirs;
  domain::DisputeStage stage;
  domain::DisputeStatus status;
};
// docs.stripe.com/api/disputes/object, "status". Warnings are inquiries, by which no money moves;
// one that closes was not escalated. Where the money is follows from the place, so the events about
// funds repeat what the others say.
constexpr std::array kDisputePlaces = {
    DisputePlace{"warning_needs_response", domain::DisputeStage::inquiry,
                 domain::DisputeStatus::needs_response},
    DisputePlace{"warning_under_review", domain::DisputeStage::inquiry,
                 domain::DisputeStatus::under_review},
    DisputePlace{"warning_closed", domain::DisputeStage::inquiry, domain::DisputeStatus::withdrawn},
    DisputePlace{"needs_response", domain::DisputeStage::chargeback,
                 domain::DisputeStatus::needs_response},
    DisputePlace{"under_review", domain::DisputeStage::chargeback,
                 domain::DisputeStatus::under_review},
    DisputePlace{"won", domain::DisputeStage::chargeback, domain::DisputeStatus::won},
    DisputePlace{"lost", domain::DisputeStage::chargeback, domain::DisputeStatus::lost},
    DisputePlace{"prevented", domain::DisputeStage::chargeback, domain::DisputeStatus::withdrawn},
};

std::optional<Money> money_of(const json::object& object) {
  const auto theirs = integer_member(object, "amount");
  auto amount = theirs && *theirs > 0
                    ? stripe_dialect::to_ours(*theirs, text_member(object, "currency"))
                    : std::nullopt;
  return amount;
}

// What cannot be read as a fact of ours still is one of theirs: without `late` it finds no
// operation, and people see it.
std::optional<domain::LateNotice> late_dispute(const json::object& dispute) {
  const std::string_view id = text_member(dispute, "id");
  const std::string_view status = text_member(dispute, "status");
  const auto* const place =
      std::find_if(kDisputePlaces.begin(), kDisputePlaces.end(),
                   [status](const DisputePlace& row) { return row.theirs == status; });
  const auto amount = money_of(dispute);
  if (!is_name(id) || place == kDisputePlaces.end() || !amount) return std::nullopt;
  const json::object* const details = object_member(dispute, "evidence_details");
  const std::int64_t due_s =
      details == nullptr ? 0 : integer_member(*details, "due_by").value_or(0);
  const bool is_time = due_s > 0 && due_s <= kLastSecond;
  return domain::LateNotice{
      .kind = domain::FactKind::dispute,
      .psp_key = std::string(id),
      .amount = *amount,
      .dispute = domain::DisputeNotice{.psp_dispute = std::string(id),
                                       .stage = place->stage,
                                       .status = place->status,
                                       .reason = printable(text_member(dispute, "reason")),
                                       .respond_by = is_time ? due_s * kNanosPerSecond : 0}};
}

std::optional<NoticeFact> dispute_fact(const json::object& dispute) {
  const std::string_view intent = text_member(dispute, "payment_intent");
  if (text_member(dispute, "object") != "dispute" || !is_name(intent)) return std::nullopt;
  NoticeFact fact;
  fact.psp_reference = intent;
  fact.late = late_dispute(dispute);
  return fact;
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
  // A refund that had succeeded can fail afterwards: then the money has come back.
  const auto amount = money_of(refund);
  if (fact.outcome.outcome == domain::OutcomeClass::declined && amount) {
    fact.late = domain::LateNotice{.kind = domain::FactKind::refund_returned,
                                   .psp_key = std::string(text_member(refund, "id")),
                                   .amount = *amount,
                                   .dispute = {}};
  }
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
  std::optional<NoticeFact> fact = is_refund_event(type)    ? refund_fact(*object)
                                   : is_dispute_event(type) ? dispute_fact(*object)
                                                            : intent_fact(type, *object);
  if (!fact) return out;
  fact->key = id;
  fact->type = std::string(type.substr(0, kMaxNoticeType));
  const std::int64_t created_s = integer_member(*event, "created").value_or(0);
  const bool is_time = created_s > 0 && created_s <= kLastSecond;
  fact->happened_at = is_time ? created_s * kNanosPerSecond : 0;
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
