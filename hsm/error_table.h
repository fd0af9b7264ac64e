#pragma once
/// What a PKCS#11 return value means for the caller: a pure table.
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace florin::hsm {

/// How a failed call must be treated.
enum class FailureClass : std::uint8_t {
  none,          ///< success
  caller_bug,    ///< wrong argument, mechanism or template: never retried
  auth_fatal,    ///< the PIN was refused: no login until an operator acts
  session_lost,  ///< session, login or handle is gone
  token_lost,    ///< only C_Finalize and C_Initialize can help
  device,        ///< the device failed; may pass
  busy,          ///< no session free
  ambiguous,     ///< CKR_GENERAL_ERROR: on decryption either bad ciphertext or a sick token
  corrupt,       ///< the data failed its check
  benign,        ///< "already logged in", "already initialised": meaning depends on the call
  unknown,       ///< not in the table
};

/// The class of a CK_RV (PKCS#11 2.40 §5.1).
FailureClass failure_class(unsigned long return_value) noexcept;
std::string_view failure_class_name(FailureClass value) noexcept;

/// The error of a failed call. `function` is a literal such as "C_Decrypt"; no argument of the call
/// ever reaches the text.
Error call_error(std::string_view function, unsigned long return_value);

}  // namespace florin::hsm
