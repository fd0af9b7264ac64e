#pragma once
/// An LMDB environment: one directory with one data file.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "ledger/lmdb/transaction.h"

struct MDB_env;

namespace florin::lmdb {

struct EnvironmentOptions {
  std::filesystem::path directory;  ///< must exist
  std::uint64_t map_bytes = 0;      ///< address space to reserve = the largest size of the file
  unsigned max_tables = 32;
};

/// Owns the mapping. Thread-safe; transactions must end before it does.
class Environment {
 public:
  /// Errors: `state_conflict` when this process has the directory open already (LMDB's file locks
  /// do not survive a second open), `ledger_corrupt` when it is not an LMDB file, `io_failure`.
  static Result<std::unique_ptr<Environment>> open(const EnvironmentOptions& options);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  /// A snapshot of the last commit. Error: `overloaded` when 512 readers are active.
  [[nodiscard]] Result<ReadTransaction> read() const;
  /// Waits for the writer before, if any.
  [[nodiscard]] Result<WriteTransaction> write();
  /// Frees reader slots of dead processes.
  Result<void> check_readers();
  /// Writes `data.mdb` into an empty directory: a snapshot of the last commit, while writing goes
  /// on. `compact` leaves free pages out, and with them what was deleted. Not durable yet.
  Result<void> copy_to(const std::filesystem::path& directory, bool compact) const;
  /// Bytes of the map that are in use by the last commit (highest page), for a head-room check.
  [[nodiscard]] std::uint64_t used_bytes() const;

 private:
  Environment(MDB_env* handle, std::string registered_path);
  MDB_env* handle_;
  std::string registered_path_;
};

}  // namespace florin::lmdb
