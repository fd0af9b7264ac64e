#pragma once
/// What the simulations share: a scratch directory in memory where there is one, seeds, and a time
/// or a count to run for.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "support/long_run.h"

namespace florin::ledger::sim {

inline std::uint64_t seed_of_run() {
  const char* given = std::getenv("FLORIN_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  return seed;
}

/// Durability is simulated here, so flushing to a real disk would only take time.
inline void prefer_memory_for_scratch() {
  if (std::getenv("TMPDIR") == nullptr && std::filesystem::exists("/dev/shm")) {
    setenv("TMPDIR", "/dev/shm", 0);
  }
}

/// Quick runs end by the clock, long ones by the count.
class Budget {
 public:
  Budget(std::chrono::seconds quick, std::uint64_t full)
      : deadline_(std::chrono::steady_clock::now() + quick), full_(full) {}
  [[nodiscard]] bool allows(std::uint64_t done) const {
    return test::long_run() ? done < full_ : std::chrono::steady_clock::now() < deadline_;
  }

 private:
  std::chrono::steady_clock::time_point deadline_;
  std::uint64_t full_;
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Replaces the file; zeroes at its end are not written, only counted.
inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  {
    const std::size_t last = text.find_last_not_of('\0');
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    if (last != std::string_view::npos) {
      file.write(text.data(), static_cast<std::streamsize>(last + 1));
    }
  }
  std::filesystem::resize_file(path, text.size());
}

}  // namespace florin::ledger::sim
