#include "ledger/export_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "ledger/verify/package_text.h"

namespace florin::ledger {
namespace {

namespace fs = std::filesystem;

Error io_failure(const fs::path& path, std::string_view what) {
  return Error(Errc::io_failure, "directory", {}, path.string() + ": " + std::string(what));
}

// Flushes a file, or the names in a directory.
Result<void> sync_path(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return io_failure(path, "cannot be opened");
  const bool good = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!good) return io_failure(path, "cannot be flushed");
  return {};
}

}  // namespace

Result<std::unique_ptr<PackageDirectory>> PackageDirectory::create(const fs::path& final_path) {
  // "a/b/" and "a/b" are the same directory.
  const fs::path target = final_path.has_filename() ? final_path : final_path.parent_path();
  fs::path partial = target;
  partial += ".partial";
  std::error_code error;
  for (const fs::path& path : {target, partial}) {
    if (fs::exists(fs::symlink_status(path, error))) {
      return Error(Errc::validation_failed, "directory",
                   "The directory \"" + path.string() + "\" exists already.");
    }
  }
  if (!fs::create_directory(partial, error)) return io_failure(partial, "cannot be created");
  std::unique_ptr<PackageDirectory> out(new PackageDirectory(target, partial));
  fs::permissions(partial, fs::perms::owner_all, error);
  if (error) return io_failure(partial, "cannot be protected");
  return out;
}

PackageDirectory::~PackageDirectory() {
  if (published_) return;
  files_.clear();
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
}

void PackageDirectory::write(std::string_view file, BytesView bytes) {
  auto at = files_.find(file);
  if (at == files_.end()) {
    at = files_.try_emplace(std::string(file)).first;
    at->second.out.open(partial_ / file, std::ios::binary | std::ios::trunc);
  }
  const std::string_view text = text_of(bytes);
  at->second.out.write(text.data(), static_cast<std::streamsize>(text.size()));
  at->second.hash.update(bytes);
  bytes_ += bytes.size();
}

void PackageDirectory::write_line(std::string_view file, std::string line) {
  line.push_back('\n');
  write(file, view_of(line));
}

Result<void> PackageDirectory::close_files(std::string& sums) {
  for (auto& [name, file] : files_) {
    file.out.close();
    if (file.out.fail()) return io_failure(partial_ / name, "cannot be written");
    FLORIN_TRY_VOID(sync_path(partial_ / name));
    sums += to_hex(file.hash.finish()) + "  " + name + "\n";
  }
  files_.clear();
  return {};
}

Result<Hash32> PackageDirectory::publish() {
  std::string sums;
  FLORIN_TRY_VOID(close_files(sums));
  write(verify::kSumsFile, view_of(sums));
  std::string ignored;
  FLORIN_TRY_VOID(close_files(ignored));
  FLORIN_TRY_VOID(sync_path(partial_));
  std::error_code error;
  fs::rename(partial_, final_, error);
  if (error) return io_failure(final_, "cannot be renamed to");
  published_ = true;
  FLORIN_TRY_VOID(sync_path(fs::absolute(final_, error).parent_path()));
  return sha256(view_of(sums));
}

}  // namespace florin::ledger
