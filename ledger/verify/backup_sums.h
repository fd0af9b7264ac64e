#pragma once
/// The files of a backup held against its SHA256SUMS.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ledger/verify/report.h"

namespace florin::verify {

struct BackupFiles {
  std::map<std::string, std::string> sums;  ///< path to SHA-256, as listed
  std::uint64_t bytes = 0;                  ///< of the files that are there
};

/// Every file listed once, sorted, unchanged; no file, link or other thing that is not listed. What
/// is wrong is appended to `findings`.
BackupFiles check_backup_sums(const std::filesystem::path& directory,
                              std::vector<Finding>& findings);

}  // namespace florin::verify
