#include "cli/command.h"

namespace florin::cli {

std::vector<Command> audit_commands() {
  return {{.noun = "audit",
           .verb = "export",
           .summary = "write an export that can be verified offline",
           .schema = "florin.audit.export/1",
           .role = Role::auditor,
           .method = "POST",
           .path = "/operator/v1/tenants/{tenant}/{mode}/exports",
           .arguments = {{.name = "name",
                          .option = "",
                          .help = "name of the export's folder below the export directory"},
                         tenant_argument(),
                         mode_argument()},
           .view = {.shape = View::Shape::record,
                    .columns = {{"directory", "directory"},
                                {"entries", "entries"},
                                {"size", "size"},
                                {"root", "root"}}},
           .example = "florin audit export 2026-h1 --tenant acme --mode live",
           .timeout = std::chrono::minutes(10)}};
}

}  // namespace florin::cli
