#pragma once
/// Private to this room: finding a token among the slots. The slot number is never kept, because
/// modules renumber slots.
#include <optional>
#include <vector>

#include "hsm/module.h"
#include "hsm/token_info.h"
#include "hsm/uri.h"

namespace florin::hsm {

struct Token {
  CK_SLOT_ID slot = 0;
  CK_FLAGS flags = 0;
  unsigned long shortest_pin = 0;
  unsigned long longest_pin = 0;
  TokenInfo info;

  [[nodiscard]] bool initialised() const noexcept { return (flags & CKF_TOKEN_INITIALIZED) != 0; }
  [[nodiscard]] bool user_pin_set() const noexcept {
    return (flags & CKF_USER_PIN_INITIALIZED) != 0;
  }
  [[nodiscard]] bool is_softhsm() const noexcept { return info.manufacturer == "SoftHSM project"; }
};

/// All tokens that are present. Errors: as the module says.
Result<std::vector<Token>> list_tokens(Module& module);
/// The one initialised token that the address names. Errors: `hsm_token_missing` (none, or more
/// than one).
Result<Token> find_token(Module& module, const TokenUri& uri);
/// The same, or nothing where there is none.
Result<std::optional<Token>> find_token_if_any(Module& module, const TokenUri& uri);

}  // namespace florin::hsm
