#include "ledger/backup.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/backup_files.h"
#include "ledger/files.h"
#include "ledger/verify/backup_text.h"
#include "ledger/verify/note.h"
#include "ledger/verify/segment.h"

namespace florin::ledger {
namespace {

namespace fs = std::filesystem;

std::string data_path(const std::string& path) {
  return fmt::format("{}/{}", verify::kBackupDataDirectory, path);
}

Result<std::vector<fs::path>> files_in(const fs::path& directory, std::string_view extension) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == extension) out.push_back(at->path());
  }
  if (error) return Error(Errc::io_failure, {}, {}, directory.string() + ": " + error.message());
  // Names are numbers with leading zeroes.
  std::sort(out.begin(), out.end());
  return out;
}

struct CopiedSegment {
  fs::path path;
  verify::ClearSegmentHeader header;
};

// Those up to the extent, in order. What is behind was begun after the extent was taken.
Result<std::vector<CopiedSegment>> segments_up_to(const fs::path& directory,
                                                  const DurableLog& extent) {
  FLORIN_TRY(const auto paths, files_in(directory, ".seg"));
  std::vector<CopiedSegment> out;
  for (const fs::path& path : paths) {
    const auto header = verify::read_clear_header(path);
    if (!header.ok()) {
      return Error(Errc::ledger_corrupt, {}, {}, path.string() + ": " + header.error().message());
    }
    if (header->number > extent.segment) break;
    out.push_back({path, *header});
  }
  if (out.size() == extent.segment + 1) return out;
  return Error(Errc::ledger_mismatch, {}, {},
               directory.string() + ": a segment of the log is missing");
}

// Each up to its last durable group, which its successor names: what stands behind is zeroes, or
// was never acknowledged.
Result<void> copy_segments(BackupFiles& files, const fs::path& from, const std::string& to,
                           const DurableLog& extent, verify::BackupLedger& told) {
  FLORIN_TRY(const auto segments, segments_up_to(from, extent));
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::uint64_t bytes =
        i + 1 < segments.size() ? segments[i + 1].header.previous_end : extent.end;
    const std::string name = segments[i].path.filename().string();
    FLORIN_TRY_VOID(files.copy(segments[i].path, to + name, bytes));
    ++told.segments;
    told.bytes += bytes;
  }
  return {};
}

// A checkpoint that was signed after the extent was taken has entries that the copy has not.
Result<void> copy_checkpoints(BackupFiles& files, const fs::path& from, const std::string& to,
                              const DurableLog& extent, verify::BackupLedger& told) {
  FLORIN_TRY(const auto paths, files_in(from, ".note"));
  for (const fs::path& path : paths) {
    FLORIN_TRY(const Bytes text, read_file(path));
    FLORIN_TRY(const verify::SignedNote note, verify::parse_note(text_of(text)));
    if (note.checkpoint.size > extent.entries) break;
    FLORIN_TRY_VOID(files.write(to + path.filename().string(), text_of(text)));
    told.signed_size = note.checkpoint.size;
    told.signed_root = note.checkpoint.root;
  }
  return {};
}

// Checkpoints that an earlier restore left behind stay as evidence.
Result<void> copy_superseded(BackupFiles& files, const fs::path& from, const std::string& to) {
  std::error_code error;
  if (!fs::exists(from, error)) return {};
  FLORIN_TRY(const auto paths, files_in(from, ".note"));
  for (const fs::path& path : paths) {
    FLORIN_TRY(const Bytes text, read_file(path));
    FLORIN_TRY_VOID(files.write(to + path.filename().string(), text_of(text)));
  }
  return {};
}

}  // namespace

struct BackupDirectory::State {
  fs::path final_path;
  BackupFiles files;
  std::vector<verify::BackupLedger> ledgers;
  bool published = false;
};

BackupDirectory::BackupDirectory(std::unique_ptr<State> state) : state_(std::move(state)) {}

BackupDirectory::~BackupDirectory() {
  if (state_->published) return;
  std::error_code ignored;
  fs::remove_all(state_->files.root(), ignored);
}

Result<std::unique_ptr<BackupDirectory>> BackupDirectory::create(
    const fs::path& parent, const std::string& name, const std::atomic<bool>& cancelled) {
  const fs::path final_path = parent / name;
  const fs::path partial = parent / (name + ".partial");
  std::error_code error;
  for (const fs::path& path : {final_path, partial}) {
    if (fs::exists(fs::symlink_status(path, error))) {
      return Error(Errc::state_conflict, {}, "a backup of this name exists", path.string());
    }
  }
  FLORIN_TRY_VOID(ensure_directory(partial));
  auto state = std::make_unique<State>(
      State{.final_path = final_path, .files = {partial, cancelled}, .ledgers = {}});
  return std::unique_ptr<BackupDirectory>(new BackupDirectory(std::move(state)));
}

Result<void> BackupDirectory::add_ledger(const Ledger& ledger, const DurableLog& extent,
                                         const std::string& path) {
  const OpenOptions& options = ledger.options();
  verify::BackupLedger told;
  told.path = path;
  told.tenant = options.tenant.text();
  told.mode = mode_name(options.mode);
  told.origin = options.origin;
  told.entries = extent.entries;
  told.root = extent.root;
  const std::string to = data_path(path);
  FLORIN_TRY_VOID(
      copy_segments(state_->files, options.directory / "log", to + "/log/", extent, told));
  FLORIN_TRY_VOID(
      copy_checkpoints(state_->files, options.directory / "cp", to + "/cp/", extent, told));
  FLORIN_TRY_VOID(copy_superseded(state_->files, options.directory / "cp" / "superseded",
                                  to + "/cp/superseded/"));
  state_->ledgers.push_back(std::move(told));
  return {};
}

Result<void> BackupDirectory::add_directory(
    const std::string& path, const std::function<Result<void>(const fs::path&)>& write) {
  const std::string to = data_path(path);
  FLORIN_TRY(const fs::path directory, state_->files.make_directory(to));
  FLORIN_TRY_VOID(write(directory));
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    FLORIN_TRY_VOID(state_->files.adopt(to + "/" + at->path().filename().string()));
  }
  if (error) return Error(Errc::io_failure, {}, {}, directory.string() + ": " + error.message());
  return {};
}

Result<void> BackupDirectory::add_file(const std::string& path, std::string_view text) {
  return state_->files.write(data_path(path), text);
}

Result<BackupSummary> BackupDirectory::publish(const std::string& id, UnixNanos created_at,
                                               Signer& signer) {
  BackupFiles& files = state_->files;
  FLORIN_TRY_VOID(
      files.write(std::string(verify::kBackupKeyFile), public_key_pem(signer.public_key_der())));
  BackupSummary summary{.directory = state_->final_path,
                        .files = files.files(),
                        .bytes = files.bytes(),
                        .ledgers = state_->ledgers.size()};
  const std::string sums = files.sums();
  const std::string manifest = verify::format_backup_manifest({.id = id,
                                                               .created_at = to_rfc3339(created_at),
                                                               .files = summary.files,
                                                               .bytes = summary.bytes,
                                                               .sums_sha256 = sha256(view_of(sums)),
                                                               .ledgers = state_->ledgers});
  for (const verify::BackupLedger& ledger : state_->ledgers) summary.entries += ledger.entries;
  summary.manifest_sha256 = sha256(view_of(manifest));
  // What leaves the house is read back with the verifier's eyes first.
  FLORIN_TRY_VOID(verify::parse_backup_manifest(manifest));
  FLORIN_TRY(const Bytes signature, signer.sign(view_of(manifest)));
  FLORIN_TRY_VOID(write_file(files.root() / verify::kBackupSumsFile, sums));
  FLORIN_TRY_VOID(write_file(files.root() / verify::kBackupManifestFile, manifest));
  FLORIN_TRY_VOID(write_file(files.root() / verify::kBackupSignatureFile, text_of(signature)));
  FLORIN_TRY_VOID(files.sync_directories());
  FLORIN_TRY_VOID(publish_file(files.root(), state_->final_path));
  state_->published = true;
  return summary;
}

}  // namespace florin::ledger
