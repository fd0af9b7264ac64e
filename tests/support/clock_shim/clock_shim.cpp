// Moves the wall clock of a process that loads it: FLORIN_CLOCK_SHIM names a file of eight bytes,
// the nanoseconds to add to CLOCK_REALTIME, which may change while the process runs.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using Offset = std::atomic<std::int64_t>;
static_assert(sizeof(Offset) == sizeof(std::int64_t));

const Offset* map_offset() {
  const char* const path = std::getenv("FLORIN_CLOCK_SHIM");
  if (path == nullptr) return nullptr;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* const mapped = mmap(nullptr, sizeof(Offset), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return mapped == MAP_FAILED ? nullptr : static_cast<const Offset*>(mapped);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const Offset* const offset = map_offset();
  constexpr std::int64_t second = 1'000'000'000;
  const long done = syscall(SYS_clock_gettime, clock, time);
  if (done != 0 || clock != CLOCK_REALTIME || offset == nullptr) return static_cast<int>(done);
  const std::int64_t moved = time->tv_sec * second + time->tv_nsec + offset->load();
  time->tv_sec = moved / second;
  time->tv_nsec = moved % second;
  return 0;
}
