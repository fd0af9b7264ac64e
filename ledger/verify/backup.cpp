#include "ledger/verify/backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/signature.h"
#include "base/uuid.h"
#include "ledger/verify/backup_sums.h"
#include "ledger/verify/note.h"
#include "ledger/verify/package_files.h"
#include "ledger/verify/segment.h"

namespace florin::verify {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxManifestBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxKeyBytes = 4096;
constexpr std::array<std::string_view, 3> kModes{"system", "test", "live"};

struct Segment {
  std::string name;  ///< below the backup
  ClearSegmentHeader header;
};

class BackupCheck {
 public:
  BackupCheck(fs::path directory, const BackupOptions& options)
      : directory_(std::move(directory)), options_(options) {}

  Result<BackupReport> run() {
    FLORIN_TRY_VOID(check_manifest());
    files_ = check_backup_sums(directory_, report_.findings);
    check_totals();
    for (const BackupLedger& ledger : report_.manifest.ledgers) check_ledger(ledger);
    report_.sums = std::move(files_.sums);
    return std::move(report_);
  }

 private:
  void fail(std::string_view file, std::string problem) {
    report_.findings.push_back({.file = std::string(file), .problem = std::move(problem)});
  }

  // Only an unusable key that was brought along is an error.
  Result<void> check_manifest() {
    const auto text = read_small_file(directory_ / kBackupManifestFile, kMaxManifestBytes);
    if (!text.ok()) {
      fail(kBackupManifestFile, text.error().message());
    } else {
      auto manifest = parse_backup_manifest(*text);
      if (manifest.ok()) {
        report_.manifest = std::move(*manifest);
        readable_ = true;
      } else {
        fail(kBackupManifestFile, manifest.error().message());
      }
    }
    FLORIN_TRY(key_, public_key());
    if (key_.empty()) return {};
    report_.key_sha256 = to_hex(sha256(key_));
    const auto signature = read_small_file(directory_ / kBackupSignatureFile, kMaxKeyBytes);
    if (!signature.ok()) {
      fail(kBackupSignatureFile, signature.error().message());
    } else if (text.ok() && !verify_ecdsa_p256(key_, view_of(*text), view_of(*signature)).ok()) {
      fail(kBackupSignatureFile,
           "is not the key's signature over " + std::string(kBackupManifestFile));
    }
    return {};
  }

  Result<Bytes> public_key() {
    if (options_.public_key_pem) {
      auto key = public_key_from_pem(*options_.public_key_pem);
      if (!key.ok()) return Error(Errc::malformed_value, "key", "not a public key in PEM");
      report_.key_trusted = true;
      return key;
    }
    const auto text = read_small_file(directory_ / kBackupKeyFile, kMaxKeyBytes);
    // Sums that do not name it would not find that it is missing.
    if (!text.ok()) {
      fail(kBackupKeyFile, text.error().message());
      return Bytes{};
    }
    auto key = public_key_from_pem(*text);
    if (key.ok()) return key;
    fail(kBackupKeyFile, "not a public key in PEM");
    return Bytes{};
  }

  void check_totals() {
    if (!readable_) return;
    const auto digest = hash_file(directory_ / kBackupSumsFile);
    if (!digest.ok()) {
      fail(kBackupSumsFile, digest.error().message());
    } else if (*digest != report_.manifest.sums_sha256) {
      fail(kBackupSumsFile, "its SHA-256 is not the one in the manifest");
    }
    if (files_.sums.size() != report_.manifest.files || files_.bytes != report_.manifest.bytes) {
      fail(kBackupManifestFile, "number or size of the files is not that of SHA256SUMS");
    }
  }

  void check_ledger(const BackupLedger& ledger) {
    const std::vector<Segment> segments = read_headers(ledger);
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < segments.size(); ++i) bytes += check_segment(ledger, segments, i);
    if (segments.size() != ledger.segments || bytes != ledger.bytes) {
      fail(ledger.path, fmt::format("has {} segments with {} bytes, the manifest says {} with {}",
                                    segments.size(), bytes, ledger.segments, ledger.bytes));
    }
    if (segments.empty()) fail(ledger.path, "has no segment");
    check_checkpoint(ledger);
  }

  [[nodiscard]] std::vector<std::string> files_below(const std::string& folder) const {
    std::vector<std::string> out;
    for (auto at = files_.sums.lower_bound(folder);
         at != files_.sums.end() && at->first.starts_with(folder); ++at) {
      out.push_back(at->first);
    }
    return out;
  }

  std::vector<Segment> read_headers(const BackupLedger& ledger) {
    std::vector<Segment> out;
    for (std::string& name : files_below(place(ledger, "log/"))) {
      auto header = read_clear_header(directory_ / name);
      if (!header.ok()) {
        fail(name, header.error().message());
      } else {
        out.push_back({std::move(name), *header});
      }
    }
    return out;
  }

  static std::string place(const BackupLedger& ledger, std::string_view folder) {
    return fmt::format("{}/{}/{}", kBackupDataDirectory, ledger.path, folder);
  }

  // Returns the bytes of its file.
  std::uint64_t check_segment(const BackupLedger& ledger, const std::vector<Segment>& segments,
                              std::size_t index) {
    const auto& [name, header] = segments[index];
    const bool is_last = index + 1 == segments.size();
    std::error_code ignored;
    const std::uint64_t bytes = fs::file_size(directory_ / name, ignored);
    if (header.number != index) fail(name, fmt::format("segment {} is missing", index));
    if (header.tenant.text() != ledger.tenant || kModes[header.mode] != ledger.mode) {
      fail(name, "belongs to another ledger");
    }
    if (fs::path(name).filename() != fmt::format("{:020}.seg", header.first_seq)) {
      fail(name, "has the name of another segment");
    }
    if (index == 0 && (header.first_seq != 0 || header.previous_end != 0)) {
      fail(name, "is not the first segment of a ledger");
    }
    const std::uint64_t end = is_last ? bytes : segments[index + 1].header.previous_end;
    const std::uint64_t next_seq = is_last ? ledger.entries : segments[index + 1].header.first_seq;
    if (end > bytes) {
      fail(name, fmt::format("has {} bytes, the next segment says {}", bytes, end));
      return bytes;
    }
    const auto frames = count_frames(directory_ / name, end);
    if (!frames.ok()) {
      fail(name, frames.error().message());
      return bytes;
    }
    if (!is_last && bytes == end) {
      const auto digest = hash_file(directory_ / name);
      if (!digest.ok() || *digest != segments[index + 1].header.previous_digest) {
        fail(name, "is not what the header of the next segment says");
      }
    }
    const std::uint64_t reached = header.first_seq + *frames;
    const bool cut = !is_last && segments[index + 1].header.after_cut;
    if (next_seq < header.first_seq || (cut ? reached < next_seq : reached != next_seq)) {
      fail(name, fmt::format("holds entries {} to {}, the next one should be {}", header.first_seq,
                             reached, next_seq));
    }
    return bytes;
  }

  void check_checkpoint(const BackupLedger& ledger) {
    const std::vector<std::string> notes = files_below(place(ledger, "cp/0"));
    if (notes.empty()) {
      if (ledger.signed_size != 0) fail(ledger.path, "its signed checkpoint is missing");
      return;
    }
    const std::string& name = notes.back();
    const auto text = read_small_file(directory_ / name, kMaxNoteFileBytes);
    const auto note = text.ok() ? parse_note(*text) : Result<SignedNote>(text.error());
    if (!note.ok()) return fail(name, note.error().message());
    const Checkpoint& checkpoint = note->checkpoint;
    if (checkpoint.size != ledger.signed_size || checkpoint.root != ledger.signed_root ||
        checkpoint.size > ledger.entries) {
      fail(name, "is not the checkpoint that the manifest names");
    }
    if (checkpoint.size == ledger.entries && checkpoint.root != ledger.root) {
      fail(name, "has another root than the manifest");
    }
    if (key_.empty()) return;
    if (const auto proven = verify_note(*note, key_); !proven.ok()) {
      fail(name, proven.error().message());
    }
  }

  fs::path directory_;
  const BackupOptions& options_;
  BackupReport report_;
  bool readable_ = false;
  Bytes key_;
  BackupFiles files_;
};

}  // namespace

Result<BackupReport> verify_backup(const fs::path& directory, const BackupOptions& options) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return Error(Errc::not_found, "directory", "is not a directory");
  }
  return BackupCheck(directory, options).run();
}

}  // namespace florin::verify
