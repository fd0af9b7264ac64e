#pragma once
/// Whether the kernel keeps the books append-only.
#include <filesystem>
#include <string_view>

namespace florin::control {

/// "yes" when the newest segment below `log_directory` has the append-only attribute (chattr(1)
/// +a), "no" when it has not, "unknown" when the file system cannot tell.
std::string_view append_only(const std::filesystem::path& log_directory);

}  // namespace florin::control
