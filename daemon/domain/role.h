#pragma once
/// What a person may do at the appliance. One socket per role; a person holds one or more that do
/// not conflict.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace florin::domain {

/// Bits, so that a set of roles is their sum. Values are stored.
enum class Role : std::uint8_t {
  auditor = 1,    ///< reads, exports, verifies
  operator_ = 2,  ///< payments, webhooks, connectors
  custodian = 4,  ///< the security module and the keys
  admin = 8,      ///< tenants, people, roles
};
using Roles = std::uint8_t;

inline constexpr std::array kRoles = {Role::auditor, Role::operator_, Role::custodian, Role::admin};

constexpr Roles roles(Role role) noexcept {
  return static_cast<Roles>(role);
}
template <class... More>
constexpr Roles roles(Role first, More... more) noexcept {
  return static_cast<Roles>(static_cast<Roles>(first) | roles(more...));
}
constexpr bool holds(Roles held, Role role) noexcept {
  return (held & static_cast<Roles>(role)) != 0;
}
/// "auditor", "operator", "custodian", "admin".
std::string_view role_name(Role role) noexcept;
std::optional<Role> parse_role(std::string_view name) noexcept;

}  // namespace florin::domain
