#include "cli/command.h"

namespace florin::cli {

std::vector<Command> hsm_commands() {
  const View view{.shape = View::Shape::record,
                  .columns = {{"state", "state"},
                              {"token", "token"},
                              {"serial", "serial"},
                              {"keys", "keys", Format::names}}};
  return {{.noun = "hsm",
           .verb = "init",
           .summary = "initialise the token, make the appliance's keys, bind the first two people",
           .schema = "florin.hsm.init/1",
           .role = Role::admin,
           .method = "POST",
           .path = "/operator/v1/hsm/init",
           .arguments = {{.name = "so_pin",
                          .option = "--so-pin-file",
                          .help = "file with the security officer's PIN, - for standard input",
                          .target = Target::body_secret_file},
                         {.name = "first_person",
                          .option = "--first-person",
                          .help = "public part of one person, as florin role enrol wrote it",
                          .target = Target::body_text_file},
                         {.name = "second_person",
                          .option = "--second-person",
                          .help = "public part of another one",
                          .target = Target::body_text_file}},
           .view = view,
           .example = "florin hsm init --so-pin-file so.pin --first-person alice.pub "
                      "--second-person bob.pub",
           .timeout = std::chrono::minutes(2)},
          {.noun = "hsm",
           .verb = "status",
           .summary = "show the token and its keys (names only)",
           .schema = "florin.hsm.status/1",
           .path = "/operator/v1/hsm",
           .arguments = {},
           .view = view,
           .example = "florin hsm status"}};
}

}  // namespace florin::cli
