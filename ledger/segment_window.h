#pragma once
/// Reads a segment through a buffer of bounded size, so that a start needs no memory for whole
/// segments.
#include <filesystem>

#include "base/bytes.h"
#include "ledger/files.h"

namespace florin::ledger {

/// One thread at a time.
class SegmentWindow {
 public:
  /// Error: `io_failure`.
  static Result<SegmentWindow> open(const std::filesystem::path& path);

  /// Bytes of the file when it was opened.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// The bytes from `offset` on: `wanted` of them or more, fewer only where the file ends. The view
  /// lives until the next call. Error: `io_failure`.
  Result<BytesView> at(std::uint64_t offset, std::size_t wanted);
  /// True when every byte from `offset` on is zero. Error: `io_failure`.
  Result<bool> zero_from(std::uint64_t offset);

 private:
  SegmentWindow(Descriptor descriptor, std::filesystem::path path, std::uint64_t size)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), size_(size) {}

  Descriptor descriptor_;
  std::filesystem::path path_;
  std::uint64_t size_;
  std::uint64_t start_ = 0;  // offset of buffer_ in the file
  Bytes buffer_;
};

}  // namespace florin::ledger
