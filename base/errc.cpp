#include "base/errc.h"

#include <iterator>

namespace florin {
namespace {

struct Row {
  Errc code;
  std::string_view name;
  ErrorClass error_class;
  std::string_view text;
};

constexpr Row kRows[] = {
    {Errc::malformed_value, "malformed-value", ErrorClass::invalid, "A value is not well formed."},
    {Errc::malformed_json, "malformed-json", ErrorClass::invalid,
     "The body is not well-formed JSON."},
    {Errc::validation_failed, "validation-failed", ErrorClass::invalid,
     "The request has values that are not allowed."},
    {Errc::amount_invalid, "amount-invalid", ErrorClass::invalid, "The amount is not allowed."},
    {Errc::currency_unknown, "currency-unknown", ErrorClass::invalid, "The currency is not known."},
    {Errc::field_missing, "field-missing", ErrorClass::invalid, "A required field is missing."},
    {Errc::field_unknown, "field-unknown", ErrorClass::invalid, "A field is not known."},
    {Errc::field_type, "field-type", ErrorClass::invalid, "A field has the wrong type."},
    {Errc::value_too_long, "value-too-long", ErrorClass::invalid, "A value is too long."},
    {Errc::payload_too_large, "payload-too-large", ErrorClass::invalid,
     "The request is too large."},
    {Errc::unsupported_media_type, "unsupported-media-type", ErrorClass::invalid,
     "The content type is not supported."},
    {Errc::method_not_allowed, "method-not-allowed", ErrorClass::invalid,
     "The method is not allowed here."},
    {Errc::not_acceptable, "not-acceptable", ErrorClass::invalid,
     "The accepted content types cannot be served."},
    {Errc::header_invalid, "header-invalid", ErrorClass::invalid, "A header is not valid."},
    {Errc::uri_too_long, "uri-too-long", ErrorClass::invalid, "The request target is too long."},
    {Errc::idempotency_key_missing, "idempotency-key-missing", ErrorClass::invalid,
     "The Idempotency-Key header is required."},
    {Errc::idempotency_key_invalid, "idempotency-key-invalid", ErrorClass::invalid,
     "The Idempotency-Key header is not well formed."},
    {Errc::currency_mismatch, "currency-mismatch", ErrorClass::invalid,
     "The currency is not that of the payment."},
    {Errc::amount_exceeds_capturable, "amount-exceeds-capturable", ErrorClass::invalid,
     "The amount is more than can be captured."},
    {Errc::amount_exceeds_refundable, "amount-exceeds-refundable", ErrorClass::invalid,
     "The amount is more than can be refunded."},
    {Errc::capability_missing, "capability-missing", ErrorClass::invalid,
     "The connector cannot do this."},
    {Errc::config_invalid, "config-invalid", ErrorClass::invalid,
     "The configuration is not valid."},
    {Errc::header_too_large, "header-too-large", ErrorClass::invalid, "The header is too large."},
    {Errc::http_version_unsupported, "http-version-unsupported", ErrorClass::invalid,
     "Only HTTP/1.1 is supported."},
    {Errc::not_implemented, "not-implemented", ErrorClass::invalid,
     "The request uses a feature that is not supported."},
    {Errc::expectation_failed, "expectation-failed", ErrorClass::invalid,
     "The Expect header is not supported."},
    {Errc::request_timeout, "request-timeout", ErrorClass::invalid,
     "The request did not arrive in time."},
    {Errc::credential_invalid, "credential-invalid", ErrorClass::unauthenticated,
     "The credential is not valid."},
    {Errc::signature_invalid, "signature-invalid", ErrorClass::unauthenticated,
     "The signature is not valid."},
    {Errc::timestamp_skew, "timestamp-skew", ErrorClass::unauthenticated,
     "The timestamp is outside the allowed window."},
    {Errc::nonce_reused, "nonce-reused", ErrorClass::unauthenticated, "The nonce was used before."},
    {Errc::permission_denied, "permission-denied", ErrorClass::denied,
     "This is not allowed for you."},
    {Errc::not_found, "not-found", ErrorClass::not_found, "There is no such object."},
    {Errc::state_conflict, "state-conflict", ErrorClass::conflict,
     "The present state does not allow this."},
    {Errc::version_conflict, "version-conflict", ErrorClass::conflict,
     "The object was changed meanwhile."},
    {Errc::duplicate_entry, "duplicate-entry", ErrorClass::conflict, "The entry exists already."},
    {Errc::duplicate_reference, "duplicate-reference", ErrorClass::conflict,
     "The reference is in use."},
    {Errc::unique_violation, "unique-violation", ErrorClass::conflict, "A unique value is in use."},
    {Errc::idempotency_in_progress, "idempotency-in-progress", ErrorClass::conflict,
     "The first request with this key is still running."},
    {Errc::idempotency_key_reused, "idempotency-key-reused", ErrorClass::invalid,
     "The key was used for another request."},
    {Errc::idempotency_key_expired, "idempotency-key-expired", ErrorClass::conflict,
     "The key was used before and its answer is no longer kept."},
    {Errc::operation_in_doubt, "operation-in-doubt", ErrorClass::conflict,
     "The outcome of an earlier operation is not known yet."},
    {Errc::already_initialised, "already-initialised", ErrorClass::conflict,
     "It is initialised already."},
    {Errc::not_initialised, "not-initialised", ErrorClass::conflict, "It is not initialised yet."},
    {Errc::overloaded, "overloaded", ErrorClass::exhausted, "Too much work is waiting."},
    {Errc::rate_limited, "rate-limited", ErrorClass::exhausted, "Too many requests."},
    {Errc::timed_out, "timed-out", ErrorClass::unavailable, "The time limit has passed."},
    {Errc::connection_failed, "connection-failed", ErrorClass::unavailable,
     "The connection could not be made."},
    {Errc::unavailable, "unavailable", ErrorClass::unavailable,
     "The service is not available now."},
    {Errc::shutting_down, "shutting-down", ErrorClass::unavailable, "The service is stopping."},
    {Errc::tls_failed, "tls-failed", ErrorClass::unavailable,
     "The secure connection could not be made."},
    {Errc::ledger_unbalanced, "ledger-unbalanced", ErrorClass::invalid,
     "The entry does not balance."},
    {Errc::ledger_account_unusable, "ledger-account-unusable", ErrorClass::conflict,
     "The account cannot be used."},
    {Errc::ledger_hold_exceeded, "ledger-hold-exceeded", ErrorClass::conflict,
     "The amount is more than the hold allows."},
    {Errc::ledger_overflow, "ledger-overflow", ErrorClass::invalid, "A balance would overflow."},
    {Errc::ledger_record_invalid, "ledger-record-invalid", ErrorClass::corrupt,
     "A ledger record is not valid."},
    {Errc::ledger_limit, "ledger-limit", ErrorClass::invalid, "A limit of the ledger is exceeded."},
    {Errc::ledger_corrupt, "ledger-corrupt", ErrorClass::corrupt, "The ledger failed a check."},
    {Errc::ledger_mismatch, "ledger-mismatch", ErrorClass::corrupt,
     "Two copies of the ledger differ."},
    {Errc::ledger_stopped, "ledger-stopped", ErrorClass::unavailable,
     "The ledger has stopped after a fault."},
    {Errc::ledger_balance_limit, "ledger-balance-limit", ErrorClass::conflict,
     "The balance of an account does not allow this."},
    {Errc::ledger_period_locked, "ledger-period-locked", ErrorClass::conflict,
     "The effective day is in a locked period."},
    {Errc::ledger_recovering, "ledger-recovering", ErrorClass::unavailable,
     "The service is not available now."},
    {Errc::hsm_module, "hsm-module", ErrorClass::unavailable,
     "The security module library cannot be used."},
    {Errc::hsm_token_missing, "hsm-token-missing", ErrorClass::unavailable,
     "The security module token is not there."},
    {Errc::hsm_pin_incorrect, "hsm-pin-incorrect", ErrorClass::denied,
     "The security module refused the PIN."},
    {Errc::hsm_pin_missing, "hsm-pin-missing", ErrorClass::unavailable,
     "The security module PIN is missing."},
    {Errc::hsm_key_missing, "hsm-key-missing", ErrorClass::unavailable,
     "A key is missing in the security module."},
    {Errc::hsm_key_duplicate, "hsm-key-duplicate", ErrorClass::unavailable,
     "A key exists more than once in the security module."},
    {Errc::hsm_key_unfit, "hsm-key-unfit", ErrorClass::unavailable,
     "A key in the security module does not have the required properties."},
    {Errc::hsm_unavailable, "hsm-unavailable", ErrorClass::unavailable,
     "The security module is not available."},
    {Errc::hsm_failure, "hsm-failure", ErrorClass::unavailable, "The security module failed."},
    {Errc::key_unwrap_failed, "key-unwrap-failed", ErrorClass::corrupt,
     "A wrapped key could not be opened."},
    {Errc::decryption_failed, "decryption-failed", ErrorClass::corrupt,
     "Encrypted data could not be opened."},
    {Errc::connector_rejected, "connector-rejected", ErrorClass::unavailable,
     "The acquirer rejected the request."},
    {Errc::connector_answer_invalid, "connector-answer-invalid", ErrorClass::unavailable,
     "The acquirer gave an answer that cannot be used."},
    {Errc::io_failure, "io-failure", ErrorClass::unavailable, "Reading or writing failed."},
    {Errc::internal, "internal", ErrorClass::internal, "Something went wrong on our side."},
};

const Row& row_of(Errc code) noexcept {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows[std::size(kRows) - 1];
}

}  // namespace

std::string_view errc_name(Errc code) noexcept {
  return row_of(code).name;
}
ErrorClass errc_class(Errc code) noexcept {
  return row_of(code).error_class;
}
std::string_view errc_text(Errc code) noexcept {
  return row_of(code).text;
}

}  // namespace florin
