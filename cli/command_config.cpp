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
           .example = "florin config reload"},
          {.noun = "config",
           .verb = "confirm-clock",
           .summary = "say that the wall clock is right after it was set",
           .schema = "florin.config.confirm-clock/1",
           .role = Role::operating,
           .method = "POST",
           .path = "/operator/v1/clock/confirmations",
           .arguments = {},
           .view = {.shape = View::Shape::record, .columns = {{"clock", "state"}}},
           .example = "florin config confirm-clock"}};
}

}  // namespace florin::cli
