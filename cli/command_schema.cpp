#include "cli/command.h"
#include "cli/render_schema.h"

namespace florin::cli {

std::vector<Command> schema_commands() {
  return {{.noun = "schema",
           .verb = "list",
           .summary = "list what connectors promise, by name and version",
           .schema = "florin.schema.list/1",
           .path = "/operator/v1/schemas",
           .arguments = {},
           .view = {.shape = View::Shape::table,
                    .columns = {{"NAME", "name"},
                                {"VERSION", "version", Format::number},
                                {"TITLE", "title"}},
                    .empty = "no schemas"},
           .example = "florin schema list"},
          {.noun = "schema",
           .verb = "show",
           .summary = "show a capability sheet with its faults, or the decline catalogue",
           .schema = "florin.schema.show/1",
           .path = "/operator/v1/schemas/{name}",
           .arguments = {{.name = "name",
                          .option = "",
                          .help = "as in the list, e.g. connector.stripe or declines",
                          .target = Target::path}},
           .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_schema},
           .example = "florin schema show declines"}};
}

}  // namespace florin::cli
