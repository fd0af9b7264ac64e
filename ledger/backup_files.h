#pragma once
/// The files of a backup while it is written: each is hashed on its way and durable when a call
/// returns. Private to the room.
#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"

namespace florin::ledger {

/// Below one directory, which exists. One thread at a time.
class BackupFiles {
 public:
  BackupFiles(std::filesystem::path root, const std::atomic<bool>& cancelled)
      : root_(std::move(root)), cancelled_(cancelled) {}

  /// Copies the first `bytes` bytes of a file. Errors: `io_failure`, also when it is shorter;
  /// `overloaded`, `shutting_down`.
  Result<void> copy(const std::filesystem::path& from, const std::string& path,
                    std::uint64_t bytes);
  Result<void> write(const std::string& path, std::string_view text);
  /// Takes up a file that was written here by another hand.
  Result<void> adopt(const std::string& path);
  /// Makes a directory, with those above it.
  Result<std::filesystem::path> make_directory(const std::string& path);
  /// SHA256SUMS of all files so far.
  [[nodiscard]] std::string sums() const;
  /// Makes the names of all files durable.
  Result<void> sync_directories() const;

  [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }
  [[nodiscard]] std::uint64_t files() const noexcept { return sums_.size(); }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  Result<void> proceed(std::uint64_t wanted) const;
  void keep(const std::string& path, const Hash32& digest, std::uint64_t bytes);

  std::filesystem::path root_;
  const std::atomic<bool>& cancelled_;
  std::map<std::string, std::string> sums_;
  std::set<std::filesystem::path> directories_;
  std::uint64_t bytes_ = 0;
};

}  // namespace florin::ledger
