#include "daemon/connectors/stripe/declines.h"

#include <algorithm>
#include <vector>

namespace florin::connectors::stripe_dialect {
namespace {

constexpr DeclineMapping kDeclines[] = {
    {"approve_with_id", "authentication_required"},
    {"authentication_not_handled", "authentication_required"},
    {"authentication_required", "authentication_required"},
    {"call_issuer", "do_not_honor"},
    {"card_decline_rate_limit_exceeded", "limit_exceeded"},
    {"card_not_supported", "card_not_supported"},
    {"card_velocity_exceeded", "limit_exceeded"},
    {"charge_expired_for_capture", "authorization_expired"},
    {"currency_not_supported", "currency_not_supported"},
    {"do_not_honor", "do_not_honor"},
    {"do_not_try_again", "revoked"},
    {"duplicate_transaction", "duplicate_transaction"},
    {"expired_card", "expired_card"},
    {"expired_or_canceled_card", "expired_card"},
    {"fraudulent", "suspected_fraud"},
    {"generic_decline", "declined"},
    {"highest_risk_level", "blocked"},
    {"incorrect_address", "incorrect_data"},
    {"incorrect_cvc", "incorrect_data"},
    {"incorrect_number", "invalid_card"},
    {"incorrect_pin", "incorrect_data"},
    {"incorrect_zip", "incorrect_data"},
    {"insufficient_funds", "insufficient_funds"},
    {"invalid_account", "invalid_card"},
    {"invalid_amount", "invalid_amount"},
    {"invalid_cvc", "incorrect_data"},
    {"invalid_expiry_month", "incorrect_data"},
    {"invalid_expiry_year", "incorrect_data"},
    {"invalid_number", "invalid_card"},
    {"invalid_pin", "incorrect_data"},
    {"issuer_not_available", "issuer_unavailable"},
    {"lost_card", "lost_card"},
    {"lost_or_stolen_card", "stolen_card"},
    {"merchant_blacklist", "blocked"},
    {"new_account_information_available", "restricted_card"},
    {"no_action_taken", "do_not_honor"},
    {"not_permitted", "restricted_card"},
    {"offline_pin_required", "authentication_required"},
    {"online_or_offline_pin_required", "authentication_required"},
    {"payment_intent_authentication_failure", "authentication_failed"},
    {"pickup_card", "stolen_card"},
    {"pin_try_exceeded", "limit_exceeded"},
    {"processing_error", "processing_error"},
    {"reenter_transaction", "processing_error"},
    {"restricted_card", "restricted_card"},
    {"revocation_of_all_authorizations", "revoked"},
    {"revocation_of_authorization", "revoked"},
    {"security_violation", "suspected_fraud"},
    {"service_not_allowed", "restricted_card"},
    {"stolen_card", "stolen_card"},
    {"stop_payment_order", "revoked"},
    {"testmode_decline", "declined"},
    {"transaction_not_allowed", "restricted_card"},
    {"try_again_later", "processing_error"},
    {"withdrawal_count_limit_exceeded", "limit_exceeded"},
};

constexpr DeclineMapping kRefusals[] = {
    {"amount_too_large", "amount_not_supported"},
    {"amount_too_small", "amount_not_supported"},
    {"charge_already_captured", "wrong_state"},
    {"charge_already_refunded", "amount_exceeds_refundable"},
    {"charge_expired_for_capture", "authorization_expired"},
    {"payment_intent_unexpected_state", "wrong_state"},
    {"payment_method_unexpected_state", "invalid_payment_method"},
    {"resource_missing", "unknown_authorization"},
};

std::string_view look_up(std::span<const DeclineMapping> table, std::string_view theirs) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const DeclineMapping& candidate) {
    return candidate.theirs == theirs;
  });
  return row == table.end() ? std::string_view() : row->ours;
}

}  // namespace

std::string_view our_decline(std::string_view decline_code, std::string_view code) {
  std::string_view ours = look_up(kDeclines, decline_code);
  if (ours.empty()) ours = look_up(kDeclines, code);
  return ours.empty() ? std::string_view("declined") : ours;
}

std::string_view our_refusal(std::string_view code, std::string_view parameter) {
  if (parameter == "payment_method") return "invalid_payment_method";
  const std::string_view ours = look_up(kRefusals, code);
  return ours.empty() ? std::string_view("connector_rejected") : ours;
}

std::span<const DeclineMapping> declines() {
  static const std::vector<DeclineMapping> all = [] {
    std::vector<DeclineMapping> rows(std::begin(kDeclines), std::end(kDeclines));
    rows.insert(rows.end(), std::begin(kRefusals), std::end(kRefusals));
    return rows;
  }();
  return all;
}

}  // namespace florin::connectors::stripe_dialect
