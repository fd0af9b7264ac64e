#include "daemon/vault/key_state.h"

#include <algorithm>
#include <array>

namespace florin::vault {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"pending", "active", "decrypt-only", "disabled",
                                                    "destroyed"};

}  // namespace

std::string_view key_state_name(KeyState state) noexcept {
  return kNames.at(static_cast<std::size_t>(state));
}

Result<KeyState> parse_key_state(std::string_view text) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return Error(Errc::malformed_value, {}, "there is no such key state");
  return static_cast<KeyState>(found - kNames.begin());
}

bool may_become(KeyState from, KeyState to) noexcept {
  switch (from) {
    case KeyState::pending:
      return to == KeyState::active || to == KeyState::destroyed;
    case KeyState::active:
      return to == KeyState::decrypt_only || to == KeyState::destroyed;
    case KeyState::decrypt_only:
      return to == KeyState::disabled || to == KeyState::destroyed;
    case KeyState::disabled:
      return to == KeyState::decrypt_only || to == KeyState::destroyed;
    case KeyState::destroyed:
      return false;
  }
  return false;
}

}  // namespace florin::vault
