#include "hsm/pin_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace florin::hsm {
namespace {

constexpr std::string_view kCredential = "credential:";
constexpr std::string_view kFile = "file:";
constexpr std::size_t kLongestPin = 255;
constexpr const char* kField = "hsm.pin_source";

Error missing(std::string message, std::string detail = {}) {
  return Error(Errc::hsm_pin_missing, kField, std::move(message), std::move(detail));
}

Result<std::string> path_of(std::string_view source) {
  if (source.starts_with(kCredential)) {
    const std::string name(source.substr(kCredential.size()));
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
      return Error(Errc::config_invalid, kField, "the credential's name is not valid");
    }
    const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr || directory[0] != '/') {
      return missing("the service manager passed no credentials");
    }
    return std::string(directory) + "/" + name;
  }
  if (source.starts_with(kFile)) source.remove_prefix(kFile.size());
  if (!source.starts_with('/')) {
    return Error(Errc::config_invalid, kField, "expected credential:NAME or an absolute file path");
  }
  return std::string(source);
}

Result<Secret> read_private_file(int file) {
  struct stat info{};
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    return missing("the PIN is not in a regular file");
  }
  // The manager's credential files belong to root or to us and are readable by us alone.
  if ((info.st_uid != geteuid() && info.st_uid != 0) || (info.st_mode & 077U) != 0) {
    return missing("the PIN file must be owned by the service and closed to group and others");
  }
  Secret buffer(kLongestPin + 2);
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t count = read(file, buffer.writable().data() + size, buffer.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return missing("the PIN file cannot be read", std::strerror(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > 0 && buffer.view()[size - 1] == '\n') --size;
  if (size == 0) return missing("the PIN file is empty");
  if (size > kLongestPin) return missing("the PIN is too long");
  return Secret(buffer.view().first(size));
}

}  // namespace

Result<Secret> read_pin(std::string_view source) {
  FLORIN_TRY(const std::string path, path_of(source));
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return missing("the PIN file cannot be opened", std::strerror(errno));
  Result<Secret> pin = read_private_file(file);
  close(file);
  return pin;
}

}  // namespace florin::hsm
