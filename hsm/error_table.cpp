#include "hsm/error_table.h"

#include <fmt/format.h>

#include "hsm/cryptoki.h"

namespace florin::hsm {
namespace {

struct Row {
  unsigned long return_value;
  FailureClass failure;
};

constexpr Row kRows[] = {
    {CKR_OK, FailureClass::none},
    {CKR_ARGUMENTS_BAD, FailureClass::caller_bug},
    {CKR_MECHANISM_INVALID, FailureClass::caller_bug},
    {CKR_MECHANISM_PARAM_INVALID, FailureClass::caller_bug},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, FailureClass::caller_bug},
    {CKR_ATTRIBUTE_READ_ONLY, FailureClass::caller_bug},
    {CKR_ATTRIBUTE_SENSITIVE, FailureClass::caller_bug},
    {CKR_ATTRIBUTE_TYPE_INVALID, FailureClass::caller_bug},
    {CKR_ATTRIBUTE_VALUE_INVALID, FailureClass::caller_bug},
    {CKR_TEMPLATE_INCOMPLETE, FailureClass::caller_bug},
    {CKR_TEMPLATE_INCONSISTENT, FailureClass::caller_bug},
    {CKR_ACTION_PROHIBITED, FailureClass::caller_bug},
    {CKR_FUNCTION_NOT_SUPPORTED, FailureClass::caller_bug},
    {CKR_KEY_UNEXTRACTABLE, FailureClass::caller_bug},
    {CKR_PIN_INCORRECT, FailureClass::auth_fatal},
    {CKR_PIN_INVALID, FailureClass::auth_fatal},
    {CKR_PIN_LEN_RANGE, FailureClass::auth_fatal},
    {CKR_PIN_EXPIRED, FailureClass::auth_fatal},
    {CKR_PIN_LOCKED, FailureClass::auth_fatal},
    {CKR_SESSION_HANDLE_INVALID, FailureClass::session_lost},
    {CKR_SESSION_CLOSED, FailureClass::session_lost},
    {CKR_USER_NOT_LOGGED_IN, FailureClass::session_lost},
    {CKR_OBJECT_HANDLE_INVALID, FailureClass::session_lost},
    {CKR_KEY_HANDLE_INVALID, FailureClass::session_lost},
    {CKR_OPERATION_ACTIVE, FailureClass::session_lost},
    {CKR_OPERATION_NOT_INITIALIZED, FailureClass::session_lost},
    {CKR_DEVICE_REMOVED, FailureClass::token_lost},
    {CKR_TOKEN_NOT_PRESENT, FailureClass::token_lost},
    {CKR_TOKEN_NOT_RECOGNIZED, FailureClass::token_lost},
    {CKR_SLOT_ID_INVALID, FailureClass::token_lost},
    {CKR_CRYPTOKI_NOT_INITIALIZED, FailureClass::token_lost},
    {CKR_DEVICE_ERROR, FailureClass::device},
    {CKR_DEVICE_MEMORY, FailureClass::device},
    {CKR_FUNCTION_FAILED, FailureClass::device},
    {CKR_HOST_MEMORY, FailureClass::device},
    {CKR_SESSION_COUNT, FailureClass::busy},
    {CKR_GENERAL_ERROR, FailureClass::ambiguous},
    {CKR_ENCRYPTED_DATA_INVALID, FailureClass::corrupt},
    {CKR_ENCRYPTED_DATA_LEN_RANGE, FailureClass::corrupt},
    {CKR_SIGNATURE_INVALID, FailureClass::corrupt},
    {CKR_WRAPPED_KEY_INVALID, FailureClass::corrupt},
    {CKR_USER_ALREADY_LOGGED_IN, FailureClass::benign},
    {CKR_CRYPTOKI_ALREADY_INITIALIZED, FailureClass::benign},
};

Errc errc_of(FailureClass failure) noexcept {
  switch (failure) {
    case FailureClass::auth_fatal:
      return Errc::hsm_pin_incorrect;
    case FailureClass::session_lost:
    case FailureClass::token_lost:
    case FailureClass::busy:
      return Errc::hsm_unavailable;
    case FailureClass::corrupt:
      return Errc::key_unwrap_failed;
    case FailureClass::none:
    case FailureClass::caller_bug:
    case FailureClass::device:
    case FailureClass::ambiguous:
    case FailureClass::benign:
    case FailureClass::unknown:
      return Errc::hsm_failure;
  }
  return Errc::hsm_failure;
}

}  // namespace

FailureClass failure_class(unsigned long return_value) noexcept {
  for (const Row& row : kRows) {
    if (row.return_value == return_value) return row.failure;
  }
  return FailureClass::unknown;
}

std::string_view failure_class_name(FailureClass value) noexcept {
  constexpr std::string_view kNames[] = {"none",       "caller-bug", "auth-fatal", "session-lost",
                                         "token-lost", "device",     "busy",       "ambiguous",
                                         "corrupt",    "benign",     "unknown"};
  return kNames[static_cast<std::size_t>(value)];
}

Error call_error(std::string_view function, unsigned long return_value) {
  const FailureClass failure = failure_class(return_value);
  return Error(
      errc_of(failure), {}, {},
      fmt::format("{} returned 0x{:x} ({})", function, return_value, failure_class_name(failure)));
}

}  // namespace florin::hsm
