#pragma once
/// Ours against PostgreSQL, taking turns in slices of a few seconds.
#include <filesystem>
#include <string>

#include "bench/measure.h"

namespace florin::bench {

struct CompareOptions {
  std::filesystem::path directory;  ///< on the file system that has PostgreSQL's data
  std::string conninfo;
  unsigned rounds = 5;
  double slice_seconds = 2;
};

void compare_ledgers(const CompareOptions& options, Metrics& metrics);

}  // namespace florin::bench
