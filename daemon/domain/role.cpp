#include "daemon/domain/role.h"

namespace florin::domain {

std::string_view role_name(Role role) noexcept {
  switch (role) {
    case Role::auditor:
      return "auditor";
    case Role::operator_:
      return "operator";
    case Role::custodian:
      return "custodian";
    case Role::admin:
      return "admin";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view name) noexcept {
  for (const Role role : kRoles) {
    if (role_name(role) == name) return role;
  }
  return std::nullopt;
}

}  // namespace florin::domain
