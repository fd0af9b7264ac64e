#pragma once
/// Reading the files of an export package: bounded, read-only, line by line.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "ledger/verify/report.h"

namespace florin::verify {

inline constexpr std::size_t kMaxLineBytes = std::size_t{64} * 1024;

/// Lines that end with a line feed. Not thread-safe.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& path);
  /// The next line without its line feed, valid until the next call; nothing at the end. Error:
  /// `malformed_value` for a line that is too long or not ended, `io_failure`.
  Result<std::optional<std::string_view>> next();
  /// Of the line last read, from 1.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  /// Where the next line begins.
  struct Place {
    std::uint64_t byte = 0;
    std::uint64_t lines_before = 0;
  };
  [[nodiscard]] Place place() const noexcept { return {read_ - (size_ - at_), number_}; }
  /// Goes on from a place that `place` told of the same file.
  void go_to(const Place& place);

 private:
  void fill();

  std::ifstream in_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;      // of the next line in the buffer
  std::size_t size_ = 0;    // bytes in the buffer
  std::uint64_t read_ = 0;  // bytes of the file up to the end of the buffer
  std::uint64_t number_ = 0;
};

/// A whole file of at most `limit` bytes. Errors: `not_found`, `payload_too_large`, `io_failure`.
Result<std::string> read_small_file(const std::filesystem::path& path, std::size_t limit);
using BytesRead = std::function<void(std::uint64_t bytes)>;
/// `read` is told of each piece.
Result<Hash32> hash_file(const std::filesystem::path& path, const BytesRead& read = {});

/// Holds SHA256SUMS against the directory: every file listed once, sorted, unchanged, and no file
/// that is not of a package. What is wrong is appended to `findings`. `progress` is told of bytes
/// read and all bytes.
void check_sums(const std::filesystem::path& directory, std::vector<Finding>& findings,
                const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace florin::verify
