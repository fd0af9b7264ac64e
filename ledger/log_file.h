#pragma once
/// Writing to the log as a port, so that tests can make the disk fail.
#include <filesystem>
#include <memory>

#include "base/bytes.h"

namespace florin::ledger {

/// One file that is being written. Used by the ledger's writer thread alone.
class LogFile {
 public:
  virtual ~LogFile() = default;
  /// Writes all of `bytes` at `offset`. Error: `io_failure`.
  virtual Result<void> write_at(std::uint64_t offset, BytesView bytes) = 0;
  /// Makes the content durable (fdatasync). After an error nothing is known of what was written
  /// since the last success, and asking again proves nothing: the caller stops.
  virtual Result<void> sync() = 0;
  /// Nothing will be written any more: takes the right to write from the file (mode 0400) and makes
  /// content and mode durable (fsync). Not retried either.
  virtual Result<void> seal() = 0;
};

class LogFiles {
 public:
  virtual ~LogFiles() = default;
  /// Creates a file that must not exist, mode 0600.
  virtual Result<std::unique_ptr<LogFile>> create(const std::filesystem::path& path) = 0;
  /// As LogFile::seal, for a file of an earlier run.
  virtual Result<void> seal(const std::filesystem::path& path) = 0;
  /// What may still be written to the file system of `directory`. Error: `io_failure`.
  virtual Result<std::uint64_t> free_bytes(const std::filesystem::path& directory) = 0;
};

/// The machine's files.
class PosixLogFiles final : public LogFiles {
 public:
  Result<std::unique_ptr<LogFile>> create(const std::filesystem::path& path) override;
  Result<void> seal(const std::filesystem::path& path) override;
  Result<std::uint64_t> free_bytes(const std::filesystem::path& directory) override;
};

}  // namespace florin::ledger
