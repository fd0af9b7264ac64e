#include "cli/command.h"

namespace florin::cli {

namespace {

Command create_command() {
  return {.noun = "merchant",
          .verb = "create",
          .summary = "create a merchant, or a branch of one",
          .schema = "florin.merchant.create/1",
          .role = Role::operating,
          .method = "POST",
          .path = "/operator/v1/tenants/{tenant}/{mode}/merchants",
          .arguments = {{.name = "name", .option = "", .help = "short name, used in commands"},
                        {.name = "display",
                         .option = "--display",
                         .help = "name for people; the short name when not given",
                         .required = false,
                         .fallback = "=name"},
                        {.name = "parent",
                         .option = "--parent",
                         .help = "merchant, by name or id, of which this is a branch",
                         .required = false},
                        {.name = "late_success",
                         .option = "--late-success",
                         .help = "what becomes of a success that is learned after the merchant "
                                 "cancelled; reverse when not given",
                         .required = false,
                         .choices = {"reverse", "accept"}},
                        {.name = "references",
                         .option = "--references",
                         .help = "whether a merchant_reference may name several payments; any "
                                 "when not given",
                         .required = false,
                         .choices = {"any", "unique"}},
                        tenant_argument(),
                        mode_argument()},
          .view = {.shape = View::Shape::record,
                   .columns = {{"merchant", "id"},
                               {"name", "name"},
                               {"display", "display"},
                               {"branch of", "parent_name"},
                               {"late success", "late_success"},
                               {"references", "references"},
                               {"created", "created_at", Format::time}}},
          .example = "florin merchant create shop-north --parent shop --tenant acme"};
}

}  // namespace

std::vector<Command> merchant_commands() {
  return {create_command(),
          {.noun = "merchant",
           .verb = "list",
           .summary = "list the merchants of a tenant, each with the branches behind it",
           .schema = "florin.merchant.list/1",
           .path = "/operator/v1/tenants/{tenant}/{mode}/merchants",
           .arguments = {tenant_argument(), mode_argument(), limit_argument(), cursor_argument()},
           .view = {.shape = View::Shape::table,
                    .columns = {{"MERCHANT", "name"},
                                {"BRANCH OF", "parent_name"},
                                {"DISPLAY", "display"},
                                {"ID", "id"},
                                {"CREATED", "created_at", Format::time}},
                    .empty = "no merchants"},
           .example = "florin merchant list --tenant acme"},
          {.noun = "merchant",
           .verb = "show",
           .summary = "show a merchant and its branches",
           .schema = "florin.merchant.show/1",
           .path = "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}",
           .arguments = {{.name = "merchant",
                          .option = "",
                          .help = "merchant or branch, by name or id",
                          .target = Target::path},
                         tenant_argument(),
                         mode_argument()},
           .view = {.shape = View::Shape::record,
                    .columns = {{"merchant", "id"},
                                {"name", "name"},
                                {"display", "display"},
                                {"branch of", "parent_name"},
                                {"branches", "branches", Format::names},
                                {"late success", "late_success"},
                                {"references", "references"},
                                {"created", "created_at", Format::time}}},
           .example = "florin merchant show shop --tenant acme"}};
}

}  // namespace florin::cli
