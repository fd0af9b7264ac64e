#pragma once
/// The book's file: one JSON object a line, append-only. One thread writes and flushes, many
/// entries a flush.
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "daemon/net/task.h"

namespace florin::sandbox {

/// `append` and `durable` are called on one thread. When the file cannot be written the process
/// ends: no answer may tell what is not on disk.
class Journal {
 public:
  /// Opens or makes the file, hands every entry to `each` in order, cuts off a torn last line.
  /// Errors: `io_failure`, `already_initialised` when another process has it open,
  /// `malformed_json` or what `each` returns, with the line's number.
  static Result<std::unique_ptr<Journal>> open(
      const std::filesystem::path& path,
      const std::function<Result<void>(const json::object&)>& each);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void append(const json::object& entry);
  /// Suspends until everything appended so far is on disk.
  net::Task<bool> durable();

 private:
  explicit Journal(int file);
  void write_loop();
  void write_out(const std::string& text) const;
  void wait_for(std::uint64_t sequence, std::function<void(bool)> done);

  int file_;
  std::mutex mutex_;
  std::condition_variable work_;
  bool stopping_ = false;
  std::string pending_;
  std::uint64_t appended_ = 0;
  std::uint64_t flushed_ = 0;
  struct Waiter {
    std::uint64_t sequence;
    std::function<void(bool)> done;
  };
  std::vector<Waiter> waiters_;
  std::thread thread_;
};

}  // namespace florin::sandbox
