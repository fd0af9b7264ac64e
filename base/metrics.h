#pragma once
/// Counters and gauges with names, and their page in the Prometheus text format 0.0.4. Integers
/// only.
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace florin::metrics {

/// Only grows. Thread-safe, without a lock.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// A value of now. Thread-safe, without a lock.
class Gauge {
 public:
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

/// Label names and values, e.g. {{"operation", "wrap"}}. Never anything secret or of a payer.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// Owned by the composition root. Thread-safe. What it hands out lives as long as it does; the same
/// name with the same labels gives the same meter. A name belongs to one type.
class Registry {
 public:
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  /// All meters, ordered by name and labels.
  [[nodiscard]] std::string to_text() const;

 private:
  struct Family {
    std::string help;
    std::map<std::string, std::unique_ptr<Counter>> counters;  ///< by their labels as text
    std::map<std::string, std::unique_ptr<Gauge>> gauges;
  };
  Family& family(std::string_view name, std::string_view help);

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace florin::metrics
