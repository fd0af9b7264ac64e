#include "daemon/pin_marker.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace florin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "pin-refused";

Error io_error(const fs::path& path) {
  return Error(Errc::io_failure, {}, {}, path.string() + ": " + std::strerror(errno));
}

Result<void> sync(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor < 0) return io_error(path);
  const bool good = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!good) return io_error(path);
  return {};
}

}  // namespace

bool pin_was_refused(const fs::path& data_directory) {
  std::error_code error;
  return fs::exists(data_directory / kName, error);
}

Result<void> mark_pin_refused(const fs::path& data_directory) {
  FLORIN_TRY_VOID(sync(data_directory / kName, O_WRONLY | O_CREAT));
  return sync(data_directory, O_RDONLY | O_DIRECTORY);
}

Result<void> unmark_pin_refused(const fs::path& data_directory) {
  std::error_code error;
  if (!fs::remove(data_directory / kName, error) && error) {
    return Error(Errc::io_failure, {}, {}, error.message());
  }
  return sync(data_directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace florin
