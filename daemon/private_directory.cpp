#include "daemon/private_directory.h"

#include <fmt/format.h>

namespace florin {

Result<void> make_private_directory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return Error(Errc::io_failure, {}, fmt::format("{}: {}", path.string(), error.message()));
  }
  return {};
}

}  // namespace florin
