#pragma once
/// Whether the kernel keeps the books append-only.
#include <filesystem>
#include <string_view>
#include <vector>

namespace florin::control {

/// Over all segments in these directories. "yes": those that are written have the append-only
/// attribute (chattr(1) +a), the sealed ones are immutable (+i). "no": at least one has not.
/// "unsupported": the file system of one knows no attributes. "unknown": one cannot be read, or
/// there is none.
std::string_view append_only(const std::vector<std::filesystem::path>& log_directories);

}  // namespace florin::control
