#include "cli/command.h"
#include "cli/render_request.h"
#include "cli/signer.h"

namespace florin::cli {
namespace {

Argument request_argument() {
  return {.name = "request",
          .option = "",
          .help = "number (R-0042) or id of the request",
          .target = Target::path};
}

View request_view() {
  return {.shape = View::Shape::custom, .columns = {}, .custom = render_request};
}

Command act(std::string_view verb, std::string_view summary, Local local, std::string_view schema,
            std::vector<Argument> more, std::string_view example) {
  Command command{.noun = "request",
                  .verb = verb,
                  .summary = summary,
                  .schema = schema,
                  .method = "POST",
                  .path = "/operator/v1/requests/{request}",
                  .arguments = {request_argument()},
                  .view = request_view(),
                  .example = example,
                  .timeout = std::chrono::minutes(5),
                  .local = local};
  for (Argument& argument : more) command.arguments.push_back(std::move(argument));
  for (Argument& argument : signing_arguments()) command.arguments.push_back(std::move(argument));
  return command;
}

Argument digest_argument() {
  return {.name = "digest",
          .option = "--digest",
          .help =
              "first digits, 8 or more, of the digest of the text that you read; the text is "
              "shown and asked for when not given",
          .target = Target::local,
          .required = false};
}

}  // namespace

std::vector<Command> request_commands() {
  std::vector<Command> out;
  out.push_back({.noun = "request",
                 .verb = "list",
                 .summary = "list what was asked for, newest first",
                 .schema = "florin.request.list/1",
                 .path = "/operator/v1/requests",
                 .arguments = {{.name = "state",
                                .option = "--state",
                                .help = "open (when not given) or all",
                                .target = Target::query,
                                .required = false,
                                .choices = {"open", "all"}},
                               limit_argument()},
                 .view = {.shape = View::Shape::table,
                          .columns = {{"REQUEST", "number"},
                                      {"OPERATION", "operation"},
                                      {"STATE", "state"},
                                      {"BY", "requested_by"},
                                      {"APPROVALS", "approvals_given", Format::number},
                                      {"OF", "approvals_needed", Format::number},
                                      {"APPROVE BEFORE", "approve_before", Format::time},
                                      {"REASON", "reason"}},
                          .empty = "no requests"},
                 .example = "florin request list --state all"});
  out.push_back({.noun = "request",
                 .verb = "show",
                 .summary = "show the text that people sign, its digest and who signed; printable",
                 .schema = "florin.request.show/1",
                 .path = "/operator/v1/requests/{request}",
                 .arguments = {request_argument()},
                 .view = request_view(),
                 .example = "florin request show R-0042"});
  out.push_back(act("approve", "approve what another person asked for; the last approval executes",
                    Local::approve, "florin.request.approve/1", {digest_argument()},
                    "florin request approve R-0042 --digest 1be2d00fa7c3e155"));
  out.push_back(act(
      "reject", "refuse what another person asked for", Local::reject, "florin.request.reject/1",
      {{.name = "reason", .option = "--reason", .help = "why; is kept", .target = Target::local},
       digest_argument()},
      "florin request reject R-0042 --reason \"not before Monday\""));
  out.push_back(act("cancel", "take back what you asked for", Local::cancel,
                    "florin.request.cancel/1", {digest_argument()},
                    "florin request cancel R-0042"));
  out.push_back(act("execute", "carry out what was approved, or complete what has begun",
                    Local::execute, "florin.request.execute/1", {digest_argument()},
                    "florin request execute R-0042"));
  return out;
}

}  // namespace florin::cli
