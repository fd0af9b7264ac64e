#include "cli/command.h"

namespace florin::cli {

namespace {

Command export_command() {
  return {.noun = "audit",
          .verb = "export",
          .summary = "write an export that can be verified offline",
          .schema = "florin.audit.export/1",
          .role = Role::auditor,
          .method = "POST",
          .path = "/operator/v1/tenants/{tenant}/{mode}/exports",
          .arguments = {{.name = "name",
                         .option = "",
                         .help = "name of the export's folder below the export directory"},
                        {.name = "from",
                         .option = "--from",
                         .help = "first UTC day, as 2026-01-31; without it from the first entry",
                         .required = false},
                        {.name = "to",
                         .option = "--to",
                         .help = "last UTC day, included; without it up to now",
                         .required = false},
                        {.name = "from_seq",
                         .option = "--from-seq",
                         .help = "number of the first entry, instead of --from",
                         .required = false},
                        {.name = "to_seq",
                         .option = "--to-seq",
                         .help = "number of the last entry, included, instead of --to",
                         .required = false},
                        {.name = "form",
                         .option = "--form",
                         .help = "package (default), or tiles: the whole log after tlog-tiles",
                         .required = false,
                         .choices = {"package", "tiles"}},
                        tenant_argument(),
                        mode_argument()},
          .view = {.shape = View::Shape::record,
                   .columns = {{"directory", "directory"},
                               {"entries", "entries"},
                               {"size", "size"},
                               {"root", "root"}}},
          .example =
              "florin audit export 2026-h1 --from 2026-01-01 --to 2026-06-30 --tenant acme "
              "--mode live",
          .timeout = std::chrono::minutes(10)};
}

Command proof_command() {
  return {.noun = "audit",
          .verb = "proof",
          .summary = "write a proof of all entries about a payment, for a merchant or a court",
          .schema = "florin.audit.proof/1",
          .role = Role::auditor,
          .method = "POST",
          .path = "/operator/v1/tenants/{tenant}/{mode}/payments/{id}/proofs",
          .arguments = {{.name = "id", .option = "", .help = "the payment", .target = Target::path},
                        {.name = "proof",
                         .option = "--out",
                         .help = "new file for the proof",
                         .target = Target::text_out},
                        tenant_argument(),
                        mode_argument()},
          .view = {.shape = View::Shape::record,
                   .columns = {{"payment", "payment"},
                               {"file", "proof_file"},
                               {"entries", "entries"},
                               {"size", "size"},
                               {"root", "root"}}},
          .example = "florin audit proof pay_… --out payment.proof.json --tenant acme"};
}

}  // namespace

std::vector<Command> audit_commands() {
  return {export_command(), proof_command()};
}

}  // namespace florin::cli
