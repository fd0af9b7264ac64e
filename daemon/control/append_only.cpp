#include "daemon/control/append_only.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace florin::control {
namespace {

// From the best answer to the worst; the worst of all files counts.
enum class Kept : std::uint8_t { yes, no, unsupported, unknown };

Kept kept(const std::filesystem::path& segment) {
  const int descriptor = ::open(segment.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return Kept::unknown;
  struct stat status{};
  // The kernel writes an int here, whatever the request's number says (ioctl_iflags(2)).
  int flags = 0;
  const bool opened = ::fstat(descriptor, &status) == 0;
  const bool known = ::ioctl(descriptor, FS_IOC_GETFLAGS, &flags) == 0;
  const bool unsupported = !known && (errno == ENOTTY || errno == EOPNOTSUPP || errno == ENOSYS);
  ::close(descriptor);
  if (unsupported) return Kept::unsupported;
  if (!opened || !known) return Kept::unknown;
  // A sealed segment has lost the right to write.
  const bool sealed = (status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
  const int wanted = sealed ? FS_IMMUTABLE_FL : FS_APPEND_FL | FS_IMMUTABLE_FL;
  return (flags & wanted) != 0 ? Kept::yes : Kept::no;
}

}  // namespace

std::string_view append_only(const std::vector<std::filesystem::path>& log_directories) {
  Kept worst = Kept::yes;
  bool any = false;
  for (const std::filesystem::path& directory : log_directories) {
    std::error_code error;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
      if (at->path().extension() != ".seg") continue;
      any = true;
      worst = std::max(worst, kept(at->path()));
    }
    if (error) return "unknown";
  }
  if (!any) return "unknown";
  switch (worst) {
    case Kept::yes:
      return "yes";
    case Kept::no:
      return "no";
    case Kept::unsupported:
      return "unsupported";
    case Kept::unknown:
      break;
  }
  return "unknown";
}

}  // namespace florin::control
