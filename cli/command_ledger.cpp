#include "cli/command.h"
#include "cli/render_ledger.h"

namespace florin::cli {

namespace {

Command balances_command() {
  return {.noun = "ledger",
          .verb = "balances",
          .summary = "show the balance of every account",
          .schema = "florin.ledger.balances/1",
          .path = "/operator/v1/tenants/{tenant}/{mode}/balances",
          .arguments = {tenant_argument(),
                        mode_argument(),
                        {.name = "at",
                         .option = "--at",
                         .help = "as they were at this time, for example 2026-11-20T23:59:59Z",
                         .target = Target::query,
                         .required = false}},
          .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_balances},
          .example = "florin ledger balances --tenant acme --at 2026-11-20T23:59:59Z"};
}

Command statement_command() {
  return {.noun = "ledger",
          .verb = "statement",
          .summary = "show the postings of one account, newest first",
          .schema = "florin.ledger.statement/1",
          .path = "/operator/v1/tenants/{tenant}/{mode}/accounts/{account}/statement",
          .arguments = {tenant_argument(),
                        mode_argument(),
                        {.name = "account",
                         .option = "",
                         .help = "number of the account, as in the JSON form of the balances",
                         .target = Target::path,
                         .number = true},
                        {.name = "from",
                         .option = "--from",
                         .help = "first sequence number",
                         .target = Target::query,
                         .required = false,
                         .number = true},
                        {.name = "before",
                         .option = "--before",
                         .help = "only entries before this sequence number",
                         .target = Target::query,
                         .required = false,
                         .number = true},
                        limit_argument()},
          .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_statement},
          .example = "florin ledger statement 2 --tenant acme --limit 20"};
}

Command entries_command() {
  return {.noun = "ledger",
          .verb = "entries",
          .summary = "show entries with their postings, oldest first",
          .schema = "florin.ledger.entries/1",
          .path = "/operator/v1/tenants/{tenant}/{mode}/entries",
          .arguments = {tenant_argument(),
                        mode_argument(),
                        {.name = "from",
                         .option = "--from",
                         .help = "first sequence number",
                         .target = Target::query,
                         .required = false,
                         .number = true},
                        limit_argument()},
          .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_entries},
          .example = "florin ledger entries --tenant acme --from 1 --limit 20"};
}

Command reopen_command() {
  return {.noun = "ledger",
          .verb = "reopen",
          .summary = "open restored books to payments again; two people have to ask",
          .schema = "florin.ledger.reopen/1",
          .role = Role::operating,
          .method = "POST",
          .path = "/operator/v1/reopenings",
          .arguments = {{.name = "ledger", .option = "", .help = "system, or TENANT/MODE"},
                        {.name = "reason",
                         .option = "--reason",
                         .help = "why it may be opened; is kept in the books"}},
          .view = {.shape = View::Shape::record,
                   .columns = {{"ledger", "ledger"},
                               {"state", "state"},
                               {"reason", "reason"},
                               {"requested by", "requested_by"},
                               {"approved by", "approved_by"},
                               {"request", "request"}}},
          .example = "florin ledger reopen acme/live --reason \"lost window inquired, 2 found\""};
}

}  // namespace

std::vector<Command> ledger_commands() {
  return {balances_command(), statement_command(), entries_command(), reopen_command()};
}

}  // namespace florin::cli
