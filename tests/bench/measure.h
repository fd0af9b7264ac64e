#pragma once
/// What measurements share: time, medians, what the kernel counts, and where results go.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace florin::bench {

using Steady = std::chrono::steady_clock;

inline double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

/// Ends the program: a measurement of something that does not work is worth nothing.
[[noreturn]] void fail(const std::string& what);

template <typename T>
T need(Result<T> result) {
  if (!result.ok()) fail(result.error().to_log());
  return std::move(result).value();
}
inline void need(const Result<void>& result) {
  if (!result.ok()) fail(result.error().to_log());
}

/// `share` from 0 to 1; 0.5 is the median. Zero when there are no values.
double quantile(std::vector<double> values, double share);
inline double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}
/// "2.1 .. 3.4"
std::string range_text(const std::vector<double>& values);

/// Bytes that this process has handed to write calls (wchar of /proc/self/io). The count of
/// `write_bytes` is in whole folios of the page cache, which overstates small writes by far.
std::uint64_t written_bytes();
/// A line of /proc/self/status in KiB, e.g. "RssAnon".
std::uint64_t status_kib(const std::string& name);
/// Bytes of memory or disk that the regular files below `directory` take.
std::uint64_t stored_bytes(const std::string& directory);

/// Writes "NAME VALUE" lines to a file that a script collects.
class Metrics {
 public:
  explicit Metrics(const std::string& file);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  void put(const std::string& name, double value);
  /// Also prints it, with a remark.
  void show(const std::string& name, double value, const std::string& remark = {});

 private:
  std::FILE* file_;
};

}  // namespace florin::bench
