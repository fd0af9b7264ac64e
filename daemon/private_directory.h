#pragma once
/// A directory that the process's umask keeps to itself.
#include <filesystem>

#include "base/result.h"

namespace florin {

/// Makes it where it is missing, with what stands above it. Error: `io_failure` naming the path.
Result<void> make_private_directory(const std::filesystem::path& path);

}  // namespace florin
