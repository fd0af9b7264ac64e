#include "cli/command.h"
#include "cli/render_certificates.h"

namespace florin::cli {

std::vector<Command> config_commands() {
  return {{.noun = "config",
           .verb = "reload",
           .summary = "read the certificates again, without dropping a connection",
           .schema = "florin.config.reload/1",
           .role = Role::operating,
           .method = "POST",
           .path = "/operator/v1/config/reload",
           .arguments = {},
           .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_certificates},
           .example = "florin config reload"}};
}

}  // namespace florin::cli
