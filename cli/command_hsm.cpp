#include "cli/command.h"

namespace florin::cli {

namespace {

View token_view() {
  return {.shape = View::Shape::record,
          .columns = {{"state", "state"},
                      {"token", "token"},
                      {"serial", "serial"},
                      {"keys", "keys", Format::names}}};
}

View status_view() {
  return {.shape = View::Shape::record,
          .columns = {{"state", "state"},
                      {"since", "since", Format::time},
                      {"reason", "reason"},
                      {"token", "token"},
                      {"serial", "serial"},
                      {"dialect", "dialect"},
                      {"generation", "generation"},
                      {"re-initialisations", "reinitialisations"},
                      {"lanes", "lanes"},
                      {"lanes stuck", "lanes_stuck"},
                      {"last probe", "last_probe", Format::time},
                      {"operations", "operations"},
                      {"failures", "failures"},
                      {"errors", "errors"},
                      {"keys", "keys", Format::names}}};
}

View proofs_view() {
  return {.shape = View::Shape::table,
          .columns = {{"PROOF", "proof"}, {"PROPERTY", "property"}, {"DETAIL", "detail"}}};
}

Command init_command() {
  return {.noun = "hsm",
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
                         .target = Target::body_file},
                        {.name = "second_person",
                         .option = "--second-person",
                         .help = "public part of another one",
                         .target = Target::body_file}},
          .view = token_view(),
          .example =
              "florin hsm init --so-pin-file so.pin --first-person alice.pub "
              "--second-person bob.pub",
          .timeout = std::chrono::minutes(2)};
}

Command status_command() {
  return {.noun = "hsm",
          .verb = "status",
          .summary = "show the token and its keys (names only)",
          .schema = "florin.hsm.status/1",
          .path = "/operator/v1/hsm",
          .arguments = {},
          .view = status_view(),
          .example = "florin hsm status"};
}

Command probe_command() {
  return {.noun = "hsm",
          .verb = "probe",
          .summary = "prove the token's properties one by one; other calls wait meanwhile",
          .schema = "florin.hsm.probe/1",
          .role = Role::custodian,
          .method = "POST",
          .path = "/operator/v1/hsm/probe",
          .arguments = {},
          .view = proofs_view(),
          .example = "florin hsm probe",
          .timeout = std::chrono::minutes(2)};
}

Command lock_command() {
  return {.noun = "hsm",
          .verb = "lock",
          .summary = "overwrite all open keys and end the token's session: nothing is served then",
          .schema = "florin.hsm.status/1",
          .role = Role::custodian,
          .method = "POST",
          .path = "/operator/v1/hsm/lock",
          .arguments = {},
          .view = status_view(),
          .example = "florin hsm lock",
          .timeout = std::chrono::minutes(5)};
}

Command unlock_command() {
  return {.noun = "hsm",
          .verb = "unlock",
          .summary = "give the token's PIN, once: after a start without it, a lock, or a refusal",
          .schema = "florin.hsm.status/1",
          .role = Role::custodian,
          .method = "POST",
          .path = "/operator/v1/hsm/unlock",
          .arguments = {{.name = "pin",
                         .option = "--pin-file",
                         .help = "file with the PIN; without it standard input, typed unseen",
                         .target = Target::body_secret_file,
                         .required = false,
                         .fallback = "-"}},
          .view = status_view(),
          .example = "florin hsm unlock",
          .timeout = std::chrono::minutes(5)};
}

Command change_pin_command() {
  return {.noun = "hsm",
          .verb = "change-pin",
          .summary =
              "give the token another user PIN; hsm.pin_source must have it before the next "
              "start",
          .schema = "florin.hsm.status/1",
          .role = Role::custodian,
          .method = "POST",
          .path = "/operator/v1/hsm/pin",
          .arguments = {{.name = "pin",
                         .option = "--pin-file",
                         .help = "file with the new PIN; without it standard input, typed unseen",
                         .target = Target::body_secret_file,
                         .required = false,
                         .fallback = "-"}},
          .view = status_view(),
          .example = "florin hsm change-pin --pin-file new.pin",
          .timeout = std::chrono::minutes(5)};
}

}  // namespace

std::vector<Command> hsm_commands() {
  return {init_command(), status_command(), probe_command(),
          lock_command(), unlock_command(), change_pin_command()};
}

}  // namespace florin::cli
