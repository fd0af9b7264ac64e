#include "ledger/segment_window.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

namespace florin::ledger {
namespace {

// Several of the largest groups, so that little is read twice.
constexpr std::size_t kWindowBytes = std::size_t{4} << 20U;

// Each byte equals the one before: fast also where nothing is optimised.
bool all_zero(BytesView bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

Result<SegmentWindow> SegmentWindow::open(const std::filesystem::path& path) {
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (descriptor.number() < 0 || fstat(descriptor.number(), &status) != 0) {
    return io_error("open", path);
  }
  return SegmentWindow(std::move(descriptor), path, static_cast<std::uint64_t>(status.st_size));
}

Result<BytesView> SegmentWindow::at(std::uint64_t offset, std::size_t wanted) {
  if (offset >= size_) return BytesView{};
  const std::uint64_t end = std::min<std::uint64_t>(size_, offset + wanted);
  if (offset < start_ || end > start_ + buffer_.size()) {
    buffer_.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(size_ - offset, std::max(wanted, kWindowBytes))));
    start_ = offset;
    auto count = read_at(descriptor_.number(), offset, buffer_, path_);
    // Nothing half read may be taken for content.
    if (!count.ok()) {
      buffer_.clear();
      return count.error();
    }
    buffer_.resize(*count);
  }
  return BytesView(buffer_).subspan(static_cast<std::size_t>(offset - start_));
}

Result<bool> SegmentWindow::zero_from(std::uint64_t offset) {
  while (offset < size_) {
    FLORIN_TRY(const BytesView bytes, at(offset, 1));
    if (bytes.empty()) break;
    if (!all_zero(bytes)) return false;
    offset += bytes.size();
  }
  return true;
}

}  // namespace florin::ledger
