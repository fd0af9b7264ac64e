#pragma once
/// What needs no counterpart but the disk: a lone commit, reading back, verification, growth.
#include <cstdint>
#include <filesystem>

#include "bench/measure.h"

namespace florin::bench {

/// A lone commit against a bare flush; then a ledger of `entries` entries is written, its segments
/// are verified, its database is rebuilt, and an export of it is verified.
void measure_ledger(const std::filesystem::path& directory, std::uint64_t entries,
                    Metrics& metrics);
/// Writes a ledger of `entries` entries, and says how its speed and size grow.
void grow_ledger(const std::filesystem::path& directory, std::uint64_t entries, Metrics& metrics);
/// Opens such a ledger in this process, serves 64 clients and reads from it, and says how much
/// memory that takes.
void serve_ledger(const std::filesystem::path& directory, Metrics& metrics);

}  // namespace florin::bench
