#include "cli/verify/proof_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "base/json.h"
#include "cli/verify/arguments.h"
#include "cli/verify/exit_code.h"
#include "ledger/verify/entry_proof.h"
#include "ledger/verify/package_files.h"
#include "ledger/verify/package_text.h"

namespace florin::verify {
namespace {

constexpr std::string_view kUsage =
    "Usage: florin-verify proof FILE [--key FILE] [--checkpoint FILE] [--output text|json]\n"
    "\n"
    "Verifies a proof of single entries: signature, inclusion in the signed tree, subject.\n"
    "  --key FILE         PEM of the key that must have signed, from a trusted place\n"
    "  --checkpoint FILE  a checkpoint from a trusted place, of which the proof must be\n"
    "  --output json      one JSON object on standard output\n"
    "Exit status: 0 nothing wrong, 1 internal error, 2 usage, 3 the proof is wrong.\n";

struct Arguments {
  std::string file;
  std::optional<std::string> key_file{};
  std::optional<std::string> checkpoint_file{};
  bool json = false;
  bool help = false;
};

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string name = words[i];
    std::optional<std::string> value;
    if (const std::size_t equals = name.find('=');
        name.starts_with("--") && equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const bool takes_value = name == "--key" || name == "--checkpoint" || name == "--output";
    if (takes_value && !value && i + 1 < words.size()) value = words[++i];
    if (takes_value != value.has_value()) {
      return usage(fmt::format("{} {} value", name, takes_value ? "needs a" : "takes no"));
    }
    if (name == "--key") {
      out.key_file = value;
    } else if (name == "--checkpoint") {
      out.checkpoint_file = value;
    } else if (name == "--output") {
      if (value != "json" && value != "text") return usage("--output is text or json");
      out.json = value == "json";
    } else if (name == "--help" || name == "-h") {
      out.help = true;
    } else if (name.starts_with("-") || !out.file.empty()) {
      return usage(fmt::format("unexpected argument \"{}\"", words[i]));
    } else {
      out.file = name;
    }
  }
  if (out.file.empty() && !out.help) return usage("no file given");
  return out;
}

json::array entries_of(const ProofReport& report) {
  json::array out;
  for (const Leaf& leaf : report.entries) {
    json::object row{
        {"seq", leaf.seq}, {"type", entry_type_text(leaf.type)}, {"booked_at_ns", leaf.booked_at}};
    json::array postings;
    for (const Posting& posting : leaf.postings) {
      postings.push_back(
          json::object{{"account", posting.account},
                       {"amount", posting.amount},
                       {"asset", posting.asset},
                       {"side", posting.side == Side::debit ? "debit" : "credit"},
                       {"layer", posting.layer == Layer::posted ? "posted" : "pending"}});
    }
    row["postings"] = std::move(postings);
    out.push_back(std::move(row));
  }
  return out;
}

void print_json(const ProofReport& report) {
  json::array findings;
  for (const Finding& finding : report.findings) findings.emplace_back(finding.text());
  fmt::print("{}\n", json::write(json::object{{"schema", "florin.verify.proof/1"},
                                              {"ok", report.ok()},
                                              {"origin", report.origin},
                                              {"subject", report.subject.text()},
                                              {"size", report.size},
                                              {"root", report.root},
                                              {"key_sha256", report.key_sha256},
                                              {"key_trusted", report.key_trusted},
                                              {"entries", entries_of(report)},
                                              {"findings", std::move(findings)}}));
}

void print_text(const ProofReport& report) {
  if (!report.ok()) {
    for (const Finding& finding : report.findings) {
      fmt::print("BAD {}\n", printable(finding.text()));
    }
    fmt::print("FAILED {} findings, {} entries proven\n", report.findings.size(),
               report.entries.size());
    return;
  }
  fmt::print("ledger      {}\n", report.origin);
  fmt::print("subject     {}\n", report.subject.text());
  fmt::print("key         SHA-256 {}\n", report.key_sha256);
  if (!report.key_trusted) {
    fmt::print("note        the key was taken from the file; compare it with one you trust\n");
  }
  for (const Leaf& leaf : report.entries) {
    fmt::print("entry       {} {}, {} postings\n", leaf.seq, entry_type_text(leaf.type),
               leaf.postings.size());
  }
  fmt::print("OK {} entries, size {}, root {}\n", report.entries.size(), report.size, report.root);
}

Result<ProofReport> verify(const Arguments& arguments) {
  ProofOptions options;
  FLORIN_TRY(options.public_key_pem, named_file(arguments.key_file));
  FLORIN_TRY(options.checkpoint, named_file(arguments.checkpoint_file));
  auto text = read_small_file(arguments.file, kMaxProofFileBytes);
  if (!text.ok()) {
    return Error(text.error().code(), {},
                 fmt::format("\"{}\" {}", arguments.file, text.error().message()));
  }
  return verify_proof_file(*text, options);
}

}  // namespace

int run_proof(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(words);
  if (!arguments.ok()) {
    const int code = complain(arguments.error());
    fmt::print(stderr, "{}", kUsage);
    return code;
  }
  if (arguments->help) {
    fmt::print("{}", kUsage);
    return exit_ok;
  }
  const auto report = verify(*arguments);
  if (!report.ok()) {
    return complain(report.error());
  }
  if (arguments->json) {
    print_json(*report);
  } else {
    print_text(*report);
  }
  if (std::fflush(stdout) != 0) return exit_internal;
  return report->ok() ? exit_ok : exit_bad;
}

}  // namespace florin::verify
