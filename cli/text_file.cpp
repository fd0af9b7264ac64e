#include "cli/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace florin::cli {
namespace {

constexpr std::size_t kMaxBytes = 16UL * 1024;

}  // namespace

Result<std::string> read_text_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(Errc::io_failure, path, std::strerror(errno == 0 ? EIO : errno));
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty() || text.size() > kMaxBytes) {
    return Error(Errc::malformed_value, path, "has to hold 1 to 16384 bytes");
  }
  return text;
}

}  // namespace florin::cli
