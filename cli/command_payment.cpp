#include "cli/command.h"

namespace florin::cli {

std::vector<Command> payment_commands() {
  return {
      {.noun = "payment",
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
       .example = "florin payment list --tenant acme --limit 20"},
      {.noun = "payment",
       .verb = "show",
       .summary = "show one payment",
       .schema = "florin.payment.show/1",
       .path = "/operator/v1/tenants/{tenant}/{mode}/payments/{id}",
       .arguments =
           {{.name = "id", .option = "", .help = "the payment's id, pay_…", .target = Target::path},
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
                            {"version", "version"},
                            {"created", "created_at", Format::time}}},
       .example = "florin payment show pay_… --tenant acme"}};
}

}  // namespace florin::cli
