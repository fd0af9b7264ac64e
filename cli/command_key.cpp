#include "cli/command.h"
#include "cli/render_request.h"

namespace florin::cli {
namespace {

Command two_people(std::string_view verb, std::string_view summary, std::string_view operation,
                   std::string_view schema, std::vector<Argument> arguments,
                   std::string_view example) {
  return {.noun = "key",
          .verb = verb,
          .summary = summary,
          .schema = schema,
          .role = Role::custodian,
          .method = "POST",
          .path = "",
          .arguments = std::move(arguments),
          .view = {.shape = View::Shape::custom, .columns = {}, .custom = render_request},
          .example = example,
          .operation = operation};
}

// Who he is stays in a file: neither a command line nor a request has it.
Command shred_subject() {
  Command out = two_people(
      "shred-subject", "destroy the key of a merchant's customer for ever; two people",
      "key.shred-subject", "florin.key.shred-subject/1",
      {tenant_argument(),
       mode_argument(),
       {.name = "merchant",
        .option = "--merchant",
        .help = "name or identifier",
        .target = Target::path},
       {.name = "customer_reference",
        .option = "--customer-reference-file",
        .help = "file with the merchant's reference for the customer, or - for standard input",
        .target = Target::body_secret_file}},
      "florin key shred-subject --tenant acme --merchant shop --customer-reference-file ref.txt "
      "--reason \"request of the customer\"");
  out.path = "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/subjects";
  return out;
}

std::vector<Command> key_operations() {
  return {
      two_people("rotate", "seal what is new under a new version; two people", "key.rotate",
                 "florin.key.rotate/1",
                 {{.name = "key", .option = "", .help = "kek, system, or a tenant"}},
                 "florin key rotate acme --reason \"yearly\""),
      two_people("rewrap", "wrap all keys under the key-encryption key in use; two people",
                 "key.rewrap", "florin.key.rewrap/1", {}, "florin key rewrap --reason \"new kek\""),
      two_people("revoke", "disable or destroy a version that nothing needs; two people",
                 "key.revoke", "florin.key.revoke/1",
                 {{.name = "key", .option = "", .help = "as key list names it"},
                  {.name = "state",
                   .option = "--state",
                   .help = "disabled, decrypt-only (takes that back) or destroyed",
                   .choices = {"disabled", "decrypt-only", "destroyed"}}},
                 "florin key revoke kek/1 --state destroyed --reason \"replaced\""),
      two_people("shred-tenant", "destroy all keys of a tenant for ever; two people",
                 "key.shred-tenant", "florin.key.shred-tenant/1",
                 {{.name = "tenant", .option = "", .help = "name or identifier"}},
                 "florin key shred-tenant acme --reason \"contract ended\""),
      shred_subject(),
      two_people("bundle-export", "write all wrapped keys into a file; two people",
                 "key.bundle-export", "florin.key.bundle-export/1", {},
                 "florin key bundle-export --reason \"after rotation\"")};
}

std::vector<Command> key_reads() {
  return {{.noun = "key",
           .verb = "list",
           .summary = "list all keys: names, versions, states, check values",
           .schema = "florin.key.list/1",
           .path = "/operator/v1/keys",
           .arguments = {},
           .view = {.shape = View::Shape::table,
                    .columns = {{"KEY", "name"},
                                {"STATE", "state"},
                                {"WRAPPED BY", "kek"},
                                {"CHECK", "check_value"},
                                {"CREATED", "created_at"}},
                    .empty = "no keys"},
           .example = "florin key list"},
          {.noun = "key",
           .verb = "show",
           .summary = "show one key and what still needs it",
           .schema = "florin.key.show/1",
           .path = "/operator/v1/key",
           .arguments = {{.name = "name",
                          .option = "",
                          .help = "as key list names it, e.g. sys/gen/1 or kek/1",
                          .target = Target::query}},
           .view = {.shape = View::Shape::record,
                    .columns = {{"key", "name"},
                                {"state", "state"},
                                {"wrapped by", "kek"},
                                {"check value", "check_value"},
                                {"created", "created_at"},
                                {"segments that need it", "segments"},
                                {"records that need it", "records"},
                                {"keys it wraps", "roots"}}},
           .example = "florin key show sys/gen/1"},
          {.noun = "key",
           .verb = "verify",
           .summary = "open every key anew; check the manifest and a signature",
           .schema = "florin.key.verify/1",
           .method = "POST",
           .path = "/operator/v1/keys/verifications",
           .arguments = {},
           .view = {.shape = View::Shape::record,
                    .columns = {{"epoch", "epoch"},
                                {"roots opened", "roots_opened"},
                                {"canaries opened", "canaries_opened"},
                                {"manifest", "manifest"},
                                {"signature", "signature"},
                                {"pools of subject keys", "subject_pools"},
                                {"subject keys", "subject_keys"},
                                {"of erased subjects", "subject_keys_destroyed"},
                                {"to be wrapped anew", "left_to_rewrap"}}},
           .example = "florin key verify",
           .timeout = std::chrono::minutes(10)}};
}

}  // namespace

std::vector<Command> key_commands() {
  std::vector<Command> out = key_reads();
  for (Command& command : key_operations()) out.push_back(std::move(command));
  return out;
}

}  // namespace florin::cli
