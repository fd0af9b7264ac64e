#include "cli/help.h"

#include "cli/exit_code.h"

#ifndef FLORIN_VERSION
#define FLORIN_VERSION "0.1.0"
#endif

namespace florin::cli {

std::string_view overview() noexcept {
  return R"(florin: operate a payment orchestration appliance
usage: florin [--output table|json] [--run-dir DIR] NOUN VERB [options]
  init  status  hsm  tenant  merchant  credential  connector  webhook  payment  ledger  audit  backup  key
examples:
  florin init --evaluation --dir ./try          make an instance to try
  florin status                                 what the daemon is doing
  florin ledger balances --tenant acme          the books of a tenant
more: florin --help, florin NOUN --help, florin help exit-codes|environment|output|roles
)";
}

std::string version_text() {
  return "florin " FLORIN_VERSION "\n";
}

namespace {

constexpr std::string_view kEnvironment = R"(Environment of florin (an option always wins)
  FLORIN_RUN_DIR  directory of the daemon's sockets, as --run-dir; /run/florin when not given
  FLORIN_TENANT   as --tenant
  FLORIN_MODE     as --mode
  NO_COLOR        no colours, also with TERM=dumb and when the output is not a terminal
Secrets are never read from the environment.
)";

constexpr std::string_view kOutput = R"(Output of florin
  Standard output carries data only; notices and errors go to standard error.
  --output table  for people; the columns may change
  --output json   one document with the member "schema"; an empty list is "items":[]
  An error in JSON: {"error":{"code":...,"message":...,"hint":...,"errors":[...]}}
  Amounts are integers of the minor unit with currency and exponent; times are RFC 3339 in UTC.
)";

constexpr std::string_view kRoles =
    R"(Roles: one socket each in the run directory; the file's group decides who may open it
  auditor.sock    status, every list and show, ledger, audit export
  operator.sock   merchant, credential, connector, webhook create, backup create, ledger reopen
  custodian.sock  hsm init, key verify
  admin.sock      tenant create
Every command uses the least role that may run it. The daemon records the user id of the caller.
Run florin as your own account, not through sudo: root has no role outside an evaluation instance.
)";

}  // namespace

std::optional<std::string_view> help_topic(std::string_view topic) noexcept {
  if (topic == "exit-codes") return exit_code_help();
  if (topic == "environment") return kEnvironment;
  if (topic == "output") return kOutput;
  if (topic == "roles") return kRoles;
  return std::nullopt;
}

const std::vector<std::string>& help_topics() {
  static const std::vector<std::string> topics{"exit-codes", "environment", "output", "roles"};
  return topics;
}

}  // namespace florin::cli
