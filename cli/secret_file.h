#pragma once
/// Secrets come from files or standard input and go to new files; never through arguments.
#include <filesystem>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace florin::cli {

/// The text of a file without the line end; "-" reads `input`. At most 4 KiB, one line, not empty.
/// Errors: `io_failure`, `malformed_value`; the field is the path.
Result<std::string> read_secret(const std::string& path, std::istream& input);
/// True if others than the owner may read the file.
bool readable_by_others(const std::filesystem::path& path) noexcept;

/// A file that did not exist, readable by its owner only. It is claimed before the request is sent,
/// so that a secret which is shown once never meets a full disk or a wrong path; an unfilled one is
/// removed again.
class NewSecretFile {
 public:
  /// Errors: `state_conflict` when the path exists, `io_failure`.
  static Result<NewSecretFile> create(std::filesystem::path path);
  NewSecretFile(const NewSecretFile&) = delete;
  NewSecretFile& operator=(const NewSecretFile&) = delete;
  NewSecretFile(NewSecretFile&& other) noexcept;
  NewSecretFile& operator=(NewSecretFile&&) = delete;
  ~NewSecretFile();
  /// Writes the text and a line feed, flushes to disk.
  Result<void> fill(std::string_view text);

 private:
  NewSecretFile(std::filesystem::path path, int descriptor);
  std::filesystem::path path_;
  int descriptor_;
  bool filled_ = false;
};

}  // namespace florin::cli
