#include "bench/measure.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace florin::bench {
namespace {

// The number behind "name:" in a file of /proc.
std::uint64_t number_in(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    std::uint64_t value = 0;
    if (word == name + ":" && file >> value) return value;
  }
  fail(std::string(path) + " has no " + name);
}

}  // namespace

void fail(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::min(at, values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

std::string range_text(const std::vector<double>& values) {
  if (values.empty()) return "-";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  char text[64];
  std::snprintf(text, sizeof text, "%.2f .. %.2f", *low, *high);
  return text;
}

std::uint64_t written_bytes() {
  return number_in("/proc/self/io", "wchar");
}

std::uint64_t status_kib(const std::string& name) {
  return number_in("/proc/self/status", name);
}

std::uint64_t stored_bytes(const std::string& directory) {
  constexpr std::uint64_t kBlockBytes = 512;
  std::uint64_t sum = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    struct stat status{};
    if (stat(file.path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      sum += static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes;
    }
  }
  return sum;
}

Metrics::Metrics(const std::string& file) : file_(std::fopen(file.c_str(), "ae")) {
  if (file_ == nullptr) fail("cannot write " + file);
}

Metrics::~Metrics() {
  std::fclose(file_);
}

void Metrics::put(const std::string& name, double value) {
  std::fprintf(file_, "%s %.4f\n", name.c_str(), value);
  std::fflush(file_);
}

void Metrics::show(const std::string& name, double value, const std::string& remark) {
  put(name, value);
  std::printf("%-44s %14.2f  %s\n", name.c_str(), value, remark.c_str());
  std::fflush(stdout);
}

}  // namespace florin::bench
