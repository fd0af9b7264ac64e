#include "daemon/domain/render.h"

#include "daemon/domain/expiry.h"
#include "daemon/domain/personal.h"

namespace florin::domain {
namespace {

json::object minor(Currency currency, std::int64_t amount) {
  return {{"value", amount}, {"currency", currency.code()}, {"exponent", currency.exponent()}};
}

json::object render(const Decline& decline) {
  json::object out{{"category", decline_category_name(decline.category)}, {"code", decline.code}};
  if (!decline.network_code.empty()) out["network_code"] = decline.network_code;
  return out;
}

void add_texts(json::object& out, const PaymentTerms& terms) {
  if (terms.has_customer()) {
    // Places that put_personal fills; it drops what is not there.
    for (const std::string_view name : {"customer", "description", "metadata", "personal_data"}) {
      out[name] = nullptr;
    }
    return;
  }
  if (!terms.description.empty()) out["description"] = terms.description;
  if (const auto metadata = json::parse(terms.metadata); metadata.ok()) {
    out["metadata"] = *metadata;
  }
}

}  // namespace

json::object render(const Money& money) {
  return {{"value", money.minor()},
          {"currency", money.currency().code()},
          {"exponent", money.currency().exponent()}};
}

json::object render(const Capture& capture) {
  return {{"object", "capture"},
          {"id", capture.id.text()},
          {"status", capture_status_name(capture.status)},
          {"amount", render(capture.amount)},
          {"final", capture.final_capture},
          {"created_at", to_rfc3339(capture.created_at)}};
}

json::object render(const Refund& refund) {
  json::object out{{"object", "refund"},
                   {"id", refund.id.text()},
                   {"status", refund_status_name(refund.status)},
                   {"amount", render(refund.amount)}};
  if (!refund.reason.empty()) out["reason"] = refund.reason;
  if (refund.decline) out["decline"] = render(*refund.decline);
  out["created_at"] = to_rfc3339(refund.created_at);
  return out;
}

json::object render(const Dispute& dispute, std::uint64_t version, std::string_view mode) {
  json::object out{{"object", "dispute"},
                   {"id", dispute.id.text()},
                   {"payment", dispute.payment.text()},
                   {"merchant", dispute.merchant.text()},
                   {"mode", mode},
                   {"stage", dispute_stage_name(dispute.stage)},
                   {"status", dispute_status_name(dispute.status)},
                   {"amount", minor(dispute.currency, dispute.amount)},
                   {"amount_withheld", minor(dispute.currency, dispute.taken - dispute.lost)},
                   {"amount_charged_back", minor(dispute.currency, dispute.lost)}};
  if (!dispute.branch.value.is_nil()) out["branch"] = dispute.branch.text();
  if (!dispute.reason.empty()) out["reason"] = dispute.reason;
  if (dispute.respond_by != 0 && !is_closed(dispute.status)) {
    out["respond_by"] = to_rfc3339(dispute.respond_by);
  }
  out["created_at"] = to_rfc3339(dispute.created_at);
  out["updated_at"] = to_rfc3339(dispute.updated_at);
  out["version"] = version;
  return out;
}

json::object render(const Payment& payment, std::uint64_t version, std::string_view mode,
                    const std::vector<Capture>& captures, const std::vector<Refund>& refunds) {
  json::object out{
      {"object", "payment"},
      {"id", payment.id.text()},
      {"merchant", payment.terms.merchant.text()},
      {"mode", mode},
      {"status", payment_status_name(status_of(payment))},
      {"amount", render(payment.terms.amount)},
      {"amount_authorized", minor(payment.currency(), payment.authorized)},
      {"amount_captured", minor(payment.currency(), payment.captured)},
      {"amount_released", minor(payment.currency(), payment.released)},
      {"amount_refunded", minor(payment.currency(), payment.refunded)},
      {"amount_reversed", minor(payment.currency(), payment.reversed)},
      {"amount_returned", minor(payment.currency(), payment.returned)},
      {"amount_disputed", minor(payment.currency(), payment.disputed)},
      {"amount_charged_back", minor(payment.currency(), payment.charged_back)},
      {"capture_method",
       payment.terms.capture_method == CaptureMethod::automatic ? "automatic" : "manual"},
      {"merchant_reference", payment.terms.merchant_reference}};
  if (payment.terms.has_branch()) out["branch"] = payment.terms.branch.text();
  add_texts(out, payment.terms);
  if (payment.is_closing()) out["cancel_requested"] = true;
  if (payment.is_unconfirmed()) out["confirm_before"] = to_rfc3339(payment.confirm_before);
  if (const auto before = capture_before(payment)) out["capture_before"] = to_rfc3339(*before);
  if (payment.last_decline) out["last_decline"] = render(*payment.last_decline);
  json::array capture_list;
  for (const Capture& capture : captures) capture_list.emplace_back(render(capture));
  out["captures"] = std::move(capture_list);
  json::array refund_list;
  for (const Refund& refund : refunds) refund_list.emplace_back(render(refund));
  out["refunds"] = std::move(refund_list);
  out["created_at"] = to_rfc3339(payment.terms.created_at);
  out["updated_at"] = to_rfc3339(payment.updated_at);
  out["version"] = version;
  return payment.terms.has_customer() ? put_personal(out, payment.terms) : out;
}

}  // namespace florin::domain
