#include "ledger/backup_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "ledger/files.h"
#include "ledger/limits.h"
#include "ledger/log_file.h"

namespace florin::ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;
constexpr mode_t kFileMode = 0600;
// The books may lie on the same disk; a copy must not bring them to where commands are refused.
constexpr std::uint64_t kSpareBytes = 4 * kMinFreeBytes;

}  // namespace

Result<void> BackupFiles::proceed(std::uint64_t wanted) const {
  if (cancelled_) return Error(Errc::shutting_down, {}, "the backup was given up");
  FLORIN_TRY(const std::uint64_t free, PosixLogFiles().free_bytes(root_));
  if (free > wanted && free - wanted > kSpareBytes) return {};
  return Error(Errc::overloaded, {}, "the disk for backups is nearly full", root_.string());
}

void BackupFiles::keep(const std::string& path, const Hash32& digest, std::uint64_t bytes) {
  sums_[path] = to_hex(digest);
  bytes_ += bytes;
}

Result<fs::path> BackupFiles::make_directory(const std::string& path) {
  fs::path directory = root_;
  directories_.insert(directory);
  for (const fs::path& part : fs::path(path)) {
    directory /= part;
    FLORIN_TRY_VOID(ensure_directory(directory));
    directories_.insert(directory);
  }
  return directory;
}

Result<void> BackupFiles::copy(const fs::path& from, const std::string& path, std::uint64_t bytes) {
  FLORIN_TRY_VOID(proceed(bytes));
  FLORIN_TRY_VOID(make_directory(fs::path(path).parent_path().string()));
  const fs::path to = root_ / path;
  const Descriptor in(open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.number() < 0) return io_error("open", from);
  const Descriptor out(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (out.number() < 0) return io_error("create", to);
  Sha256Stream hash;
  Bytes chunk(kChunkBytes);
  for (std::uint64_t done = 0; done < bytes;) {
    if (cancelled_) return Error(Errc::shutting_down, {}, "the backup was given up");
    const std::span<std::uint8_t> part(
        chunk.data(), static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, bytes - done)));
    FLORIN_TRY(const std::size_t count, read_at(in.number(), done, part, from));
    if (count != part.size()) {
      return Error(Errc::io_failure, {}, {}, from.string() + ": ends too early");
    }
    FLORIN_TRY_VOID(write_at(out.number(), done, part, to));
    hash.update(part);
    done += count;
  }
  if (fsync(out.number()) != 0) return io_error("fsync", to);
  keep(path, hash.finish(), bytes);
  return {};
}

Result<void> BackupFiles::write(const std::string& path, std::string_view text) {
  FLORIN_TRY_VOID(proceed(text.size()));
  FLORIN_TRY_VOID(make_directory(fs::path(path).parent_path().string()));
  FLORIN_TRY_VOID(write_file(root_ / path, text));
  keep(path, sha256(view_of(text)), text.size());
  return {};
}

Result<void> BackupFiles::adopt(const std::string& path) {
  const fs::path file = root_ / path;
  const Descriptor in(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.number() < 0 || fchmod(in.number(), kFileMode) != 0) return io_error("open", file);
  if (fsync(in.number()) != 0) return io_error("fsync", file);
  Sha256Stream hash;
  Bytes chunk(kChunkBytes);
  std::uint64_t done = 0;
  for (;;) {
    FLORIN_TRY(const std::size_t count, read_at(in.number(), done, chunk, file));
    hash.update(BytesView(chunk).first(count));
    done += count;
    if (count < chunk.size()) break;
  }
  keep(path, hash.finish(), done);
  return {};
}

std::string BackupFiles::sums() const {
  std::string out;
  for (const auto& [path, sum] : sums_) out += fmt::format("{}  {}\n", sum, path);
  return out;
}

Result<void> BackupFiles::sync_directories() const {
  for (const fs::path& directory : directories_) FLORIN_TRY_VOID(sync_directory(directory));
  return {};
}

}  // namespace florin::ledger
