#include "cli/command.h"
#include "cli/render_doubts.h"

namespace florin::cli {
namespace {

Command list_command() {
  return {.noun = "payment",
          .verb = "list",
          .summary = "list payments, newest first",
          .schema = "florin.payment.list/1",
          .path = "/operator/v1/tenants/{tenant}/{mode}/payments",
          .arguments = {tenant_argument(),
                        mode_argument(),
                        {.name = "merchant",
                         .option = "--merchant",
                         .help = "only this merchant's, by name or id",
                         .target = Target::query,
                         .required = false},
                        limit_argument(),
                        cursor_argument()},
          .view = {.shape = View::Shape::table,
                   .columns = {{"PAYMENT", "id"},
                               {"STATUS", "status"},
                               {"AMOUNT", "amount", Format::money},
                               {"CAPTURED", "amount_captured", Format::money},
                               {"REFUNDED", "amount_refunded", Format::money},
                               {"REFERENCE", "merchant_reference"},
                               {"CREATED", "created_at", Format::time}},
                   .empty = "no payments"},
          .example = "florin payment list --tenant acme --limit 20"};
}

Command show_command() {
  return {.noun = "payment",
          .verb = "show",
          .summary = "show one payment",
          .schema = "florin.payment.show/1",
          .path = "/operator/v1/tenants/{tenant}/{mode}/payments/{id}",
          .arguments = {{.name = "id",
                         .option = "",
                         .help = "the payment's id, pay_…",
                         .target = Target::path},
                        tenant_argument(),
                        mode_argument()},
          .view = {.shape = View::Shape::record,
                   .columns = {{"payment", "id"},
                               {"merchant", "merchant"},
                               {"status", "status"},
                               {"amount", "amount", Format::money},
                               {"authorized", "amount_authorized", Format::money},
                               {"captured", "amount_captured", Format::money},
                               {"refunded", "amount_refunded", Format::money},
                               {"capture", "capture_method"},
                               {"reference", "merchant_reference"},
                               {"decline", "last_decline.code"},
                               {"captures", "captures", Format::count},
                               {"refunds", "refunds", Format::count},
                               {"in doubt", "doubts", Format::count},
                               {"version", "version"},
                               {"created", "created_at", Format::time}}},
          .example = "florin payment show pay_… --tenant acme"};
}

// Of the whole appliance, so that nothing in doubt is overlooked for want of a name.
Command in_doubt_command() {
  return {.noun = "payment",
          .verb = "in-doubt",
          .summary = "report payments whose outcome nobody knows yet, the oldest first",
          .schema = "florin.payment.in-doubt/1",
          .path = "/operator/v1/doubts",
          .arguments = {{.name = "tenant",
                         .option = "--tenant",
                         .help = "only this tenant's, by name or id; all when not given",
                         .target = Target::query,
                         .required = false},
                        {.name = "mode",
                         .option = "--mode",
                         .help = "only test or only live",
                         .target = Target::query,
                         .required = false,
                         .choices = {"test", "live"}},
                        {.name = "older_than",
                         .option = "--older-than",
                         .help = "only those of at least this age: 90s, 15m, 24h, 7d",
                         .target = Target::query,
                         .required = false}},
          .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_doubts},
          .example = "florin payment in-doubt --older-than 15m"};
}

}  // namespace

std::vector<Command> payment_commands() {
  return {list_command(), show_command(), in_doubt_command()};
}

}  // namespace florin::cli
