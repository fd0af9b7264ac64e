#include "cli/backup_calls.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/render.h"
#include "cli/restore.h"
#include "ledger/verify/package_files.h"

namespace florin::cli {
namespace {

constexpr std::size_t kMaxKeyBytes = 4096;

LocalOutcome failed(const Error& error) {
  Failure failure = failure_of(error);
  // Nothing was asked of the daemon: a file that was named is at fault.
  if (error.code() == Errc::io_failure) failure.exit = ExitCode::internal;
  return {.exit = failure.exit, .text = {}, .failure = std::move(failure)};
}

Result<std::optional<std::string>> key_in(const std::string& file) {
  if (file.empty()) return std::optional<std::string>();
  auto text = verify::read_small_file(file, kMaxKeyBytes);
  if (!text.ok()) return Error(Errc::malformed_value, "--key", file + " " + text.error().message());
  return std::optional<std::string>(std::move(*text));
}

json::array findings_of(const verify::BackupReport& report) {
  json::array out;
  for (const verify::Finding& finding : report.findings) {
    json::object row{{"file", finding.file}};
    if (finding.line) row["line"] = *finding.line;
    row["problem"] = finding.problem;
    out.emplace_back(std::move(row));
  }
  return out;
}

json::object document_of(const verify::BackupReport& report) {
  json::array ledgers;
  for (const verify::BackupLedger& ledger : report.manifest.ledgers) {
    ledgers.emplace_back(json::object{{"ledger", verify::backup_ledger_name(ledger)},
                                      {"entries", ledger.entries},
                                      {"signed_size", ledger.signed_size},
                                      {"root", to_hex(ledger.root)}});
  }
  return {{"schema", "florin.backup.verify/1"}, {"ok", report.ok()},
          {"id", report.manifest.id},           {"created_at", report.manifest.created_at},
          {"files", report.manifest.files},     {"bytes", report.manifest.bytes},
          {"key_sha256", report.key_sha256},    {"key_trusted", report.key_trusted},
          {"ledgers", std::move(ledgers)},      {"findings", findings_of(report)}};
}

std::string findings_text(const verify::BackupReport& report) {
  std::string out;
  for (const verify::Finding& finding : report.findings) {
    out += fmt::format("BAD {}\n", printable(finding.text()));
  }
  return out + fmt::format("FAILED {} findings\n", report.findings.size());
}

std::string report_text(const verify::BackupReport& report) {
  if (!report.ok()) return findings_text(report);
  std::vector<std::vector<std::string>> rows{{"LEDGER", "ENTRIES", "SIGNED"}};
  for (const verify::BackupLedger& ledger : report.manifest.ledgers) {
    rows.push_back({verify::backup_ledger_name(ledger), std::to_string(ledger.entries),
                    std::to_string(ledger.signed_size)});
  }
  std::string out = format_grid(rows, {false, true, true});
  out += fmt::format("made at {}, key SHA-256 {}\n", report.manifest.created_at, report.key_sha256);
  if (!report.key_trusted) {
    out += "note: the key was taken from the backup; compare it with one you trust (--key)\n";
  }
  return out + fmt::format("OK {} files, {} bytes\n", report.manifest.files, report.manifest.bytes);
}

LocalOutcome bad_backup(const verify::BackupReport& report, Output output) {
  const std::string text =
      output == Output::json ? json::write(document_of(report)) + "\n" : findings_text(report);
  return {.exit = ExitCode::found_bad, .text = text, .failure = {}};
}

Result<std::map<std::string, std::uint64_t>> parse_sizes(const std::vector<std::string>& texts) {
  std::map<std::string, std::uint64_t> out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    std::uint64_t size = 0;
    const char* const begin = text.data() + (equals == std::string::npos ? 0 : equals + 1);
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(begin, end, size);
    if (equals == std::string::npos || error != std::errc{} || at != end ||
        !out.emplace(text.substr(0, equals), size).second) {
      return Error(Errc::malformed_value, "--to-entry",
                   "\"" + text + "\" is not LEDGER=SEQ, or names a ledger again");
    }
  }
  return out;
}

}  // namespace

LocalOutcome verify_backup_call(const BackupVerifyCall& call, Output output) {
  auto key = key_in(call.key_file);
  if (!key.ok()) return failed(key.error());
  const auto report = verify::verify_backup(call.directory, {.public_key_pem = std::move(*key)});
  if (!report.ok()) return failed(report.error());
  if (!report->ok()) return bad_backup(*report, output);
  const std::string text =
      output == Output::json ? json::write(document_of(*report)) + "\n" : report_text(*report);
  return {.exit = ExitCode::ok, .text = text, .failure = {}};
}

LocalOutcome restore_backup_call(const BackupRestoreCall& call, Output output) {
  if (call.target.empty()) return failed(Error(Errc::field_missing, "--to", "is required"));
  RestoreOptions options{.backup = call.directory, .target = call.target};
  auto key = key_in(call.key_file);
  if (!key.ok()) return failed(key.error());
  options.public_key_pem = std::move(*key);
  auto sizes = parse_sizes(call.sizes);
  if (!sizes.ok()) return failed(sizes.error());
  options.sizes = std::move(*sizes);
  const auto done = restore_backup(options);
  if (!done.ok()) return failed(done.error());
  if (!done->report.ok()) return bad_backup(done->report, output);
  json::array ledgers;
  std::vector<std::vector<std::string>> rows{{"LEDGER", "ENTRIES"}};
  for (const auto& [name, entries] : done->entries) {
    ledgers.emplace_back(json::object{{"ledger", name}, {"entries", entries}});
    rows.push_back({name, std::to_string(entries)});
  }
  if (output == Output::json) {
    return {.text = json::write(json::object{{"schema", "florin.backup.restore/1"},
                                             {"directory", call.target},
                                             {"backup", done->report.manifest.id},
                                             {"files", done->files},
                                             {"deliveries", done->deliveries},
                                             {"ledgers", std::move(ledgers)}}) +
                    "\n"};
  }
  std::string text = format_grid(rows, {false, true});
  if (!done->deliveries) {
    text += "note: every webhook event is delivered again, since entries were left behind\n";
  }
  return {.text = text + fmt::format("restored to {}\n", call.target)};
}

}  // namespace florin::cli
