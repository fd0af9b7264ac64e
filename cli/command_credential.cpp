#include "cli/command.h"

namespace florin::cli {

std::vector<Command> credential_commands() {
  const Argument merchant{.name = "merchant",
                          .option = "--merchant",
                          .help = "merchant, by name or id",
                          .target = Target::path};
  return {
      {.noun = "credential",
       .verb = "create",
       .summary = "create an API credential; its secret is shown once",
       .schema = "florin.credential.create/1",
       .role = Role::operating,
       .method = "POST",
       .path = "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/credentials",
       .arguments = {merchant,
                     {.name = "label",
                      .option = "--label",
                      .help = "what it is for",
                      .required = false,
                      .fallback = "default"},
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
                            {"label", "label"}}},
       .example = "florin credential create --tenant acme --merchant shop --secret-file shop.key",
       .notice = "The secret cannot be shown again."},
      {.noun = "credential",
       .verb = "list",
       .summary = "list a merchant's credentials, without secrets",
       .schema = "florin.credential.list/1",
       .path = "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/credentials",
       .arguments = {merchant, tenant_argument(), mode_argument(), limit_argument(),
                     cursor_argument()},
       .view = {.shape = View::Shape::table,
                .columns = {{"KEY ID", "key_id"},
                            {"LABEL", "label"},
                            {"CREATED", "created_at", Format::time}},
                .empty = "no credentials"},
       .example = "florin credential list --tenant acme --merchant shop"}};
}

}  // namespace florin::cli
