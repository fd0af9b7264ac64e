#include "cli/help.h"

#include "cli/exit_code.h"

#ifndef FLORIN_VERSION
#define FLORIN_VERSION "0.1.0"
#endif

namespace florin::cli {

std::string_view overview() noexcept {
  return R"(florin: operate a payment orchestration appliance
usage: florin [--output table|json] [--run-dir DIR] NOUN VERB [options]
  init  status  whoami  config  hsm  key  tenant  merchant  credential  connector  webhook
  payment  ledger  audit  backup  request  role  schema
examples:
  florin init --evaluation --dir ./try          make an instance to try
  florin status                                 what the daemon is doing
  florin ledger balances --tenant acme          the books of a tenant
more: florin --help, florin NOUN --help, florin help exit-codes|environment|output|roles|
      two-people
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
  FLORIN_PERSON   as --person
  FLORIN_KEY_FILE as --key-file: the person's signing key
  FLORIN_PASSPHRASE_FILE  as --passphrase-file: a file, never the passphrase itself
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
  auditor.sock    status, every list and show, ledger, audit export and proof, key verify
  operator.sock   merchant, credential, connector, webhook create, backup create, config reload;
                  asking for ledger adjust, reverse, lock-period, account-flags, reopen
  custodian.sock  hsm lock, hsm unlock, hsm change-pin, hsm probe, key verify; asking for key orders
  admin.sock      hsm init, tenant create; asking for role bind and unbind
Approving goes through the socket of any of the three acting roles: florin help two-people.
Every command uses the least role that may run it. The daemon records the user id of the caller.
Run florin as your own account, not through sudo: root has no role outside an evaluation instance.
)";

constexpr std::string_view kTwoPeople =
    R"(Two people: what moves money or keys is asked for by one person and approved by another
  florin role enrol NAME      makes your signing key; its public part is bound by an admin
  a command that needs it     shows the text, asks, signs with your key; exit code 6
  florin request show R-0042  the text that is signed, its digest, who signed what
  florin request approve R-0042 --digest 1be2d00f   by another person of the right role
The digest binds the text: an edited request has another one. Approval has to come within 24 hours,
execution within an hour after it. The one who asks never counts, nobody counts twice.
)";

}  // namespace

std::optional<std::string_view> help_topic(std::string_view topic) noexcept {
  if (topic == "exit-codes") return exit_code_help();
  if (topic == "environment") return kEnvironment;
  if (topic == "output") return kOutput;
  if (topic == "roles") return kRoles;
  if (topic == "two-people") return kTwoPeople;
  return std::nullopt;
}

const std::vector<std::string>& help_topics() {
  static const std::vector<std::string> topics{"exit-codes", "environment", "output", "roles",
                                               "two-people"};
  return topics;
}

}  // namespace florin::cli
