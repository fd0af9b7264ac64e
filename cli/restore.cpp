#include "cli/restore.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "base/hash.h"
#include "ledger/verify/note.h"
#include "ledger/verify/package_files.h"
#include "ledger/verify/restore_marker.h"
#include "ledger/verify/segment.h"

namespace florin::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;
constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr std::string_view kUnfinishedFile = "restoring";
constexpr std::string_view kDeliveryFolder = "delivery/";

Error io_error(std::string_view action, const fs::path& path) {
  return Error(Errc::io_failure, path.string(),
               fmt::format("{}: {}", action, std::strerror(errno)));
}

// After each restore notes of the same sizes are signed again, about other entries.
std::string superseded_name(const fs::path& note_path, const verify::SignedNote& note) {
  return fmt::format("{}-{}.note", note_path.stem().string(),
                     to_hex(BytesView(note.checkpoint.root).first(4)));
}

class File {
 public:
  File(const fs::path& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, kFileMode)) {}
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

Result<void> write_all(const File& file, BytesView bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return io_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> write_new(const fs::path& path, std::string_view text) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (file.number() < 0) return io_error("create", path);
  FLORIN_TRY_VOID(write_all(file, view_of(text), path));
  if (::fsync(file.number()) != 0) return io_error("fsync", path);
  return {};
}

Result<void> sync_directory(const fs::path& path) {
  const File directory(path, O_RDONLY | O_DIRECTORY);
  if (directory.number() < 0 || ::fsync(directory.number()) != 0) return io_error("fsync", path);
  return {};
}

class Restore {
 public:
  Restore(const RestoreOptions& options, RestoreSummary& summary)
      : options_(options), summary_(summary) {}

  Result<void> run() {
    FLORIN_TRY_VOID(plan());
    FLORIN_TRY_VOID(make_target());
    FLORIN_TRY_VOID(write_new(options_.target / kUnfinishedFile, {}));
    FLORIN_TRY_VOID(sync_directory(options_.target));
    for (const auto& [path, sum] : summary_.report.sums) {
      if (path.starts_with(kData)) FLORIN_TRY_VOID(take(path, sum));
    }
    for (const verify::BackupLedger& ledger : summary_.report.manifest.ledgers) {
      FLORIN_TRY_VOID(mark(ledger));
    }
    // Tells the next start that the anchor in the token is of another state.
    FLORIN_TRY_VOID(write_new(options_.target / verify::kRestoreMarkerFile, {}));
    for (const fs::path& directory : directories_) FLORIN_TRY_VOID(sync_directory(directory));
    const fs::path unfinished = options_.target / kUnfinishedFile;
    if (::unlink(unfinished.c_str()) != 0) return io_error("remove", unfinished);
    return sync_directory(options_.target);
  }

 private:
  static constexpr std::string_view kData = "data/";

  // How many entries each ledger keeps.
  Result<void> plan() {
    std::set<std::string> unknown;
    for (const auto& [name, size] : options_.sizes) unknown.insert(name);
    bool cut = false;
    for (const verify::BackupLedger& ledger : summary_.report.manifest.ledgers) {
      const std::string name = verify::backup_ledger_name(ledger);
      unknown.erase(name);
      const auto wanted = options_.sizes.find(name);
      std::uint64_t& kept = summary_.entries[name];
      kept = wanted == options_.sizes.end() ? ledger.entries : wanted->second;
      if (kept == 0 || kept > ledger.entries) {
        return Error(Errc::malformed_value, "--to-entry",
                     fmt::format("{} has {} entries in the backup", name, ledger.entries));
      }
      cut = cut || kept < ledger.entries;
    }
    if (!unknown.empty()) {
      return Error(Errc::malformed_value, "--to-entry",
                   fmt::format("the backup has no ledger {}", *unknown.begin()));
    }
    // Deliveries of events that are no longer there would stand in the way of new ones.
    summary_.deliveries = !cut;
    return {};
  }

  Result<void> make_target() {
    std::error_code error;
    if (fs::exists(options_.target, error)) {
      if (!fs::is_directory(options_.target, error) || !fs::is_empty(options_.target, error)) {
        return Error(Errc::state_conflict, options_.target.string(),
                     "exists and is not an empty directory; nothing was changed");
      }
      if (::chmod(options_.target.c_str(), kDirectoryMode) != 0) {
        return io_error("chmod", options_.target);
      }
      return {};
    }
    if (::mkdir(options_.target.c_str(), kDirectoryMode) != 0) {
      return io_error("mkdir", options_.target);
    }
    return sync_directory(fs::absolute(options_.target).parent_path());
  }

  [[nodiscard]] const verify::BackupLedger* ledger_of(std::string_view path) const {
    for (const verify::BackupLedger& ledger : summary_.report.manifest.ledgers) {
      if (path.starts_with(ledger.path) && path.substr(ledger.path.size()).starts_with('/')) {
        return &ledger;
      }
    }
    return nullptr;
  }

  [[nodiscard]] std::uint64_t kept_of(const verify::BackupLedger& ledger) const {
    return summary_.entries.find(verify::backup_ledger_name(ledger))->second;
  }

  // Decides what becomes of one file of the backup.
  Result<void> take(const std::string& name, const std::string& sum) {
    const fs::path from = options_.backup / name;
    const std::string path = name.substr(kData.size());
    if (path.starts_with(kDeliveryFolder) && !summary_.deliveries) return {};
    const verify::BackupLedger* const ledger = ledger_of(path);
    if (ledger == nullptr) return copy(from, path, sum);
    const std::string inner = path.substr(ledger->path.size() + 1);
    if (inner.starts_with("log/")) {
      FLORIN_TRY(const verify::ClearSegmentHeader header, verify::read_clear_header(from));
      return header.first_seq < kept_of(*ledger) ? copy(from, path, sum) : Result<void>{};
    }
    if (inner.starts_with("cp/") && !inner.starts_with("cp/superseded/")) {
      FLORIN_TRY(const std::string text, verify::read_small_file(from, verify::kMaxNoteFileBytes));
      FLORIN_TRY(const verify::SignedNote note, verify::parse_note(text));
      // What was signed stays as evidence, but not as something the books have to reach.
      if (note.checkpoint.size > kept_of(*ledger)) {
        return copy(from, ledger->path + "/cp/superseded/" + superseded_name(inner, note), sum);
      }
    }
    return copy(from, path, sum);
  }

  Result<void> make_directories(const fs::path& path) {
    fs::path directory = options_.target;
    directories_.insert(directory);
    for (const fs::path& part : path) {
      directory /= part;
      if (!directories_.insert(directory).second) continue;
      if (::mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
        return io_error("mkdir", directory);
      }
    }
    return {};
  }

  Result<void> copy(const fs::path& from, const std::string& path, const std::string& sum) {
    FLORIN_TRY_VOID(make_directories(fs::path(path).parent_path()));
    const fs::path to = options_.target / path;
    const File in(from, O_RDONLY);
    if (in.number() < 0) return io_error("open", from);
    const File out(to, O_WRONLY | O_CREAT | O_EXCL);
    if (out.number() < 0) return io_error("create", to);
    Sha256Stream hash;
    Bytes chunk(kChunkBytes);
    for (;;) {
      const ssize_t count = ::read(in.number(), chunk.data(), chunk.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return io_error("read", from);
      if (count == 0) break;
      const BytesView part = BytesView(chunk).first(static_cast<std::size_t>(count));
      hash.update(part);
      FLORIN_TRY_VOID(write_all(out, part, to));
    }
    if (::fsync(out.number()) != 0) return io_error("fsync", to);
    // The backup was verified a moment ago; this is about the copy.
    if (to_hex(hash.finish()) != sum) {
      return Error(Errc::io_failure, from.string(), "changed while it was copied");
    }
    ++summary_.files;
    return {};
  }

  Result<void> mark(const verify::BackupLedger& ledger) {
    const std::uint64_t kept = kept_of(ledger);
    const std::string text = verify::format_restore_marker({.backup = summary_.report.manifest.id,
                                                            .entries = kept,
                                                            .cut = kept < ledger.entries,
                                                            .signed_size = ledger.signed_size,
                                                            .signed_root = ledger.signed_root});
    return write_new(options_.target / ledger.path / verify::kRestoreMarkerFile, text);
  }

  const RestoreOptions& options_;
  RestoreSummary& summary_;
  std::set<fs::path> directories_;
};

}  // namespace

Result<RestoreSummary> restore_backup(const RestoreOptions& options) {
  RestoreSummary summary;
  FLORIN_TRY(summary.report,
             verify::verify_backup(options.backup, {.public_key_pem = options.public_key_pem}));
  if (!summary.report.ok()) return summary;
  FLORIN_TRY_VOID(Restore(options, summary).run());
  return summary;
}

}  // namespace florin::cli
