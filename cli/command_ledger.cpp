#include "cli/command.h"
#include "cli/render_ledger.h"
#include "cli/render_request.h"

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
                        {.name = "merchant",
                         .option = "--merchant",
                         .help = "only this merchant's and his branches', by name or id",
                         .target = Target::query,
                         .required = false},
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

Command two_people(std::string_view verb, std::string_view summary, std::string_view schema,
                   std::string_view operation, std::vector<Argument> arguments,
                   std::string_view example) {
  Command out{.noun = "ledger",
              .verb = verb,
              .summary = summary,
              .schema = schema,
              .role = Role::operating,
              .method = "POST",
              .path = "",
              .arguments = {{.name = "ledger", .option = "", .help = "TENANT/MODE"}},
              .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_request},
              .example = example,
              .operation = operation};
  for (Argument& argument : arguments) out.arguments.push_back(std::move(argument));
  return out;
}

Command reopen_command() {
  Command out = two_people("reopen", "open restored books to payments again; two people",
                           "florin.ledger.reopen/1", "ledger.reopen", {},
                           "florin ledger reopen acme/live --reason \"lost window inquired\"");
  out.arguments.front().help = "system, or TENANT/MODE";
  return out;
}

Command adjust_command() {
  return two_people(
      "adjust", "book a correction; two people", "florin.ledger.adjust/1", "ledger.adjust",
      {{.name = "debit", .option = "--debit", .help = "number of an account", .number = true},
       {.name = "credit", .option = "--credit", .help = "number of an account", .number = true},
       {.name = "amount", .option = "--amount", .help = "in minor units", .number = true},
       {.name = "day",
        .option = "--day",
        .help = "UTC day that it counts for, also a locked one; the day of booking when not given",
        .required = false}},
      "florin ledger adjust acme/live --debit 4 --credit 7 --amount 1250 --reason \"fee, CHG-12\"");
}

Command reverse_command() {
  return two_people(
      "reverse", "take an entry back by a new one; two people", "florin.ledger.reverse/1",
      "ledger.reverse",
      {{.name = "entry", .option = "--entry", .help = "number of the entry", .number = true}},
      "florin ledger reverse acme/live --entry 4711 --reason \"booked twice\"");
}

Command lock_command() {
  return two_people("lock-period", "lock all days up to one; two people",
                    "florin.ledger.lock-period/1", "ledger.lock-period",
                    {{.name = "through",
                      .option = "--through",
                      .help = "last locked UTC day, YYYY-MM-DD; not today"}},
                    "florin ledger lock-period acme/live --through 2026-10-31 --reason \"closed\"");
}

Command account_flags_command() {
  return two_people(
      "account-flags", "freeze an account, or let it take postings again; two people",
      "florin.ledger.account-flags/1", "ledger.account-flags",
      {{.name = "account", .option = "--account", .help = "number of the account", .number = true},
       {.name = "state",
        .option = "--state",
        .help = "frozen or open",
        .choices = {"frozen", "open"}}},
      "florin ledger account-flags acme/live --account 7 --state frozen --reason \"fraud\"");
}

}  // namespace

std::vector<Command> ledger_commands() {
  return {balances_command(), statement_command(), entries_command(),       adjust_command(),
          reverse_command(),  lock_command(),      account_flags_command(), reopen_command()};
}

}  // namespace florin::cli
