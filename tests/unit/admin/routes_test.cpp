#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "daemon/admin/operator_api.h"

namespace florin::admin::routes_test {
namespace {

constexpr unsigned kAllRoles = 15;

TEST(OperatorRoutes, EveryRouteHasARoleAndAHandler) {
  for (const RouteRow& row : routes()) {
    SCOPED_TRACE(std::string(row.method) + " " + std::string(row.path));
    EXPECT_NE(row.roles & kAllRoles, 0U);
    EXPECT_EQ(row.roles & ~kAllRoles, 0U);
    EXPECT_NE(row.handler, nullptr);
    EXPECT_TRUE(row.path.starts_with("/operator/v1/"));
    EXPECT_FALSE(row.path.ends_with("/"));
  }
}

constexpr bool is_request(const RouteRow& row) {
  return row.path.starts_with("/operator/v1/requests");
}

// Changes nothing but makes the security module work, so it is not for everybody.
constexpr std::string_view kVerification = "/operator/v1/keys/verifications";

// What changes something belongs to one role, or is a request, whose operation names the roles;
// what only shows something is open to all.
TEST(OperatorRoutes, AnOrderBelongsToOneRole) {
  for (const RouteRow& row : routes()) {
    SCOPED_TRACE(std::string(row.method) + " " + std::string(row.path));
    ASSERT_TRUE(row.method == "GET" || row.method == "POST");
    const int roles = row.method == "GET"         ? 4
                      : is_request(row)           ? 3
                      : row.path == kVerification ? 2
                                                  : 1;
    EXPECT_EQ(std::popcount(row.roles), roles);
    if (row.method == "POST" && is_request(row)) {
      EXPECT_EQ(row.roles & static_cast<unsigned>(Role::auditor), 0U);
    }
  }
}

TEST(OperatorRoutes, WhoMayDoWhat) {
  const std::set<std::pair<std::string, Role>> expected = {
      {"/operator/v1/config/reload", Role::operator_},
      {"/operator/v1/clock/confirmations", Role::operator_},
      {"/operator/v1/hsm/init", Role::admin},
      {"/operator/v1/hsm/lock", Role::custodian},
      {"/operator/v1/hsm/unlock", Role::custodian},
      {"/operator/v1/hsm/pin", Role::custodian},
      {"/operator/v1/hsm/probe", Role::custodian},
      {"/operator/v1/tenants", Role::admin},
      {"/operator/v1/tenants/{tenant}/{mode}/merchants", Role::operator_},
      {"/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/credentials", Role::operator_},
      {"/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/webhooks", Role::operator_},
      {"/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/subjects", Role::custodian},
      {"/operator/v1/tenants/{tenant}/{mode}/connectors", Role::operator_},
      {"/operator/v1/tenants/{tenant}/{mode}/connectors/{connector}/test", Role::operator_},
      {"/operator/v1/tenants/{tenant}/{mode}/connectors/{connector}/notices", Role::operator_},
      {"/operator/v1/tenants/{tenant}/{mode}/exports", Role::auditor},
      {"/operator/v1/tenants/{tenant}/{mode}/payments/{id}/proofs", Role::auditor},
      {"/operator/v1/backups", Role::operator_},
  };
  std::set<std::pair<std::string, Role>> orders;
  for (const RouteRow& row : routes()) {
    if (row.path == kVerification) {
      EXPECT_EQ(row.roles, unsigned{domain::roles(Role::auditor, Role::custodian)});
    } else if (row.method == "POST" && !is_request(row)) {
      orders.emplace(row.path, static_cast<Role>(row.roles));
    }
  }
  EXPECT_EQ(orders, expected);
}

TEST(OperatorRoutes, AreDistinctAndFoundByTheRouter) {
  http::Router router;
  std::set<std::string> seen;
  for (const RouteRow& row : routes()) {
    EXPECT_TRUE(seen.insert(std::string(row.method) + " " + std::string(row.path)).second);
    router.add(std::string(row.method), std::string(row.path));
  }
  std::size_t number = 0;
  for (const RouteRow& row : routes()) {
    // A parameter's own name in braces is as good a value as any.
    const auto match = router.match(row.method, row.path);
    ASSERT_TRUE(match.ok()) << row.path;
    EXPECT_EQ(match->route, number++) << row.path;
  }
}

TEST(OperatorRoles, HaveNames) {
  std::set<std::string_view> names;
  for (const Role role : {Role::auditor, Role::operator_, Role::custodian, Role::admin}) {
    names.insert(role_name(role));
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"auditor", "operator", "custodian", "admin"}));
}

}  // namespace
}  // namespace florin::admin::routes_test
