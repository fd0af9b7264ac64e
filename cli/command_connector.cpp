#include "cli/command.h"

namespace florin::cli {
namespace {

Command notices_command() {
  return {.noun = "connector",
          .verb = "notices",
          .summary = "set the secret that the provider signs its notices with",
          .schema = "florin.connector.notices/1",
          .role = Role::operating,
          .method = "POST",
          .path = "/operator/v1/tenants/{tenant}/{mode}/connectors/{connector}/notices",
          .arguments =
              {{.name = "connector", .option = "", .help = "name or id", .target = Target::path},
               {.name = "secret",
                .option = "--secret-file",
                .help = "file with the secret, - for standard input; the one before it is "
                        "taken as well until the next change",
                .target = Target::body_secret_file},
               tenant_argument(),
               mode_argument()},
          .view = {.shape = View::Shape::record,
                   .columns = {{"connector", "connector"}, {"id", "id"}, {"path", "path"}}},
          .example = "florin connector notices psp --tenant acme --secret-file notices.secret"};
}

Command create_command() {
  return {.noun = "connector",
          .verb = "create",
          .summary = "connect a payment service provider",
          .schema = "florin.connector.create/1",
          .role = Role::operating,
          .method = "POST",
          .path = "/operator/v1/tenants/{tenant}/{mode}/connectors",
          .arguments = {{.name = "name", .option = "", .help = "short name, used in commands"},
                        {.name = "kind",
                         .option = "--kind",
                         .help = "which provider's protocol it speaks, e.g. sandbox"},
                        {.name = "base_url",
                         .option = "--base-url",
                         .help = "https address of the provider's API"},
                        {.name = "api_key",
                         .option = "--api-key-file",
                         .help = "file with the provider's API key, - for standard input",
                         .target = Target::body_secret_file},
                        {.name = "authorization_validity",
                         .option = "--authorization-validity",
                         .help = "how long authorizations are good there: 90s, 15m, 24h, 7d (as "
                                 "the sheet of the kind says)",
                         .required = false},
                        {.name = "authorization_margin",
                         .option = "--authorization-margin",
                         .help = "how long before their end the rest is given back",
                         .required = false},
                        tenant_argument(),
                        mode_argument()},
          .view = {.shape = View::Shape::record,
                   .columns = {{"connector", "id"},
                               {"name", "name"},
                               {"kind", "kind"},
                               {"base url", "base_url"},
                               {"authorizations, s", "authorization_validity_s"},
                               {"given back, s before", "authorization_margin_s"},
                               {"created", "created_at", Format::time}}},
          .example =
              "florin connector create psp --tenant acme --kind sandbox --base-url "
              "https://psp.example --api-key-file psp.key"};
}

Command list_command() {
  return {.noun = "connector",
          .verb = "list",
          .summary = "list a tenant's connectors, without their keys",
          .schema = "florin.connector.list/1",
          .path = "/operator/v1/tenants/{tenant}/{mode}/connectors",
          .arguments = {tenant_argument(), mode_argument(), limit_argument(), cursor_argument()},
          .view = {.shape = View::Shape::table,
                   .columns = {{"CONNECTOR", "name"},
                               {"KIND", "kind"},
                               {"BASE URL", "base_url"},
                               {"ID", "id"}},
                   .empty = "no connectors"},
          .example = "florin connector list --tenant acme"};
}

Command test_command() {
  return {.noun = "connector",
          .verb = "test",
          .summary = "make a harmless call with the connector's key and say what is wrong",
          .schema = "florin.connector.test/1",
          .role = Role::operating,
          .method = "POST",
          .path = "/operator/v1/tenants/{tenant}/{mode}/connectors/{connector}/test",
          .arguments = {{.name = "connector",
                         .option = "",
                         .help = "the connector, by name or id",
                         .target = Target::path},
                        tenant_argument(),
                        mode_argument()},
          .view = {.shape = View::Shape::record,
                   .columns = {{"connector", "connector"},
                               {"kind", "kind"},
                               {"base url", "base_url"},
                               {"works", "works"},
                               {"stage", "stage"},
                               {"finding", "finding"},
                               {"detail", "detail"}}},
          .example = "florin connector test psp --tenant acme",
          .timeout = std::chrono::minutes(3)};
}

}  // namespace

std::vector<Command> connector_commands() {
  return {notices_command(), create_command(), list_command(), test_command()};
}

}  // namespace florin::cli
