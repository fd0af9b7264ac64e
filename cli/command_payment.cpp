#include "cli/command.h"
#include "cli/render_doubts.h"
#include "cli/render_request.h"

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
                         .help = "only this merchant's or branch's, by name or id",
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
                               {"branch", "branch"},
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

Command resolve_command() {
  return {.noun = "payment",
          .verb = "resolve",
          .summary = "end a doubt that the acquirer cannot end; two people",
          .schema = "florin.payment.resolve/1",
          .role = Role::operating,
          .method = "POST",
          .path = "",
          .arguments = {{.name = "payment", .option = "", .help = "the payment's id, pay_…"},
                        tenant_argument(Target::body),
                        mode_argument(Target::body),
                        {.name = "operation",
                         .option = "--operation",
                         .help = "which one, op_…; needed when several are in doubt",
                         .required = false},
                        {.name = "as",
                         .option = "--as",
                         .help = "what the evidence shows: succeeded (for the whole amount) or "
                                 "not-executed",
                         .choices = {"succeeded", "not-executed"}},
                        {.name = "evidence",
                         .option = "--evidence",
                         .help = "file that both have seen; its SHA-256 is signed and booked, the "
                                 "file stays with you",
                         .target = Target::body_file_digest},
                        {.name = "psp_reference",
                         .option = "--psp-reference",
                         .help = "the acquirer's name of the payment; needed when its first "
                                 "operation succeeded",
                         .required = false}},
          .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_request},
          .example =
              "florin payment resolve pay_… --tenant acme --mode live --as not-executed "
              "--evidence statement.pdf --reason \"case 4711\"",
          .operation = "payment.resolve"};
}

Command notices_command() {
  return {.noun = "payment",
          .verb = "notices",
          .summary = "list what acquirers told and what waits: parked, or other than the books",
          .schema = "florin.payment.notices/1",
          .path = "/operator/v1/tenants/{tenant}/{mode}/notices",
          .arguments = {tenant_argument(),
                        mode_argument(),
                        {.name = "state",
                         .option = "--state",
                         .help = "open: what waits; closed: what two people have closed",
                         .target = Target::query,
                         .required = false,
                         .choices = {"open", "closed"}}},
          .view = {.shape = View::Shape::table,
                   .columns = {{"RECEIVED", "received_at", Format::time},
                               {"STATE", "state"},
                               {"CONNECTOR", "connector"},
                               {"KIND", "kind"},
                               {"TOLD", "told"},
                               {"AMOUNT", "amount", Format::money},
                               {"OPERATION", "operation"},
                               {"ACQUIRER'S NAME", "psp_reference"},
                               {"NOTICE", "key"},
                               {"CLOSED BY", "closed_by"},
                               {"ID", "id"}},
                   .empty = "nothing waits"},
          .example = "florin payment notices --tenant acme --mode live"};
}

Command close_notice_command() {
  return {.noun = "payment",
          .verb = "close-notice",
          .summary = "end the waiting of an acquirer's notice; no money moves; two people",
          .schema = "florin.payment.close-notice/1",
          .role = Role::operating,
          .method = "POST",
          .path = "",
          .arguments = {{.name = "notice", .option = "", .help = "the notice's id, inf_…"},
                        tenant_argument(Target::body),
                        mode_argument(Target::body)},
          .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_request},
          .example =
              "florin payment close-notice inf_… --tenant acme --mode live --reason \"case 4711\"",
          .operation = "notice.close"};
}

}  // namespace

std::vector<Command> payment_commands() {
  return {list_command(),    show_command(),         in_doubt_command(),
          notices_command(), close_notice_command(), resolve_command()};
}

}  // namespace florin::cli
