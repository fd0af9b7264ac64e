#include "daemon/port_file.h"

#include <fstream>

namespace florin {

Result<void> write_port_file(const std::filesystem::path& path, std::uint16_t port) {
  const std::filesystem::path temporary = path.string() + ".new";
  {
    std::ofstream out(temporary);
    out << port << "\n";
    out.flush();
    if (!out) return Error(Errc::io_failure, {}, temporary.string() + ": cannot be written");
  }
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) return Error(Errc::io_failure, {}, path.string() + ": " + error.message());
  return {};
}

}  // namespace florin
