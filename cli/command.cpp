#include "cli/command.h"

#include <array>
#include <utility>

#include "cli/signer.h"

namespace florin::cli {

std::string_view role_name(Role role) noexcept {
  switch (role) {
    case Role::auditor:
      return "auditor";
    case Role::operating:
      return "operator";
    case Role::custodian:
      return "custodian";
    case Role::admin:
      return "admin";
  }
  return "auditor";
}

Argument tenant_argument(Target target) {
  return {.name = "tenant",
          .option = "--tenant",
          .help = "tenant, by name or id (or FLORIN_TENANT)",
          .target = target,
          .environment = "FLORIN_TENANT"};
}

Argument mode_argument(Target target) {
  return {.name = "mode",
          .option = "--mode",
          .help = "test or live (or FLORIN_MODE); test when not given",
          .target = target,
          .environment = "FLORIN_MODE",
          .fallback = "test",
          .choices = {"test", "live"}};
}

Argument limit_argument() {
  return {.name = "limit",
          .option = "--limit",
          .help = "at most so many rows",
          .target = Target::query,
          .required = false,
          .number = true};
}

Argument cursor_argument() {
  return {.name = "cursor",
          .option = "--cursor",
          .help = "where the page before ended (member next of the JSON answer)",
          .target = Target::query,
          .required = false};
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> joined;
    for (auto make : {status_commands, config_commands, hsm_commands, key_commands, tenant_commands,
                      merchant_commands, credential_commands, connector_commands, webhook_commands,
                      payment_commands, ledger_commands, audit_commands, backup_commands,
                      request_commands, role_commands, schema_commands}) {
      for (Command& command : make()) {
        if (!command.operation.empty()) {
          for (Argument& added : operation_arguments()) {
            command.arguments.push_back(std::move(added));
          }
        }
        joined.push_back(std::move(command));
      }
    }
    return joined;
  }();
  return all;
}

std::string_view noun_summary(std::string_view noun) noexcept {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kSummaries{{
      {"config", "what the daemon reads from files, and the clock"},
      {"hsm", "the hardware security module"},
      {"tenant", "tenants: banks and their brands, each with keys and ledgers of its own"},
      {"merchant", "merchants of a tenant"},
      {"credential", "API credentials of a merchant"},
      {"connector", "connections to acquirers and payment service providers"},
      {"webhook", "webhook endpoints of a merchant"},
      {"payment", "payments, and those whose outcome nobody knows yet"},
      {"ledger", "balances and entries of a ledger; corrections and locks by two people"},
      {"audit", "evidence for auditors"},
      {"backup", "backups: making, verifying and restoring them"},
      {"key", "keys: versions, states, what needs them; key bundles"},
      {"request", "what one person asked for and another one approves"},
      {"role", "people, their keys and their roles"},
      {"schema", "what connectors promise: capabilities, decline codes, faults"},
  }};
  for (const auto& [name, summary] : kSummaries) {
    if (name == noun) return summary;
  }
  return {};
}

}  // namespace florin::cli
