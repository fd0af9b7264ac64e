#pragma once
/// Deciding what happens to one call.
#include "support/pkcs11_shim/state.h"

namespace florin::pkcs11_shim {

/// What the rules together want of this call.
struct Effects {
  Word actions = 0;
  CK_RV return_value = CKR_OK;
  Word byte = 0;
  Word mask = 0;
  Word handle_from = 0;
  Word handle_to = 0;

  [[nodiscard]] bool has(Action action) const noexcept { return (actions & action) != 0; }
};

/// Counts the call, finds the rules that fire, and carries out at once what comes before a call and
/// needs no argument: waiting and the end of the process.
Effects begin_call(std::size_t function);

}  // namespace florin::pkcs11_shim
