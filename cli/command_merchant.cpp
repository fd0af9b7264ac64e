#include "cli/command.h"

namespace florin::cli {

std::vector<Command> merchant_commands() {
  return {{.noun = "merchant",
           .verb = "create",
           .summary = "create a merchant",
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
                         {.name = "late_success",
                          .option = "--late-success",
                          .help = "what becomes of a success that is learned after the merchant "
                                  "cancelled; reverse when not given",
                          .required = false,
                          .choices = {"reverse", "accept"}},
                         tenant_argument(),
                         mode_argument()},
           .view = {.shape = View::Shape::record,
                    .columns = {{"merchant", "id"},
                                {"name", "name"},
                                {"display", "display"},
                                {"late success", "late_success"},
                                {"created", "created_at", Format::time}}},
           .example = "florin merchant create shop --tenant acme"},
          {.noun = "merchant",
           .verb = "list",
           .summary = "list the merchants of a tenant",
           .schema = "florin.merchant.list/1",
           .path = "/operator/v1/tenants/{tenant}/{mode}/merchants",
           .arguments = {tenant_argument(), mode_argument(), limit_argument(), cursor_argument()},
           .view = {.shape = View::Shape::table,
                    .columns = {{"MERCHANT", "name"},
                                {"DISPLAY", "display"},
                                {"ID", "id"},
                                {"CREATED", "created_at", Format::time}},
                    .empty = "no merchants"},
           .example = "florin merchant list --tenant acme"}};
}

}  // namespace florin::cli
