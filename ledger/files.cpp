#include "ledger/files.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "ledger/log_file.h"

namespace florin::ledger {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kSealedMode = 0400;
constexpr mode_t kDirectoryMode = 0700;

// A file that the kernel keeps append-only or immutable refuses every change of its mode, and does
// not need it.
bool is_kept_by_kernel(int descriptor) {
  // The kernel writes an int here, whatever the request's number says (ioctl_iflags(2)).
  int flags = 0;
  return ioctl(descriptor, FS_IOC_GETFLAGS, &flags) == 0 &&
         (flags & (FS_APPEND_FL | FS_IMMUTABLE_FL)) != 0;
}

Result<void> seal_file(int descriptor, const std::filesystem::path& path) {
  if (fchmod(descriptor, kSealedMode) != 0) {
    const bool forbidden = errno == EPERM;
    const Error error = io_error("fchmod", path);
    if (!forbidden || !is_kept_by_kernel(descriptor)) return error;
  }
  if (fsync(descriptor) != 0) return io_error("fsync", path);
  return {};
}

class PosixLogFile final : public LogFile {
 public:
  PosixLogFile(Descriptor descriptor, std::filesystem::path path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}
  Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
    return ledger::write_at(descriptor_.number(), offset, bytes, path_);
  }
  Result<void> sync() override {
    if (fdatasync(descriptor_.number()) != 0) return io_error("fdatasync", path_);
    return {};
  }
  Result<void> seal() override { return seal_file(descriptor_.number(), path_); }

 private:
  Descriptor descriptor_;
  std::filesystem::path path_;
};

}  // namespace

Result<void> write_at(int descriptor, std::uint64_t offset, BytesView bytes,
                      const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t count =
        pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    // Some file systems write nothing instead of saying why.
    if (count == 0) errno = ENOSPC;
    if (count <= 0) return io_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Error io_error(std::string_view action, const std::filesystem::path& path) {
  return Error(Errc::io_failure, {}, {},
               std::string(action) + " " + path.string() + ": " + std::strerror(errno));
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) close(number_);
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

Result<std::unique_ptr<LogFile>> PosixLogFiles::create(const std::filesystem::path& path) {
  Descriptor descriptor(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (descriptor.number() < 0) return io_error("create", path);
  return std::unique_ptr<LogFile>(std::make_unique<PosixLogFile>(std::move(descriptor), path));
}

Result<void> PosixLogFiles::seal(const std::filesystem::path& path) {
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) return io_error("open", path);
  return seal_file(descriptor.number(), path);
}

Result<std::uint64_t> PosixLogFiles::free_bytes(const std::filesystem::path& directory) {
  struct statvfs status{};
  int result = 0;
  do {
    result = statvfs(directory.c_str(), &status);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return io_error("statvfs", directory);
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

Result<void> sync_directory(const std::filesystem::path& path) {
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.number() < 0) return io_error("open", path);
  if (fsync(descriptor.number()) != 0) return io_error("fsync", path);
  return {};
}

Result<void> ensure_directory(const std::filesystem::path& path) {
  if (mkdir(path.c_str(), kDirectoryMode) == 0) return sync_directory(path.parent_path());
  if (errno != EEXIST) return io_error("mkdir", path);
  return {};
}

Result<Descriptor> lock_directory(const std::filesystem::path& path) {
  const std::filesystem::path file = path / "lock";
  Descriptor descriptor(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (descriptor.number() < 0) return io_error("open", file);
  if (flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return io_error("flock", file);
    return Error(Errc::state_conflict, {}, "The ledger is in use by another process.",
                 path.string());
  }
  return descriptor;
}

Result<void> publish_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return io_error("rename", from);
  return sync_directory(to.parent_path());
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path temporary = path.string() + ".new";
  {
    const Descriptor descriptor(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
    if (descriptor.number() < 0) return io_error("create", temporary);
    FLORIN_TRY_VOID(write_at(descriptor.number(), 0, view_of(text), temporary));
    if (fsync(descriptor.number()) != 0) return io_error("fsync", temporary);
  }
  return publish_file(temporary, path);
}

Result<Bytes> read_file(const std::filesystem::path& path) {
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (descriptor.number() < 0 || fstat(descriptor.number(), &status) != 0) {
    return io_error("open", path);
  }
  Bytes bytes(static_cast<std::size_t>(status.st_size));
  FLORIN_TRY(const std::size_t count, read_at(descriptor.number(), 0, bytes, path));
  bytes.resize(count);
  return bytes;
}

Result<std::size_t> read_at(int descriptor, std::uint64_t offset, std::span<std::uint8_t> out,
                            const std::filesystem::path& path) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count =
        pread(descriptor, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error("read", path);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

}  // namespace florin::ledger
