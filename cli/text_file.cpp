#include "cli/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/hash.h"

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

Result<std::string> file_digest(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(Errc::io_failure, path, std::strerror(errno == 0 ? EIO : errno));
  Sha256Stream digest;
  std::string part(kMaxBytes, '\0');
  std::uint64_t size = 0;
  while (file) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    const auto read = static_cast<std::size_t>(file.gcount());
    digest.update(view_of(std::string_view(part).substr(0, read)));
    size += read;
  }
  if (file.bad()) return Error(Errc::io_failure, path, "cannot be read to its end");
  if (size == 0) return Error(Errc::malformed_value, path, "is empty");
  return to_hex(digest.finish());
}

}  // namespace florin::cli
