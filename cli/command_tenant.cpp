#include "cli/command.h"

namespace florin::cli {

std::vector<Command> tenant_commands() {
  return {{.noun = "tenant",
           .verb = "create",
           .summary = "create a tenant with keys and ledgers of its own",
           .schema = "florin.tenant.create/1",
           .role = Role::admin,
           .method = "POST",
           .path = "/operator/v1/tenants",
           .arguments = {{.name = "name", .option = "", .help = "short name, used in commands"},
                         {.name = "display",
                          .option = "--display",
                          .help = "name for people; the short name when not given",
                          .required = false,
                          .fallback = "=name"}},
           .view = {.shape = View::Shape::record,
                    .columns = {{"tenant", "id"},
                                {"name", "name"},
                                {"display", "display"},
                                {"created", "created_at", Format::time}}},
           .example = "florin tenant create acme --display \"Acme Bank\"",
           .timeout = std::chrono::minutes(2)},
          {.noun = "tenant",
           .verb = "list",
           .summary = "list the tenants",
           .schema = "florin.tenant.list/1",
           .path = "/operator/v1/tenants",
           .arguments = {limit_argument(), cursor_argument()},
           .view = {.shape = View::Shape::table,
                    .columns = {{"TENANT", "name"},
                                {"DISPLAY", "display"},
                                {"ID", "id"},
                                {"CREATED", "created_at", Format::time}},
                    .empty = "no tenants"},
           .example = "florin tenant list"}};
}

}  // namespace florin::cli
