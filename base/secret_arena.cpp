#include "base/secret_arena.h"

#include <sodium.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

namespace florin {
namespace {

constexpr std::size_t kCanaryBytes = 8;
static_assert(SecretArena::kSlotBytes == SecretArena::kLargestSecret + 2 * kCanaryBytes);

struct Arena {
  std::mutex mutex;
  std::uint8_t* begin = nullptr;  // set once, under the mutex
  std::size_t slots = 0;
  std::vector<std::uint32_t> free;  // numbers of slots; none of them holds a secret
  std::array<std::uint8_t, kCanaryBytes> canary{};
};

// Never destroyed: secrets may be released after static destructors ran.
Arena& arena() {
  static auto* const only = new Arena;
  return *only;
}

std::size_t in_pages(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

Error not_locked(std::size_t bytes) {
  return Error(Errc::config_invalid, "LimitMEMLOCK",
               "memory for keys cannot be locked: " + std::to_string(bytes) +
                   " bytes are needed; raise LimitMEMLOCK of the service (ulimit -l)");
}

// Not mlock(): under the address sanitizer that function does nothing and says that all is well.
bool lock_pages(const std::uint8_t* begin, std::size_t bytes) noexcept {
  return ::syscall(SYS_mlock, begin, bytes) == 0;
}

// Between two pages that nobody may touch. Null when it cannot be had.
std::uint8_t* map_guarded(std::size_t bytes) {
  const std::size_t page = in_pages(1);
  void* const whole =
      ::mmap(nullptr, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (whole == MAP_FAILED) return nullptr;
  std::uint8_t* const begin = static_cast<std::uint8_t*>(whole) + page;
  const bool good = ::mprotect(begin, bytes, PROT_READ | PROT_WRITE) == 0 &&
                    ::madvise(begin, bytes, MADV_DONTDUMP) == 0 &&
                    ::madvise(begin, bytes, MADV_WIPEONFORK) == 0 && lock_pages(begin, bytes);
  if (good) return begin;
  ::munmap(whole, bytes + 2 * page);
  return nullptr;
}

std::uint8_t* slot_at(const Arena& arena, std::size_t number) {
  return arena.begin + number * SecretArena::kSlotBytes;
}

}  // namespace

Result<std::size_t> locked_memory_bytes() {
  std::ifstream status("/proc/self/status");
  constexpr std::string_view name = "VmLck:";
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t digits = line.find_first_of("0123456789");
    if (digits == std::string::npos) break;
    std::size_t kibibytes = 0;
    const char* const end = line.data() + line.size();
    if (std::from_chars(line.data() + digits, end, kibibytes).ec != std::errc{}) break;
    return kibibytes * 1024;
  }
  return Error(Errc::io_failure, {}, {}, "/proc/self/status does not tell VmLck");
}

Result<void> SecretArena::open(std::size_t bytes) {
  if (sodium_init() < 0) return Error(Errc::internal, {}, {}, "sodium_init");
  Arena& own = arena();
  const std::lock_guard lock(own.mutex);
  if (own.begin != nullptr) return Error(Errc::already_initialised);
  bytes = in_pages(bytes);
  FLORIN_TRY(const std::size_t before, locked_memory_bytes());
  std::uint8_t* const begin = map_guarded(bytes);
  if (begin == nullptr) return not_locked(bytes);
  FLORIN_TRY(const std::size_t after, locked_memory_bytes());
  if (after < before + bytes) return not_locked(bytes);
  randombytes_buf(own.canary.data(), own.canary.size());
  own.slots = bytes / kSlotBytes;
  own.free.reserve(own.slots);
  // The lowest slot is taken first.
  for (std::size_t i = own.slots; i > 0; --i) own.free.push_back(static_cast<std::uint32_t>(i - 1));
  own.begin = begin;
  return {};
}

std::uint8_t* SecretArena::take() noexcept {
  Arena& own = arena();
  const std::lock_guard lock(own.mutex);
  if (own.free.empty()) return nullptr;
  std::uint8_t* const slot = slot_at(own, own.free.back());
  own.free.pop_back();
  std::copy(own.canary.begin(), own.canary.end(), slot);
  std::uint8_t* const secret = slot + kCanaryBytes;
  std::copy(own.canary.begin(), own.canary.end(), secret + kLargestSecret);
  return secret;
}

bool SecretArena::give_back(std::uint8_t* secret) noexcept {
  Arena& own = arena();
  const std::lock_guard lock(own.mutex);
  if (own.begin == nullptr || secret < own.begin || secret >= own.begin + own.slots * kSlotBytes) {
    return false;
  }
  const auto number = static_cast<std::size_t>(secret - own.begin) / kSlotBytes;
  std::uint8_t* const slot = slot_at(own, number);
  FLORIN_ASSERT(secret == slot + kCanaryBytes);
  FLORIN_ASSERT(std::equal(own.canary.begin(), own.canary.end(), slot) &&
                std::equal(own.canary.begin(), own.canary.end(), secret + kLargestSecret));
  sodium_memzero(slot, kSlotBytes);
  // Room for every number was reserved, so this does not allocate.
  own.free.push_back(static_cast<std::uint32_t>(number));
  return true;
}

std::size_t SecretArena::used() noexcept {
  Arena& own = arena();
  const std::lock_guard lock(own.mutex);
  return own.slots - own.free.size();
}

std::size_t SecretArena::capacity() noexcept {
  Arena& own = arena();
  const std::lock_guard lock(own.mutex);
  return own.slots;
}

}  // namespace florin
