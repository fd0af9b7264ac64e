#pragma once
/// The one catalogue of error codes. A code fixes its class (how callers must treat it), the stable
/// name that leaves the appliance and a text that is safe to show to anybody.
#include <cstdint>
#include <string_view>

namespace florin {

enum class ErrorClass : std::uint8_t {
  invalid,          ///< the request is wrong; the same request will always be refused
  unauthenticated,  ///< who asks is not proven
  denied,           ///< who asks is known and may not
  not_found,
  conflict,     ///< the present state does not allow it; may succeed later
  exhausted,    ///< a limit is reached; try again later
  unavailable,  ///< something that is needed is not there now; try again later
  corrupt,      ///< stored data failed a check; stop and look
  internal,     ///< a fault of our own
};

enum class Errc : std::uint16_t {
  // 1xx input
  malformed_value = 100,
  malformed_json,
  validation_failed,
  amount_invalid,
  currency_unknown,
  field_missing,
  field_unknown,
  field_type,
  value_too_long,
  payload_too_large,
  unsupported_media_type,
  method_not_allowed,
  not_acceptable,
  header_invalid,
  uri_too_long,
  idempotency_key_missing,
  idempotency_key_invalid,
  currency_mismatch,
  amount_exceeds_capturable,
  amount_exceeds_refundable,
  capability_missing,
  config_invalid,
  header_too_large,
  http_version_unsupported,
  not_implemented,
  expectation_failed,
  request_timeout,
  // 2xx who asks
  credential_invalid = 200,
  signature_invalid,
  timestamp_skew,
  nonce_reused,
  permission_denied,
  // 3xx state
  not_found = 300,
  state_conflict,
  version_conflict,
  duplicate_entry,
  duplicate_reference,
  unique_violation,
  idempotency_in_progress,
  idempotency_key_reused,
  idempotency_key_expired,
  operation_in_doubt,
  already_initialised,
  not_initialised,
  // 4xx load and surroundings
  overloaded = 400,
  rate_limited,
  timed_out,
  connection_failed,
  unavailable,
  shutting_down,
  tls_failed,
  // 5xx ledger
  ledger_unbalanced = 500,
  ledger_account_unusable,
  ledger_hold_exceeded,
  ledger_overflow,
  ledger_record_invalid,
  ledger_limit,
  ledger_corrupt,
  ledger_mismatch,
  ledger_stopped,
  ledger_balance_limit,
  ledger_period_locked,
  ledger_recovering,
  // 6xx hsm and keys
  hsm_module = 600,
  hsm_token_missing,
  hsm_pin_incorrect,
  hsm_pin_missing,
  hsm_key_missing,
  hsm_key_duplicate,
  hsm_key_unfit,
  hsm_unavailable,
  hsm_failure,
  key_unwrap_failed,
  decryption_failed,
  // 7xx PSP
  connector_rejected = 700,
  connector_answer_invalid,
  // 9xx
  io_failure = 900,
  internal,
};

/// Stable kebab-case name, as in the `code` member of a problem document (RFC 9457).
std::string_view errc_name(Errc code) noexcept;
ErrorClass errc_class(Errc code) noexcept;
/// One sentence that may be shown to anybody.
std::string_view errc_text(Errc code) noexcept;

}  // namespace florin
