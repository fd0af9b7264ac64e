#pragma once
/// What a verification found.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace florin::verify {

/// One thing that is wrong, as close to the place as it is known.
struct Finding {
  std::string file;
  std::optional<std::uint64_t> line{};   ///< from 1
  std::optional<std::uint64_t> entry{};  ///< seq
  std::optional<std::uint64_t> byte{};   ///< offset in the file, or in the line when one is named
  std::string problem{};
  /// "entries.jsonl line 7 (entry 6): …"
  [[nodiscard]] std::string text() const;
};

struct Report {
  std::vector<Finding> findings;
  /// True when the expected key was brought along instead of taken from the package.
  bool key_trusted = false;
  std::string key_sha256;  ///< of the DER SubjectPublicKeyInfo, hexadecimal
  std::string origin;
  std::string tenant;
  std::string mode;
  bool evaluation = false;
  bool evaluation_proven = false;  ///< the genesis entry is part of the package
  std::uint64_t size = 0;          ///< of the signed tree
  std::string root;                ///< hexadecimal, computed from the leaf hashes
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  std::uint64_t entries = 0;  ///< that were read and checked
  std::uint64_t postings = 0;
  std::uint64_t accounts = 0;
  /// The period does not begin with the first entry: the books began with stated balances.
  bool opening_stated = false;
  std::optional<std::uint64_t> previous_size{};  ///< of an older checkpoint found consistent
  /// Entries that an earlier, interrupted run had checked already.
  std::optional<std::uint64_t> resumed_entries{};
  bool interrupted = false;        ///< asked to stop; neither good nor bad, but for the findings
  std::vector<std::string> notes;  ///< not about the package, but about this verification

  [[nodiscard]] bool ok() const noexcept { return findings.empty() && !interrupted; }
};

}  // namespace florin::verify
