#pragma once
/// The system calls of this process that write, flush and map files of one directory, counted, and
/// one of them made to fail. Calls of the C library are taken from whoever makes them, LMDB
/// included.
#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>

namespace florin::ledger::sim {

enum class Fault : std::uint8_t {
  none,
  eio,          ///< the call fails once with EIO
  enospc,       ///< once with ENOSPC
  eintr,        ///< a write fails once with EINTR
  short_write,  ///< a write takes half
  dies,         ///< as short_write or eio, then every write, flush and new name fails with EIO
};

const char* name_of(Fault fault) noexcept;

struct ShimCall {
  std::array<char, 12> operation{};
  std::array<char, 52> file{};  ///< below the directory that is watched
  bool writes = false;
};

/// Lies in memory that parent and child share: a child tells by it even when it is killed.
struct ShimState {
  static constexpr std::size_t kKnownCalls = 8192;
  std::atomic<std::uint64_t> count = 0;
  std::atomic<bool> hit = false;
  std::atomic<std::uint64_t> flushes_retried = 0;  ///< below log/ and proj/, after one failed
  ShimCall hit_call;
  std::array<ShimCall, kKnownCalls> calls;  ///< all of them, while `count` fits
};

/// False where the sanitizers have these calls for themselves.
bool shim_works() noexcept;
/// From now on, and for this process, which has done this once at most: lets `fault` happen at the
/// call with number `at` (from 0) that concerns `directory`.
void arm_shim(ShimState& state, const std::filesystem::path& directory, Fault fault,
              std::uint64_t at);
void disarm_shim() noexcept;

}  // namespace florin::ledger::sim
