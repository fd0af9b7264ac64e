/// florin-verify: checks an export package offline. Reads only; needs no appliance, key or network.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/verify/arguments.h"
#include "cli/verify/exit_code.h"
#include "cli/verify/proof_command.h"
#include "ledger/verify/note.h"
#include "ledger/verify/package.h"
#include "ledger/verify/package_files.h"

namespace florin::verify {
namespace {

constexpr std::string_view kUsage =
    "Usage: florin-verify DIRECTORY [--public-key FILE] [--previous-checkpoint FILE]\n"
    "                     [--state FILE] [--output text|json] [--progress] [--quiet]\n"
    "       florin-verify proof FILE [--key FILE] [--checkpoint FILE] [--output text|json]\n"
    "\n"
    "Verifies an export package: sums, signature, Merkle root, every entry, every table.\n"
    "  --public-key FILE           PEM of the key that must have signed, from a trusted place\n"
    "  --previous-checkpoint FILE  a checkpoint kept from an earlier time, which must be "
    "continued\n"
    "  --state FILE                go on where an interrupted run stopped: FILE, outside the\n"
    "                              package, is written now and then and removed at the end;\n"
    "                              whoever can write it can pretend that entries were checked\n"
    "  --output json               one JSON object on standard output\n"
    "  --progress                  tell how far it is on standard error, also when that is no\n"
    "                              terminal\n"
    "  --quiet                     print findings and the last line only\n"
    "Exit status: 0 nothing wrong, 1 internal error, 2 usage, 3 the package is wrong,\n"
    "4 interrupted by a signal before anything wrong was found.\n";

// Set by SIGINT and SIGTERM.
volatile std::sig_atomic_t stop_asked = 0;

struct Arguments {
  std::string directory;
  std::optional<std::string> public_key_file{};
  std::optional<std::string> previous_file{};
  std::optional<std::string> state_file{};
  bool progress = false;
  bool json = false;
  bool quiet = false;
  bool help = false;
};

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments out;
  std::optional<std::string> directory;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string name = words[i];
    std::optional<std::string> inline_value;
    if (const std::size_t equals = name.find('=');
        name.starts_with("--") && equals != std::string::npos) {
      inline_value = name.substr(equals + 1);
      name.resize(equals);
    }
    const auto value = [&]() -> std::optional<std::string> {
      if (inline_value) return std::exchange(inline_value, std::nullopt);
      return i + 1 < words.size() ? std::optional(words[++i]) : std::nullopt;
    };
    if (name == "--public-key") {
      out.public_key_file = value();
      if (!out.public_key_file) return usage("--public-key needs a file");
    } else if (name == "--previous-checkpoint") {
      out.previous_file = value();
      if (!out.previous_file) return usage("--previous-checkpoint needs a file");
    } else if (name == "--state") {
      out.state_file = value();
      if (!out.state_file || out.state_file->empty()) return usage("--state needs a file");
    } else if (name == "--progress") {
      out.progress = true;
    } else if (name == "--output") {
      const auto form = value();
      if (form != "json" && form != "text") return usage("--output is text or json");
      out.json = form == "json";
    } else if (name == "--quiet") {
      out.quiet = true;
    } else if (name == "--help" || name == "-h") {
      out.help = true;
    } else if (name.starts_with("-") || directory) {
      return usage(fmt::format("unexpected argument \"{}\"", words[i]));
    } else {
      directory = name;
    }
    if (inline_value) return usage(fmt::format("{} takes no value", name));
  }
  if (!directory && !out.help) return usage("no directory given");
  out.directory = directory.value_or("");
  return out;
}

std::string to_json(const Report& report) {
  json::array findings;
  for (const Finding& finding : report.findings) {
    json::object row;
    row["file"] = finding.file;
    if (finding.line) row["line"] = *finding.line;
    if (finding.entry) row["entry"] = *finding.entry;
    if (finding.byte) row["byte"] = *finding.byte;
    row["problem"] = finding.problem;
    findings.push_back(std::move(row));
  }
  json::object out;
  out["schema"] = "florin.verify/1";
  out["ok"] = report.ok();
  out["origin"] = report.origin;
  out["tenant"] = report.tenant;
  out["mode"] = report.mode;
  out["size"] = report.size;
  out["root"] = report.root;
  out["from_seq"] = report.from_seq;
  out["to_seq"] = report.to_seq;
  out["entries"] = report.entries;
  out["postings"] = report.postings;
  out["accounts"] = report.accounts;
  out["evaluation"] = report.evaluation;
  out["evaluation_proven"] = report.evaluation_proven;
  out["opening_stated"] = report.opening_stated;
  out["key_sha256"] = report.key_sha256;
  out["key_trusted"] = report.key_trusted;
  out["previous_size"] =
      report.previous_size ? json::value(*report.previous_size) : json::value(nullptr);
  out["interrupted"] = report.interrupted;
  out["resumed_entries"] =
      report.resumed_entries ? json::value(*report.resumed_entries) : json::value(nullptr);
  json::array notes;
  for (const std::string& note : report.notes) notes.push_back(json::value(note));
  out["notes"] = std::move(notes);
  out["findings"] = std::move(findings);
  return json::write(out);
}

void print_context(const Report& report) {
  fmt::print("ledger      {}\n", report.origin);
  fmt::print("tenant      {}, {} mode\n", report.tenant, report.mode);
  fmt::print("period      entries {} to {}\n", report.from_seq, report.to_seq);
  fmt::print("key         SHA-256 {}\n", report.key_sha256);
  fmt::print("postings    {} on {} accounts\n", report.postings, report.accounts);
  if (report.previous_size) {
    fmt::print("continues   the checkpoint of size {}\n", *report.previous_size);
  }
  if (!report.key_trusted) {
    fmt::print("note        the key was taken from the package; compare it with one you trust\n");
  }
  if (report.resumed_entries) {
    fmt::print("note        {} entries were checked by an earlier run\n", *report.resumed_entries);
  }
  if (report.opening_stated) {
    fmt::print("note        balances before entry {} are as stated, not proven by this package\n",
               report.from_seq);
  }
  if (report.evaluation) {
    fmt::print("note        this ledger belongs to an evaluation instance\n");
  }
}

void print_text(const Report& report, bool quiet) {
  if (!quiet && report.ok()) print_context(report);
  for (const Finding& finding : report.findings) {
    fmt::print("BAD {}\n", printable(finding.text()));
  }
  if (report.interrupted && report.findings.empty()) {
    fmt::print("INTERRUPTED {} entries checked, nothing wrong so far\n", report.entries);
  } else if (report.ok()) {
    fmt::print("OK {} entries, size {}, root {}\n", report.entries, report.size, report.root);
  } else {
    fmt::print("FAILED {} findings, {} entries checked\n", report.findings.size(), report.entries);
  }
}

// How far it is: one line that is written over on a terminal, a line for each twentieth otherwise.
class ProgressLine {
 public:
  explicit ProgressLine(bool terminal) : terminal_(terminal) {}
  void tell(Stage stage, std::uint64_t done, std::uint64_t all) {
    const std::uint64_t percent = all == 0 ? 100 : done / (all / 100 + 1);
    const std::uint64_t step = terminal_ ? 1 : 5;
    if (stage == stage_ && percent / step == percent_ / step && told_) return;
    stage_ = stage;
    percent_ = percent;
    told_ = true;
    const bool sums = stage == Stage::bytes_summed;
    fmt::print(stderr, "{}{:3} %  {} of {} {}{}", terminal_ ? "\r\033[K" : "", percent, done, all,
               sums ? "bytes summed" : "entries checked", terminal_ ? "" : "\n");
  }
  void end() const {
    if (terminal_ && told_) fmt::print(stderr, "\r\033[K");
  }

 private:
  bool terminal_;
  bool told_ = false;
  Stage stage_{};
  std::uint64_t percent_ = 0;
};

int run(const std::vector<std::string>& words) {
  // A folder of that name is meant by ./proof.
  if (!words.empty() && words.front() == "proof")
    return run_proof({words.begin() + 1, words.end()});
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
  PackageOptions options;
  auto key = named_file(arguments->public_key_file);
  if (!key.ok()) return complain(key.error());
  options.public_key_pem = std::move(key).value();
  auto previous = named_file(arguments->previous_file);
  if (!previous.ok()) return complain(previous.error());
  options.previous_checkpoint = std::move(previous).value();
  options.stop = [] { return stop_asked != 0; };
  if (arguments->state_file) options.state_file = *arguments->state_file;
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int) { stop_asked = 1; });
  }
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  ProgressLine line(terminal);
  if (!arguments->quiet && (terminal || arguments->progress)) {
    options.progress = [&line](Stage stage, std::uint64_t done, std::uint64_t all) {
      line.tell(stage, done, all);
    };
  }
  const auto report = verify_package(arguments->directory, options);
  line.end();
  if (!report.ok()) {
    const Error& error = report.error();
    return complain(
        Error(error.code(), {}, fmt::format("\"{}\" {}", arguments->directory, error.message())));
  }
  if (arguments->json) {
    fmt::print("{}\n", to_json(*report));
  } else {
    print_text(*report, arguments->quiet);
  }
  if (std::fflush(stdout) != 0) return exit_internal;
  for (const std::string& note : report->notes) {
    fmt::print(stderr, "florin-verify: {}\n", printable(note));
  }
  if (!report->findings.empty()) return exit_bad;
  return report->interrupted ? exit_interrupted : exit_ok;
}

}  // namespace
}  // namespace florin::verify

int main(int argc, char** argv) {
  try {
    return florin::verify::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& failure) {
    // Only memory or the standard output can get us here.
    std::fprintf(stderr, "florin-verify: %s\n", failure.what());
    return 1;
  }
}
