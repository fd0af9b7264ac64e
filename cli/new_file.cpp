#include "cli/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace florin::cli {

Result<void> write_new_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0) {
    return Error(errno == EEXIST ? Errc::state_conflict : Errc::io_failure, path.string(),
                 std::strerror(errno));
  }
  // The umask may have taken bits that the file needs.
  bool good = ::fchmod(descriptor, mode) == 0;
  while (good && !text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    good = written > 0;
    if (good) text.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(descriptor) == 0;
  const int number = errno;
  ::close(descriptor);
  if (!good) {
    ::unlink(path.c_str());
    return Error(Errc::io_failure, path.string(), std::strerror(number));
  }
  return {};
}

}  // namespace florin::cli
