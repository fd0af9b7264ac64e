#include "daemon/connectors/declines.h"

#include <algorithm>
#include <array>

namespace florin::connectors {
namespace {

using enum DeclineAdvice;
using Category = domain::DeclineCategory;

constexpr std::int64_t kHour_s = 3'600;
constexpr std::int64_t kDay_s = 24 * kHour_s;

constexpr std::array kCatalogue = {
    DeclineEntry{"acquirer_unreachable", Category::technical, retry_later, 60,
                 "no connection to the provider; nothing was sent"},
    DeclineEntry{"amount_exceeds_capturable", Category::technical, correct_request, 0,
                 "the provider has less to capture"},
    DeclineEntry{"amount_exceeds_refundable", Category::technical, correct_request, 0,
                 "the provider has less to refund"},
    DeclineEntry{"amount_not_supported", Category::technical, correct_request, 0,
                 "the provider cannot express or take this amount"},
    DeclineEntry{"authentication_failed", Category::authentication, authenticate, 0,
                 "the payer did not prove who he is"},
    DeclineEntry{"authentication_required", Category::authentication, authenticate, 0,
                 "the issuer wants the payer to prove who he is"},
    DeclineEntry{"authorization_expired", Category::technical, correct_request, 0,
                 "the authorization is too old to be captured"},
    DeclineEntry{"blocked", Category::fraud, never_again, 0,
                 "the provider's or the merchant's rules block the payment"},
    DeclineEntry{"card_not_supported", Category::hard, other_method, 0,
                 "the card does not allow this kind of purchase"},
    DeclineEntry{
        "connector_busy", Category::technical, retry_later, 30,
        "held back here before anything was sent: too much under way, or too many failures"},
    DeclineEntry{"connector_credentials", Category::technical, operator_acts, 0,
                 "the provider does not accept the connector's credentials"},
    DeclineEntry{"connector_rejected", Category::technical, operator_acts, 0,
                 "the provider refused the form of the request"},
    DeclineEntry{"currency_mismatch", Category::technical, correct_request, 0,
                 "the provider has the payment in another currency"},
    DeclineEntry{"currency_not_supported", Category::technical, correct_request, 0,
                 "the provider or the card does not take this currency"},
    DeclineEntry{"declined", Category::hard, other_method, 0, "declined without a known reason"},
    DeclineEntry{"do_not_honor", Category::soft, retry_later, kDay_s,
                 "the issuer declines without a reason"},
    DeclineEntry{"duplicate_transaction", Category::hard, correct_request, 0,
                 "the issuer saw the same amount with the same card a moment ago"},
    DeclineEntry{"expired_card", Category::hard, other_method, 0, "the card has expired"},
    DeclineEntry{"final_capture_required", Category::technical, correct_request, 0,
                 "the provider captures once: a part is captured as the final one"},
    DeclineEntry{"incorrect_data", Category::hard, correct_data, 0,
                 "security code, PIN, expiry date or address are wrong"},
    DeclineEntry{"insufficient_funds", Category::soft, retry_later, kDay_s,
                 "not enough money on the account"},
    DeclineEntry{"invalid_amount", Category::hard, correct_request, 0,
                 "the issuer does not take this amount"},
    DeclineEntry{"invalid_card", Category::hard, other_method, 0, "there is no such card"},
    DeclineEntry{"invalid_payment_method", Category::technical, correct_request, 0,
                 "the provider does not know the token"},
    DeclineEntry{"issuer_unavailable", Category::soft, retry_later, kHour_s,
                 "the issuer could not be reached"},
    DeclineEntry{"limit_exceeded", Category::soft, retry_later, kDay_s,
                 "the card's limit of amounts or of uses is reached"},
    DeclineEntry{"lost_card", Category::fraud, never_again, 0, "the card is reported lost"},
    DeclineEntry{"not_executed", Category::technical, retry_later, 0,
                 "proved not to have been executed, and never will be"},
    DeclineEntry{"not_supported", Category::technical, correct_request, 0,
                 "the provider cannot be asked for this kind of operation"},
    DeclineEntry{"processing_error", Category::soft, retry_later, 300,
                 "something went wrong between provider and issuer"},
    DeclineEntry{"rate_limited", Category::technical, retry_later, 5,
                 "the provider took no more requests"},
    DeclineEntry{"refund_failed", Category::technical, operator_acts, 0,
                 "the provider could not give the money back"},
    DeclineEntry{"restricted_card", Category::hard, other_method, 0,
                 "the issuer restricts the card"},
    DeclineEntry{"revoked", Category::hard, never_again, 0,
                 "the payer has revoked the authorization or stopped the payment"},
    DeclineEntry{"stolen_card", Category::fraud, never_again, 0, "the card is reported stolen"},
    DeclineEntry{"suspected_fraud", Category::fraud, never_again, 0,
                 "provider or issuer suspect fraud"},
    DeclineEntry{"unknown_authorization", Category::technical, operator_acts, 0,
                 "the provider does not know the payment"},
    DeclineEntry{"wrong_state", Category::technical, correct_request, 0,
                 "the payment at the provider is in a state that does not allow it"},
};

static_assert(std::is_sorted(kCatalogue.begin(), kCatalogue.end(),
                             [](const DeclineEntry& a, const DeclineEntry& b) {
                               return a.code < b.code;
                             }));
static_assert(std::all_of(kCatalogue.begin(), kCatalogue.end(), [](const DeclineEntry& entry) {
  return !entry.code.empty() && entry.code.size() <= domain::kMaxDeclineCode;
}));

}  // namespace

std::string_view decline_advice_name(DeclineAdvice advice) noexcept {
  switch (advice) {
    case retry_later:
      return "retry_later";
    case other_method:
      return "other_method";
    case authenticate:
      return "authenticate";
    case correct_data:
      return "correct_data";
    case never_again:
      return "never_again";
    case correct_request:
      return "correct_request";
    case operator_acts:
      return "operator_acts";
  }
  return "";
}

std::span<const DeclineEntry> decline_catalogue() noexcept {
  return kCatalogue;
}

const DeclineEntry& find_decline(std::string_view code) noexcept {
  const auto entry_of = [](std::string_view name) {
    return std::find_if(kCatalogue.begin(), kCatalogue.end(),
                        [name](const DeclineEntry& entry) { return entry.code == name; });
  };
  const auto* const found = entry_of(code);
  return found != kCatalogue.end() ? *found : *entry_of("declined");
}

json::value declines_to_json() {
  json::array rows;
  for (const DeclineEntry& entry : kCatalogue) {
    json::object row;
    row["code"] = entry.code;
    row["category"] = domain::decline_category_name(entry.category);
    row["advice"] = decline_advice_name(entry.advice);
    row["retry_after_s"] = entry.retry_after_s;
    row["meaning"] = entry.meaning;
    rows.emplace_back(std::move(row));
  }
  return json::object{{"declines", std::move(rows)}};
}

}  // namespace florin::connectors
