#pragma once
/// What may be done with one version of a key.
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace florin::vault {

/// A version only moves down this list, but for disabled, which may be taken back. One version of a
/// name is active at any time.
enum class KeyState : std::uint8_t {
  pending,       ///< made, not used yet
  active,        ///< seals what is new, opens
  decrypt_only,  ///< opens what was sealed before
  disabled,      ///< opens nothing; may become decrypt-only again
  destroyed,     ///< its wrapped form is gone; the version number is never used again
};

/// "pending", "active", "decrypt-only", "disabled", "destroyed".
std::string_view key_state_name(KeyState state) noexcept;
/// Error: `malformed_value`.
Result<KeyState> parse_key_state(std::string_view text);
/// True when data under such a version can be opened.
constexpr bool opens(KeyState state) noexcept {
  return state == KeyState::active || state == KeyState::decrypt_only;
}
/// True when a version may go from one state to the other.
bool may_become(KeyState from, KeyState to) noexcept;

}  // namespace florin::vault
