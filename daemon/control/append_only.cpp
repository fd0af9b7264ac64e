#include "daemon/control/append_only.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace florin::control {

std::string_view append_only(const std::filesystem::path& log_directory) {
  std::error_code error;
  std::filesystem::path newest;
  for (const auto& file : std::filesystem::directory_iterator(log_directory, error)) {
    if (file.path().extension() == ".seg" && file.path() > newest) newest = file.path();
  }
  const int descriptor = ::open(newest.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return "unknown";
  // The kernel writes an int here, whatever the request's number says (ioctl_iflags(2)).
  int flags = 0;
  const bool known = ::ioctl(descriptor, FS_IOC_GETFLAGS, &flags) == 0;
  ::close(descriptor);
  if (!known) return "unknown";
  return (flags & FS_APPEND_FL) != 0 ? "yes" : "no";
}

}  // namespace florin::control
