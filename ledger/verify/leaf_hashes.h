#pragma once
/// leaf-hashes.bin of a package: the hash of every leaf of the whole ledger, read where it lies.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"

namespace florin::verify {

class LeafHashes {
 public:
  explicit LeafHashes(const std::filesystem::path& path);
  /// RFC 9162 roots over the first n hashes, for each n of `sizes`; one pass over the file. Errors:
  /// `not_found`, `malformed_value` when there are not `size` hashes, `io_failure`.
  Result<std::unordered_map<std::uint64_t, Hash32>> roots(std::uint64_t size,
                                                          const std::set<std::uint64_t>& sizes);
  /// Of entry `seq`; quick when asked in order. Error: `io_failure`.
  Result<Hash32> at(std::uint64_t seq);

 private:
  std::filesystem::path path_;
  std::ifstream in_;
  std::vector<Hash32> window_;
  std::uint64_t first_ = 0;  // seq of the window's first hash
};

}  // namespace florin::verify
