#include "ledger/verify/backup_sums.h"

#include <set>

#include "ledger/verify/backup_text.h"
#include "ledger/verify/package_files.h"

namespace florin::verify {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHexDigits = 64;

bool stands_outside_sums(std::string_view path) {
  return path == kBackupManifestFile || path == kBackupSignatureFile || path == kBackupSumsFile;
}

std::map<std::string, std::string> read_sums(const fs::path& path, std::vector<Finding>& findings) {
  std::map<std::string, std::string> sums;
  LineReader lines(path);
  const auto bad = [&](std::string what) {
    findings.push_back(
        {.file = std::string(kBackupSumsFile), .line = lines.number(), .problem = std::move(what)});
  };
  for (;;) {
    const auto line = lines.next();
    if (!line.ok()) {
      bad(line.error().message());
      return sums;
    }
    if (!*line) return sums;
    const std::string_view text = **line;
    if (text.size() <= kHexDigits + 2 || text.substr(kHexDigits, 2) != "  ") {
      bad("not a sum and a path");
      continue;
    }
    const std::string sum(text.substr(0, kHexDigits));
    const std::string name(text.substr(kHexDigits + 2));
    if (sum.find_first_not_of("0123456789abcdef") != std::string::npos) bad("not a SHA-256 sum");
    if (!is_backup_path(name) || stands_outside_sums(name)) {
      bad("not the path of a file of a backup");
      continue;
    }
    if (!sums.empty() && name <= sums.rbegin()->first) bad("the paths are not sorted");
    sums.emplace(name, sum);
  }
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
  out.sums = read_sums(directory / kBackupSumsFile, findings);
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
