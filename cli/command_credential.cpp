#include "cli/command.h"

namespace florin::cli {

namespace {

Argument merchant() {
  return {.name = "merchant",
          .option = "--merchant",
          .help = "merchant, by name or id",
          .target = Target::path};
}

Command create_command() {
  return {
      .noun = "credential",
      .verb = "create",
      .summary = "create an API credential; its secret is shown once",
      .schema = "florin.credential.create/1",
      .role = Role::operating,
      .method = "POST",
      .path = "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/credentials",
      .arguments =
          {merchant(),
           {.name = "label",
            .option = "--label",
            .help = "what it is for",
            .required = false,
            .fallback = "default"},
           {.name = "client_certificate",
            .option = "--client-certificate",
            .help = "the merchant's TLS client certificate (PEM)",
            .target = Target::body_file,
            .required = false},
           {.name = "authentication",
            .option = "--authentication",
            .help = "signature, certificate (no secret) or both; certificate when one is given",
            .required = false,
            .choices = {"signature", "certificate", "both"}},
           {.name = "secret",
            .option = "--secret-file",
            .help = "new file for the secret, instead of the screen",
            .target = Target::secret_out,
            .required = false},
           tenant_argument(),
           mode_argument()},
      .view = {.shape = View::Shape::record,
               .columns = {{"key id", "key_id"},
                           {"secret", "secret"},
                           {"secret file", "secret_file"},
                           {"label", "label"},
                           {"authentication", "authentication"},
                           {"certificate", "certificate_name"},
                           {"sha-256", "certificate_sha256"}}},
      .example = "florin credential create --tenant acme --merchant shop --secret-file shop.key",
      .notice = "A secret cannot be shown again."};
}

Command list_command() {
  return {.noun = "credential",
          .verb = "list",
          .summary = "list a merchant's credentials, without secrets",
          .schema = "florin.credential.list/1",
          .path = "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/credentials",
          .arguments = {merchant(), tenant_argument(), mode_argument(), limit_argument(),
                        cursor_argument()},
          .view = {.shape = View::Shape::table,
                   .columns = {{"KEY ID", "key_id"},
                               {"LABEL", "label"},
                               {"AUTHENTICATION", "authentication"},
                               {"CERTIFICATE", "certificate_name"},
                               {"CREATED", "created_at", Format::time}},
                   .empty = "no credentials"},
          .example = "florin credential list --tenant acme --merchant shop"};
}

}  // namespace

std::vector<Command> credential_commands() {
  return {create_command(), list_command()};
}

}  // namespace florin::cli
