// The C library's names are given by assembler labels, so that its headers may declare or wrap the
// same names as they like. What is let through goes to the kernel directly. No msync: nobody calls
// it, since LMDB maps its data for reading only.
#include "syscall_shim.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace florin::ledger::sim {
namespace {

struct Watch {
  ShimState* state = nullptr;
  std::string prefix;
  Fault fault = Fault::none;
  std::uint64_t at = 0;
  bool dead = false;
  std::vector<ino_t> failed_flushes;
};

// The calls that are interposed belong to the process, so this does too.
std::atomic<bool> armed = false;
std::mutex watch_mutex;
Watch& watch() {
  static Watch watched;
  return watched;
}

enum class Kind : std::uint8_t { write, flush, map, name };

struct Verdict {
  int error = 0;  ///< errno, 0: let through
  bool half = false;
};

template <std::size_t N>
void copy_text(std::array<char, N>& to, std::string_view from) {
  to.fill('\0');
  std::copy_n(from.begin(), std::min(from.size(), N - 1), to.begin());
}

Verdict verdict_of(Fault fault, Kind kind) {
  switch (fault) {
    case Fault::none:
      return {};
    case Fault::eio:
      return {EIO};
    case Fault::enospc:
      return {kind == Kind::map ? ENOMEM : ENOSPC};
    case Fault::eintr:
      return kind == Kind::write ? Verdict{EINTR} : Verdict{};
    case Fault::short_write:
      return kind == Kind::write ? Verdict{0, true} : Verdict{};
    case Fault::dies:
      return kind == Kind::write ? Verdict{0, true} : Verdict{EIO};
  }
  return {};
}

// Counts a call on a path, and tells what becomes of it.
Verdict judge(const char* operation, std::string_view path, Kind kind, ino_t inode) {
  const std::lock_guard lock(watch_mutex);
  Watch& now = watch();
  if (!armed || !path.starts_with(now.prefix)) return {};
  path.remove_prefix(now.prefix.size());
  ShimCall call;
  copy_text(call.operation, operation);
  copy_text(call.file, path);
  call.writes = kind == Kind::write;
  const std::uint64_t number = now.state->count++;
  if (number < ShimState::kKnownCalls) now.state->calls[number] = call;
  if (kind == Kind::flush && std::ranges::count(now.failed_flushes, inode) > 0) {
    ++now.state->flushes_retried;
  }
  Verdict verdict;
  if (now.dead) {
    verdict.error = kind == Kind::map ? 0 : EIO;
  } else if (number == now.at) {
    verdict = verdict_of(now.fault, kind);
    if (verdict.error != 0 || verdict.half) {
      now.state->hit_call = call;
      now.state->hit = true;
      now.dead = now.fault == Fault::dies;
    }
  }
  const bool of_books = path.starts_with("log") || path.starts_with("proj");
  if (kind == Kind::flush && verdict.error != 0 && of_books) now.failed_flushes.push_back(inode);
  return verdict;
}

[[maybe_unused]] Verdict judge(const char* operation, int descriptor, Kind kind) {
  if (!armed || descriptor < 0) return {};
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  struct stat status{};
  if (size <= 0 || fstat(descriptor, &status) != 0) return {};
  return judge(operation, {path.data(), static_cast<std::size_t>(size)}, kind, status.st_ino);
}

[[maybe_unused]] int refuse(int error) {
  errno = error;
  return -1;
}

}  // namespace

const char* name_of(Fault fault) noexcept {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::eio:
      return "EIO";
    case Fault::enospc:
      return "ENOSPC";
    case Fault::eintr:
      return "EINTR";
    case Fault::short_write:
      return "short write";
    case Fault::dies:
      return "disk dies";
  }
  return "?";
}

void arm_shim(ShimState& state, const std::filesystem::path& directory, Fault fault,
              std::uint64_t at) {
  const std::string prefix = std::filesystem::canonical(directory).string() + "/";
  const std::lock_guard lock(watch_mutex);
  watch() = {&state, prefix, fault, at, false, {}};
  armed = true;
}

void disarm_shim() noexcept {
  armed = false;
}

#if defined(FLORIN_NO_SYSCALL_SHIM)

bool shim_works() noexcept {
  return false;
}

#else

bool shim_works() noexcept {
  return true;
}

// NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): these are the kernel's ways
extern "C" {

ssize_t shim_pwrite(int descriptor, const void* data, std::size_t size, off_t at) __asm__("pwrite");
ssize_t shim_pwrite(int descriptor, const void* data, std::size_t size, off_t at) {
  const Verdict verdict = judge("pwrite", descriptor, Kind::write);
  if (verdict.error != 0) return refuse(verdict.error);
  return syscall(SYS_pwrite64, descriptor, data, verdict.half ? (size + 1) / 2 : size, at);
}

ssize_t shim_write(int descriptor, const void* data, std::size_t size) __asm__("write");
ssize_t shim_write(int descriptor, const void* data, std::size_t size) {
  const Verdict verdict = judge("write", descriptor, Kind::write);
  if (verdict.error != 0) return refuse(verdict.error);
  return syscall(SYS_write, descriptor, data, verdict.half ? (size + 1) / 2 : size);
}

// Half of a vector is its first part.
ssize_t shim_writev(int descriptor, const iovec* parts, int count) __asm__("writev");
ssize_t shim_writev(int descriptor, const iovec* parts, int count) {
  const Verdict verdict = judge("writev", descriptor, Kind::write);
  if (verdict.error != 0) return refuse(verdict.error);
  return syscall(SYS_writev, descriptor, parts, verdict.half ? (count + 1) / 2 : count);
}

ssize_t shim_pwritev(int descriptor, const iovec* parts, int count, off_t at) __asm__("pwritev");
ssize_t shim_pwritev(int descriptor, const iovec* parts, int count, off_t at) {
  const Verdict verdict = judge("pwritev", descriptor, Kind::write);
  if (verdict.error != 0) return refuse(verdict.error);
  return syscall(SYS_pwritev, descriptor, parts, verdict.half ? (count + 1) / 2 : count, at, 0);
}

int shim_fdatasync(int descriptor) __asm__("fdatasync");
int shim_fdatasync(int descriptor) {
  const Verdict verdict = judge("fdatasync", descriptor, Kind::flush);
  if (verdict.error != 0) return refuse(verdict.error);
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}

int shim_fsync(int descriptor) __asm__("fsync");
int shim_fsync(int descriptor) {
  const Verdict verdict = judge("fsync", descriptor, Kind::flush);
  if (verdict.error != 0) return refuse(verdict.error);
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}

int shim_ftruncate(int descriptor, off_t size) __asm__("ftruncate");
int shim_ftruncate(int descriptor, off_t size) {
  const Verdict verdict = judge("ftruncate", descriptor, Kind::name);
  if (verdict.error != 0) return refuse(verdict.error);
  return static_cast<int>(syscall(SYS_ftruncate, descriptor, size));
}

int shim_fchmod(int descriptor, mode_t mode) __asm__("fchmod");
int shim_fchmod(int descriptor, mode_t mode) {
  const Verdict verdict = judge("fchmod", descriptor, Kind::name);
  if (verdict.error != 0) return refuse(verdict.error);
  return static_cast<int>(syscall(SYS_fchmod, descriptor, mode));
}

void* shim_mmap(void* at, std::size_t size, int protection, int flags, int descriptor,
                off_t offset) __asm__("mmap");
void* shim_mmap(void* at, std::size_t size, int protection, int flags, int descriptor,
                off_t offset) {
  const Verdict verdict = judge("mmap", descriptor, Kind::map);
  long result = -1;
  if (verdict.error != 0) {
    refuse(verdict.error);
  } else {
    result = syscall(SYS_mmap, at, size, protection, flags, descriptor, offset);
  }
  return reinterpret_cast<void*>(result);  // NOLINT(*-reinterpret-cast,*-int-to-ptr)
}

int shim_rename(const char* from, const char* to) __asm__("rename");
int shim_rename(const char* from, const char* to) {
  const Verdict verdict = armed ? judge("rename", from, Kind::name, 0) : Verdict{};
  if (verdict.error != 0) return refuse(verdict.error);
  return static_cast<int>(syscall(SYS_rename, from, to));
}

int shim_open(const char* path, int flags, ...) __asm__("open");
int shim_open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
    const Verdict verdict = armed ? judge("create", path, Kind::name, 0) : Verdict{};
    if (verdict.error != 0) return refuse(verdict.error);
  }
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

}  // extern "C"
// NOLINTEND(cppcoreguidelines-pro-type-vararg)

#endif

}  // namespace florin::ledger::sim
