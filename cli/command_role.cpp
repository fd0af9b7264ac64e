#include "cli/command.h"
#include "cli/render_request.h"
#include "cli/signer.h"

namespace florin::cli {
namespace {

Command enrol_command() {
  Command out{.noun = "role",
              .verb = "enrol",
              .summary = "make your signing key, sealed by a passphrase; nothing is sent",
              .schema = "florin.role.enrol/1",
              .path = "",
              .arguments = {{.name = "name",
                             .option = "",
                             .help = "what others call you: lower-case letters, digits, hyphens",
                             .target = Target::local},
                            {.name = "out",
                             .option = "--out",
                             .help = "new file for the public part, instead of the screen",
                             .target = Target::local,
                             .required = false}},
              .view = {.shape = View::Shape::record,
                       .columns = {{"person", "person"},
                                   {"uid", "uid"},
                                   {"key", "key"},
                                   {"key file", "key_file"},
                                   {"public part", "public_file"}}},
              .example = "florin role enrol alice --out alice.pub",
              .local = Local::enrol};
  for (Argument& argument : signing_arguments()) out.arguments.push_back(std::move(argument));
  return out;
}

View request_view() {
  return {.shape = View::Shape::custom, .columns = {}, .custom = render_request};
}

Command bind_command() {
  return {
      .noun = "role",
      .verb = "bind",
      .summary = "give roles to a person; another admin has to approve",
      .schema = "florin.role.bind/1",
      .role = Role::admin,
      .method = "POST",
      .path = "",
      .arguments = {{.name = "public",
                     .option = "--public",
                     .help = "public part of somebody new, as florin role enrol wrote it",
                     .target = Target::body_text_file,
                     .required = false},
                    {.name = "person",
                     .option = "--to",
                     .help = "name of somebody who is bound already",
                     .required = false},
                    {.name = "roles",
                     .option = "--roles",
                     .help = "roles to give: auditor, operator, custodian, admin; with commas"}},
      .view = request_view(),
      .example = "florin role bind --public carol.pub --roles custodian --reason \"joins\"",
      .operation = "role.bind"};
}

Command unbind_command() {
  return {.noun = "role",
          .verb = "unbind",
          .summary = "take roles from a person, or the person as a whole; another admin approves",
          .schema = "florin.role.unbind/1",
          .role = Role::admin,
          .method = "POST",
          .path = "",
          .arguments = {{.name = "person", .option = "", .help = "name of the person"},
                        {.name = "roles",
                         .option = "--roles",
                         .help = "roles to take; all when not given",
                         .required = false}},
          .view = request_view(),
          .example = "florin role unbind carol --reason \"leaves\" --confirm carol",
          .operation = "role.unbind"};
}

}  // namespace

std::vector<Command> role_commands() {
  const std::vector<Column> columns = {{"PERSON", "name"}, {"UID", "uid", Format::number},
                                       {"ROLES", "roles"}, {"STATE", "state"},
                                       {"KEY", "key"},     {"BOUND", "bound_at", Format::time}};
  return {
      enrol_command(),
      {.noun = "role",
       .verb = "list",
       .summary = "list the people and their roles",
       .schema = "florin.role.list/1",
       .path = "/operator/v1/people",
       .arguments = {},
       .view = {.shape = View::Shape::table, .columns = columns, .empty = "nobody is bound"},
       .example = "florin role list"},
      {.noun = "role",
       .verb = "show",
       .summary = "show a person",
       .schema = "florin.role.show/1",
       .path = "/operator/v1/people/{name}",
       .arguments =
           {{.name = "name", .option = "", .help = "name of the person", .target = Target::path}},
       .view = {.shape = View::Shape::record,
                .columns = {{"person", "name"},
                            {"id", "id"},
                            {"uid", "uid"},
                            {"roles", "roles"},
                            {"state", "state"},
                            {"key", "key"},
                            {"bound", "bound_at", Format::time}}},
       .example = "florin role show alice"},
      bind_command(),
      unbind_command(),
      {.noun = "whoami",
       .verb = "",
       .summary = "show whom the appliance takes you for",
       .schema = "florin.whoami/1",
       .path = "/operator/v1/whoami",
       .arguments = {{.name = "person",
                      .option = "--person",
                      .help = "where several people share an account (or FLORIN_PERSON)",
                      .target = Target::query,
                      .required = false,
                      .environment = "FLORIN_PERSON"}},
       .view = {.shape = View::Shape::record,
                .columns =
                    {{"person", "name"}, {"uid", "uid"}, {"roles", "roles"}, {"proof", "proof"}}},
       .example = "florin whoami"}};
}

}  // namespace florin::cli
