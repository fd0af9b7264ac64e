#include "daemon/control/backup_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "daemon/control/audit_note.h"

namespace florin::control {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "backup-";
constexpr std::string_view kUnfinished = ".partial";

// "backup-20261121T104217Z": sorts by time and needs no quoting anywhere.
std::string name_of(UnixNanos time) {
  std::string text = to_rfc3339(time).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}{}Z", kPrefix, text);
}

Result<std::vector<fs::path>> backups_in(const fs::path& parent) {
  std::vector<fs::path> out;
  std::error_code error;
  if (!fs::exists(parent, error)) return out;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    const bool directory = at->symlink_status(error).type() == fs::file_type::directory;
    if (directory && at->path().filename().string().starts_with(kPrefix)) out.push_back(at->path());
  }
  if (error) return Error(Errc::io_failure, {}, {}, parent.string() + ": " + error.message());
  std::sort(out.begin(), out.end());
  return out;
}

bool is_unfinished(const fs::path& path) {
  return path.extension() == kUnfinished;
}

}  // namespace

BackupService::BackupService(BackupSources sources, Appliance& appliance, Signer& signer,
                             const Clock& clock, Entropy& entropy)
    : sources_(std::move(sources)),
      appliance_(appliance),
      signer_(signer),
      clock_(clock),
      entropy_(entropy) {}

void BackupService::stop() {
  cancelled_ = true;
  const std::lock_guard lock(start_mutex_);
  if (thread_.joinable()) thread_.join();
}

Result<json::object> BackupService::start(Person person) {
  const std::lock_guard start_lock(start_mutex_);
  if (cancelled_) return Error(Errc::shutting_down);
  if (sources_.parent.empty()) {
    return Error(Errc::config_invalid, "backup.directory",
                 "no directory for backups is configured");
  }
  {
    const std::lock_guard lock(mutex_);
    if (job_.state == "running") {
      return Error(Errc::state_conflict, {}, job_.name + " is being made");
    }
  }
  if (thread_.joinable()) thread_.join();
  FLORIN_TRY_VOID(remove_unfinished());
  const UnixNanos now = clock_.now();
  const std::string name = name_of(now);
  FLORIN_TRY_VOID(append_note(*appliance_.system_ledger(), "backup begun: " + name, person.uid,
                              clock_, entropy_));
  json::object begun;
  {
    const std::lock_guard lock(mutex_);
    job_ = {.name = name, .state = "running", .started_at = now};
    begun = document(job_, sources_.parent);
  }
  thread_ = std::thread([this, name, person] { run(name, person); });
  return begun;
}

// Left by a run that was killed; nobody else makes backups here.
Result<void> BackupService::remove_unfinished() const {
  std::error_code error;
  fs::create_directories(sources_.parent, error);
  if (error) {
    return Error(Errc::io_failure, {}, {}, sources_.parent.string() + ": " + error.message());
  }
  FLORIN_TRY(const auto found, backups_in(sources_.parent));
  for (const fs::path& path : found) {
    if (is_unfinished(path)) fs::remove_all(path, error);
  }
  if (error) return Error(Errc::io_failure, {}, {}, error.message());
  return {};
}

void BackupService::run(const std::string& name, Person person) {
  auto made = make(name);
  const std::string note =
      made.ok() ? fmt::format("backup made: {} manifest {}", name, to_hex(made->manifest_sha256))
                : "backup failed: " + name;
  // The backup is good without this entry, but nobody could prove when it was made.
  if (auto kept = append_note(*appliance_.system_ledger(), note, person.uid, clock_, entropy_);
      !kept.ok()) {
    log_error("backup.not_recorded", kept.error(), {{"name", name}});
  }
  const std::lock_guard lock(mutex_);
  job_.ended_at = clock_.now();
  if (made.ok()) {
    job_.state = "made";
    job_.summary = *made;
    log(LogLevel::notice, "backup.made",
        {{"name", name}, {"files", made->files}, {"bytes", made->bytes}});
  } else {
    job_.state = "failed";
    job_.problem = made.error().message();
    log_error("backup.failed", made.error(), {{"name", name}});
  }
}

Result<ledger::BackupSummary> BackupService::make(const std::string& name) {
  const UnixNanos created_at = clock_.now();
  FLORIN_TRY(auto backup, ledger::BackupDirectory::create(sources_.parent, name, cancelled_));
  // Before the books: what was delivered must not go farther than the books that are kept with it.
  FLORIN_TRY_VOID(backup->add_directory("delivery", sources_.copy_delivery));
  FLORIN_TRY_VOID(copy_ledgers(*backup));
  FLORIN_TRY_VOID(backup->add_file("initialised", {}));
  return backup->publish(new_uuid(clock_, entropy_).text(), created_at, signer_);
}

Result<void> BackupService::copy_ledgers(ledger::BackupDirectory& backup) {
  const auto path_of = [this](const ledger::Ledger& books) {
    return books.options().directory.lexically_relative(sources_.data_directory).string();
  };
  const std::shared_ptr<ledger::Ledger> system = appliance_.system_ledger();
  FLORIN_TRY_VOID(system->checkpoint(signer_));
  FLORIN_TRY(const Snapshot snapshot, appliance_.snapshot());
  FLORIN_TRY_VOID(backup.add_ledger(*system, snapshot.system, path_of(*system)));
  for (const ledger::TenantLedger& ledger : snapshot.ledgers) {
    FLORIN_TRY_VOID(ledger.books->checkpoint(signer_));
    FLORIN_TRY(const ledger::DurableLog extent, ledger.books->durable_log());
    FLORIN_TRY_VOID(backup.add_ledger(*ledger.books, extent, path_of(*ledger.books)));
  }
  return {};
}

json::object BackupService::document(const Job& job, const fs::path& parent) {
  json::object out{{"name", job.name},
                   {"directory", (parent / job.name).string()},
                   {"state", job.state},
                   {"started_at", to_rfc3339(job.started_at)}};
  if (job.ended_at != 0) out["ended_at"] = to_rfc3339(job.ended_at);
  if (!job.problem.empty()) out["problem"] = job.problem;
  if (job.state != "made") return out;
  out["files"] = job.summary.files;
  out["bytes"] = job.summary.bytes;
  out["ledgers"] = job.summary.ledgers;
  out["entries"] = job.summary.entries;
  out["manifest_sha256"] = to_hex(job.summary.manifest_sha256);
  return out;
}

Result<json::array> BackupService::list() const {
  Job job;
  {
    const std::lock_guard lock(mutex_);
    job = job_;
  }
  json::array items;
  FLORIN_TRY(const auto found, backups_in(sources_.parent));
  for (const fs::path& path : found) {
    const std::string name = path.filename().string();
    if (is_unfinished(path) || name == job.name) continue;
    items.emplace_back(
        json::object{{"name", name}, {"directory", path.string()}, {"state", "made"}});
  }
  if (!job.state.empty()) items.emplace_back(document(job, sources_.parent));
  return items;
}

}  // namespace florin::control
