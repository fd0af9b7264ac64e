#include "cli/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/secret.h"

namespace florin::cli {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

Error file_error(Errc code, const std::filesystem::path& path, int number) {
  return Error(code, path.string(), std::strerror(number));
}

}  // namespace

Result<std::string> read_secret(const std::string& path, std::istream& input) {
  std::ifstream file;
  std::istream* source = &input;
  if (path != "-") {
    errno = 0;
    file.open(path, std::ios::binary);
    if (!file) return file_error(Errc::io_failure, path, errno == 0 ? EIO : errno);
    source = &file;
  }
  std::string text(kMaxSecretBytes + 1, '\0');
  source->read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(source->gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty() || text.size() > kMaxSecretBytes || text.find('\n') != std::string::npos) {
    wipe(text);
    return Error(Errc::malformed_value, path, "has to hold one line of at most 4096 bytes");
  }
  return text;
}

bool readable_by_others(const std::filesystem::path& path) noexcept {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
         (facts.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

NewSecretFile::NewSecretFile(std::filesystem::path path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

NewSecretFile::NewSecretFile(NewSecretFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      filled_(other.filled_) {}

NewSecretFile::~NewSecretFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!filled_) ::unlink(path_.c_str());
}

Result<NewSecretFile> NewSecretFile::create(std::filesystem::path path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
  if (descriptor < 0) {
    return file_error(errno == EEXIST ? Errc::state_conflict : Errc::io_failure, path, errno);
  }
  return NewSecretFile(std::move(path), descriptor);
}

Result<void> NewSecretFile::fill(std::string_view text) {
  std::string line(text);
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int number = errno;
      wipe(line);
      return file_error(Errc::io_failure, path_, number);
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  wipe(line);
  if (::fsync(descriptor_) != 0) return file_error(Errc::io_failure, path_, errno);
  filled_ = true;
  return {};
}

}  // namespace florin::cli
