#pragma once
/// The files of a package while it is written: each is hashed on its way to the disk.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"

namespace florin::ledger {

/// A directory `<final>.partial` that becomes `<final>` when all went well and vanishes otherwise.
class PackageDirectory {
 public:
  /// Errors: `validation_failed` when either directory exists, `io_failure`.
  static Result<std::unique_ptr<PackageDirectory>> create(const std::filesystem::path& final_path);
  ~PackageDirectory();
  PackageDirectory(const PackageDirectory&) = delete;
  PackageDirectory& operator=(const PackageDirectory&) = delete;

  /// Appends to a file, which is created at first use. Failures are kept until `publish`.
  void write(std::string_view file, BytesView bytes);
  void write_line(std::string_view file, std::string line);
  /// Writes SHA256SUMS, flushes everything to the disk and renames. Returns the hash of SHA256SUMS.
  Result<Hash32> publish();
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct File {
    std::ofstream out;
    Sha256Stream hash;
  };
  PackageDirectory(std::filesystem::path final_path, std::filesystem::path partial)
      : final_(std::move(final_path)), partial_(std::move(partial)) {}
  Result<void> close_files(std::string& sums);

  std::filesystem::path final_;
  std::filesystem::path partial_;
  std::map<std::string, File, std::less<>> files_;
  std::uint64_t bytes_ = 0;
  bool published_ = false;
};

}  // namespace florin::ledger
