#pragma once
/// The anchor of the books: a file with the signed heads of all ledgers, and outside the data
/// directory, in the security module, the file's hash. Whoever puts back an older state of the
/// whole directory cannot put back the hash.
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "ledger/anchor.h"

namespace florin::control {

/// Keeps 32 bytes where an older state of the data directory does not reach. A write that a crash
/// cuts short leaves the old value or the new one.
class AnchorSeal {
 public:
  virtual ~AnchorSeal() = default;
  virtual Result<std::optional<Bytes>> read() = 0;
  virtual Result<void> write(BytesView hash) = 0;
};

/// By the origin of the ledger's checkpoints.
using AnchoredHeads = std::map<std::string, ledger::Anchor>;

/// <data>/anchor: "anchor 1", then for each ledger "<size> <root, hex> <origin>", in the order of
/// origins, a line feed behind each. While a new one is being sealed it stands beside the old one
/// as anchor.new. Used by one thread at a time.
class AnchorStore {
 public:
  /// `seal` outlives it.
  AnchorStore(std::filesystem::path data_directory, AnchorSeal& seal)
      : directory_(std::move(data_directory)), seal_(seal) {}

  /// The heads that the ledgers must contain; none before the first store, and none after a restore
  /// until the next one. Error: `ledger_mismatch` when the file is missing or not the sealed one.
  Result<AnchoredHeads> load();
  /// True between a restore (`restored` in the data directory) and the next store.
  [[nodiscard]] bool is_restored() const;
  /// Adds to what was loaded; no head goes back. Durable when it returns. Only after load. After an
  /// error the module may know what was being sealed: the next call completes that before it begins
  /// another.
  Result<void> store(const AnchoredHeads& heads);

 private:
  Result<void> seal(AnchoredHeads next);

  std::filesystem::path directory_;
  AnchorSeal& seal_;
  AnchoredHeads known_;
  std::optional<AnchoredHeads> unsettled_;  // what anchor.new has, and perhaps the module knows
  bool stored_ = false;                     // known_ is what the file has
};

}  // namespace florin::control
