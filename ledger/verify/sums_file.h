#pragma once
/// SHA256SUMS as packages and backups carry it.
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/verify/report.h"

namespace florin::verify {

/// The sums by name. A line that sha256sum would not have written so, a name that `belongs` refuses
/// and names that are not sorted are findings under `shown`; what has no sum or a refused name is
/// left out, so that no file elsewhere is read.
std::map<std::string, std::string> read_sums(const std::filesystem::path& path,
                                             std::string_view shown,
                                             const std::function<bool(std::string_view)>& belongs,
                                             std::vector<Finding>& findings);

}  // namespace florin::verify
