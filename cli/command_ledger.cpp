#include "cli/command.h"
#include "cli/render_ledger.h"

namespace florin::cli {

std::vector<Command> ledger_commands() {
  return {{.noun = "ledger",
           .verb = "balances",
           .summary = "show the balance of every account",
           .schema = "florin.ledger.balances/1",
           .path = "/operator/v1/tenants/{tenant}/{mode}/balances",
           .arguments = {tenant_argument(), mode_argument()},
           .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_balances},
           .example = "florin ledger balances --tenant acme"},
          {.noun = "ledger",
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
           .example = "florin ledger entries --tenant acme --from 1 --limit 20"}};
}

}  // namespace florin::cli
