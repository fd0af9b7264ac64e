#pragma once
/// Token addresses: the part of RFC 7512 that names a token. Pure.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace florin::hsm {

struct TokenUri {
  std::string token;                  ///< label, 1 to 32 bytes
  std::optional<std::string> serial;  ///< at most 16 bytes
};

/// Takes "pkcs11:token=…[;serial=…]" with RFC 7512 percent-encoding. Any other attribute, a
/// repeated one and every query attribute (`pin-value` above all) is an error, because ignoring it
/// would pick another token than the operator meant. Error: `config_invalid`.
Result<TokenUri> parse_token_uri(std::string_view text);

}  // namespace florin::hsm
