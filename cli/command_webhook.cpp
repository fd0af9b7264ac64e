#include "cli/command.h"

namespace florin::cli {

std::vector<Command> webhook_commands() {
  const Argument merchant{.name = "merchant",
                          .option = "--merchant",
                          .help = "merchant, by name or id",
                          .target = Target::path};
  return {
      {.noun = "webhook",
       .verb = "create",
       .summary = "create a webhook endpoint; its secret is shown once",
       .schema = "florin.webhook.create/1",
       .role = Role::operating,
       .method = "POST",
       .path = "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/webhooks",
       .arguments = {merchant,
                     {.name = "url", .option = "--url", .help = "https address of the receiver"},
                     {.name = "secret",
                      .option = "--secret-file",
                      .help = "new file for the secret, instead of the screen",
                      .target = Target::secret_out,
                      .required = false},
                     tenant_argument(),
                     mode_argument()},
       .view = {.shape = View::Shape::record,
                .columns = {{"webhook", "id"},
                            {"url", "url"},
                            {"secret", "secret"},
                            {"secret file", "secret_file"}}},
       .example = "florin webhook create --tenant acme --merchant shop --url "
                  "https://shop.example/hooks --secret-file hook.key",
       .notice = "The secret cannot be shown again."},
      {.noun = "webhook",
       .verb = "list",
       .summary = "list a merchant's webhook endpoints, without secrets",
       .schema = "florin.webhook.list/1",
       .path = "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/webhooks",
       .arguments = {merchant, tenant_argument(), mode_argument(), limit_argument(),
                     cursor_argument()},
       .view = {.shape = View::Shape::table,
                .columns = {{"WEBHOOK", "id"},
                            {"URL", "url"},
                            {"CREATED", "created_at", Format::time}},
                .empty = "no webhook endpoints"},
       .example = "florin webhook list --tenant acme --merchant shop"}};
}

}  // namespace florin::cli
