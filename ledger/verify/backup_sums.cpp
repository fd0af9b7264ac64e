#include "ledger/verify/backup_sums.h"

#include <set>

#include "ledger/verify/backup_text.h"
#include "ledger/verify/package_files.h"
#include "ledger/verify/sums_file.h"

namespace florin::verify {
namespace {

namespace fs = std::filesystem;

bool stands_outside_sums(std::string_view path) {
  return path == kBackupManifestFile || path == kBackupSignatureFile || path == kBackupSumsFile;
}

bool belongs_to_sums(std::string_view path) {
  return is_backup_path(path) && !stands_outside_sums(path);
}

// Plain files by their path below the directory; anything else is a finding.
std::set<std::string> list_files(const fs::path& directory, std::vector<Finding>& findings) {
  std::set<std::string> out;
  std::error_code error;
  fs::recursive_directory_iterator at(directory, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().lexically_relative(directory).string();
    const fs::file_type type = at->symlink_status(error).type();
    if (type == fs::file_type::directory) continue;
    if (type != fs::file_type::regular) {
      findings.push_back({.file = name, .problem = "is not a plain file"});
    } else if (!stands_outside_sums(name)) {
      out.insert(name);
    }
  }
  if (error) findings.push_back({.file = ".", .problem = "cannot be listed: " + error.message()});
  return out;
}

}  // namespace

BackupFiles check_backup_sums(const fs::path& directory, std::vector<Finding>& findings) {
  BackupFiles out;
  std::set<std::string> names = list_files(directory, findings);
  out.sums = read_sums(directory / kBackupSumsFile, kBackupSumsFile, belongs_to_sums, findings);
  for (const auto& [name, sum] : out.sums) {
    if (names.erase(name) == 0) {
      findings.push_back({.file = name, .problem = "is missing"});
      continue;
    }
    const auto digest = hash_file(directory / name);
    if (!digest.ok()) {
      findings.push_back({.file = name, .problem = digest.error().message()});
    } else if (to_hex(*digest) != sum) {
      findings.push_back({.file = name, .problem = "its SHA-256 is not the one in SHA256SUMS"});
    }
    std::error_code ignored;
    out.bytes += fs::file_size(directory / name, ignored);
  }
  for (const std::string& name : names) {
    findings.push_back({.file = name, .problem = "does not belong to the backup"});
  }
  return out;
}

}  // namespace florin::verify
