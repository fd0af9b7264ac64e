#include "cli/command.h"
#include "cli/render_status.h"

namespace florin::cli {

std::vector<Command> status_commands() {
  return {{.noun = "status",
           .verb = "",
           .summary = "show what the daemon is doing",
           .schema = "florin.status/1",
           .path = "/operator/v1/status",
           .arguments = {},
           .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_status},
           .example = "florin status --output json"}};
}

}  // namespace florin::cli
