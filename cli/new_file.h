#pragma once
/// Files that must not exist before.
#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace florin::cli {

/// Writes and flushes; what the umask took is given back. Errors: `state_conflict` when the path
/// exists, `io_failure`; the field is the path.
Result<void> write_new_file(const std::filesystem::path& path, std::string_view text, mode_t mode);

}  // namespace florin::cli
