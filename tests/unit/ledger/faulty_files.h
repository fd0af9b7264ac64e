#pragma once
/// The log on a disk that fails or waits when told.
#include <condition_variable>
#include <mutex>

#include "ledger_fixture.h"

namespace florin::ledger {

class FaultyFiles final : public LogFiles {
 public:
  Result<std::unique_ptr<LogFile>> create(const std::filesystem::path& path) override {
    FLORIN_TRY(auto file, real_.create(path));
    return std::unique_ptr<LogFile>(std::make_unique<File>(*this, std::move(file)));
  }
  Result<void> seal(const std::filesystem::path& path) override {
    if (fail_seal) return Error(Errc::io_failure, {}, {}, "injected");
    return real_.seal(path);
  }
  Result<std::uint64_t> free_bytes(const std::filesystem::path&) override {
    return free_space.load();
  }
  std::atomic<bool> fail_seal = false;
  std::atomic<int> seals = 0;
  std::atomic<std::int64_t> sync_takes_ns = 0;  // by `clock`, which is set before
  test::ManualClock* clock = nullptr;
  std::atomic<std::uint64_t> free_space = std::uint64_t{1} << 40U;
  std::atomic<bool> fail_write = false;
  std::atomic<bool> fail_sync = false;
  std::atomic<int> syncs = 0;
  std::mutex gate;  // syncs wait for it

  // Syncs that were begun, and the wait for one more than `before`.
  std::uint64_t arrived() {
    const std::lock_guard lock(arrived_mutex_);
    return arrived_;
  }
  void wait_for_sync(std::uint64_t before) {
    std::unique_lock lock(arrived_mutex_);
    arrived_changed_.wait(lock, [&] { return arrived_ > before; });
  }

 private:
  class File final : public LogFile {
   public:
    File(FaultyFiles& owner, std::unique_ptr<LogFile> real)
        : owner_(owner), real_(std::move(real)) {}
    Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
      if (owner_.fail_write) return Error(Errc::io_failure, {}, {}, "injected");
      return real_->write_at(offset, bytes);
    }
    Result<void> sync() override {
      {
        const std::lock_guard lock(owner_.arrived_mutex_);
        ++owner_.arrived_;
      }
      owner_.arrived_changed_.notify_all();
      const std::lock_guard wait(owner_.gate);
      ++owner_.syncs;
      if (owner_.fail_sync) return Error(Errc::io_failure, {}, {}, "injected");
      if (owner_.sync_takes_ns > 0) owner_.clock->advance(owner_.sync_takes_ns);
      return real_->sync();
    }
    Result<void> seal() override {
      ++owner_.seals;
      if (owner_.fail_seal) return Error(Errc::io_failure, {}, {}, "injected");
      return real_->seal();
    }

   private:
    FaultyFiles& owner_;
    std::unique_ptr<LogFile> real_;
  };
  PosixLogFiles real_;
  std::mutex arrived_mutex_;
  std::condition_variable arrived_changed_;
  std::uint64_t arrived_ = 0;
};

}  // namespace florin::ledger
