#pragma once
/// Looks up the entries that reversals name: in entries.jsonl by a sparse index, or, when they
/// stand before the period, in earlier_entries.jsonl, where they follow in the order of the
/// reversals.
#include <cstdint>
#include <filesystem>
#include <vector>

#include "ledger/verify/leaf.h"
#include "ledger/verify/leaf_hashes.h"
#include "ledger/verify/package_files.h"

namespace florin::verify {

class EarlierEntries {
 public:
  /// How far a verification has come; enough to go on.
  struct Progress {
    std::vector<std::uint64_t> index;  ///< byte of every 64th line of entries.jsonl
    LineReader::Place before;          ///< in earlier_entries.jsonl
  };

  EarlierEntries(const std::filesystem::path& directory, std::uint64_t from_seq);

  /// Notes where the line of the next entry of the period begins.
  void note(std::uint64_t seq, std::uint64_t byte);
  /// Errors: `ledger_mismatch` tells what is wrong with the file or the line.
  Result<Leaf> leaf(std::uint64_t seq);
  /// True when earlier_entries.jsonl has no line left and `count` were read.
  Result<void> finish(std::uint64_t count);

  [[nodiscard]] Progress progress() const;
  void resume(Progress progress);

 private:
  Result<Leaf> read(LineReader& lines, std::uint64_t seq, bool spelled);

  std::filesystem::path directory_;
  std::uint64_t from_seq_;
  std::vector<std::uint64_t> index_;
  LineReader before_;
  LeafHashes hashes_;
};

}  // namespace florin::verify
