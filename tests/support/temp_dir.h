#pragma once
/// A directory that is gone after the test.
#include <filesystem>
#include <string>

#include "base/entropy.h"

namespace florin::test {

class TempDir {
 public:
  TempDir() {
    SystemEntropy entropy;
    ByteArray<8> random{};
    entropy.fill(random);
    path_ = std::filesystem::temp_directory_path() / ("florin-test-" + to_hex(random));
    std::filesystem::create_directories(path_);
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace florin::test
