#pragma once
/// The log's files with a memory: every write and flush in order, so that the disk can be put into
/// any state that a power loss could have left.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "ledger/log_file.h"
#include "sim_support.h"

namespace florin::ledger::sim {

inline constexpr std::size_t kSectorBytes = 512;

struct DiskEvent {
  enum class Kind : std::uint8_t { create, write, sync };
  Kind kind{};
  std::size_t file = 0;
  std::uint64_t offset = 0;
  Bytes bytes;
};

class Recording {
 public:
  std::size_t create(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    names_.push_back(path.filename().string());
    events_.push_back({DiskEvent::Kind::create, names_.size() - 1, 0, {}});
    return names_.size() - 1;
  }
  void write(std::size_t file, std::uint64_t offset, BytesView bytes) {
    const std::lock_guard lock(mutex_);
    events_.push_back({DiskEvent::Kind::write, file, offset, to_bytes(bytes)});
  }
  void sync(std::size_t file) {
    const std::lock_guard lock(mutex_);
    events_.push_back({DiskEvent::Kind::sync, file, 0, {}});
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return events_.size();
  }
  /// Only when nothing writes any more.
  [[nodiscard]] const std::vector<DiskEvent>& events() const { return events_; }
  [[nodiscard]] const std::string& created_as(std::size_t file) const { return names_[file]; }

 private:
  mutable std::mutex mutex_;
  std::vector<DiskEvent> events_;
  std::vector<std::string> names_;
};

class RecordedFile final : public LogFile {
 public:
  RecordedFile(std::unique_ptr<LogFile> real, Recording& recording, std::size_t number)
      : real_(std::move(real)), recording_(recording), number_(number) {}
  Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
    recording_.write(number_, offset, bytes);
    return real_->write_at(offset, bytes);
  }
  Result<void> sync() override {
    FLORIN_TRY_VOID(real_->sync());
    recording_.sync(number_);
    return {};
  }
  Result<void> seal() override {
    FLORIN_TRY_VOID(real_->seal());
    recording_.sync(number_);
    return {};
  }

 private:
  std::unique_ptr<LogFile> real_;
  Recording& recording_;
  std::size_t number_;
};

/// Also a gate: the writer asks for the free space before each group, and can be held there, so
/// that the groups are the same in every run.
class RecordedFiles final : public LogFiles {
 public:
  explicit RecordedFiles(Recording& recording) : recording_(recording) {}
  Result<std::unique_ptr<LogFile>> create(const std::filesystem::path& path) override {
    FLORIN_TRY(auto real, real_.create(path));
    const std::size_t number = recording_.create(path);
    return std::unique_ptr<LogFile>(
        std::make_unique<RecordedFile>(std::move(real), recording_, number));
  }
  Result<void> seal(const std::filesystem::path& path) override { return real_.seal(path); }
  Result<std::uint64_t> free_bytes(const std::filesystem::path&) override {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !closed_; });
    waiting_ = false;
    return std::uint64_t{1} << 40U;
  }
  void close_gate() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  void wait_for_writer() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_; });
  }
  void open_gate() {
    const std::lock_guard lock(mutex_);
    closed_ = false;
    changed_.notify_all();
  }

 private:
  PosixLogFiles real_;
  Recording& recording_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  bool waiting_ = false;
};

/// What the disk may hold when the power fails behind event number `count`: what was flushed, and
/// of the rest any subset of sectors. Names are those in the log's directory.
class LostPower {
 public:
  using Files = std::map<std::string, std::string>;

  LostPower(const Recording& recording, std::mt19937_64& random)
      : recording_(recording), random_(random) {}

  Files after(std::size_t count) {
    files_.clear();
    last_synced_.reset();
    lost_sectors_ = 0;
    // A style per state: all lost, nearly all, half, nearly none, none.
    static constexpr std::array<unsigned, 5> kLostOf16{16, 15, 8, 1, 0};
    lost_of_16_ = kLostOf16[random_() % kLostOf16.size()];
    for (std::size_t i = 0; i < count; ++i) take(recording_.events()[i], i + 1 == count);
    Files out;
    for (auto& [number, file] : files_) settle(number, file, out);
    return out;
  }
  [[nodiscard]] std::uint64_t lost_sectors() const noexcept { return lost_sectors_; }

 private:
  struct File {
    std::string durable;
    std::vector<const DiskEvent*> pending;
    bool flushed = false;
    bool published = false;
  };

  // A segment gets its name after it was flushed with its zeroes; what it replaces is gone then.
  void publish(std::size_t number) {
    File& file = files_[number];
    if (file.published || !file.flushed) return;
    file.published = true;
    const std::string name = final_name(number);
    for (auto other = files_.begin(); other != files_.end();) {
      const bool replaced =
          other->first != number && other->second.published && final_name(other->first) == name;
      other = replaced ? files_.erase(other) : std::next(other);
    }
  }
  [[nodiscard]] std::string final_name(std::size_t number) const {
    const std::string& name = recording_.created_as(number);
    return name.substr(0, name.size() - std::string_view(".new").size());
  }

  void take(const DiskEvent& event, bool is_last) {
    // Whatever happens next, the rename before it was done and durable.
    if (last_synced_.has_value()) publish(*last_synced_);
    last_synced_.reset();
    File& file = files_[event.file];
    if (event.kind == DiskEvent::Kind::write) file.pending.push_back(&event);
    if (event.kind != DiskEvent::Kind::sync) return;
    for (const DiskEvent* write : file.pending) {
      put(file.durable, *write, 0, write->bytes.size());
    }
    file.pending.clear();
    file.flushed = true;
    last_synced_ = event.file;
    if (is_last && random_() % 2 == 0) publish(event.file);
  }

  static void put(std::string& text, const DiskEvent& write, std::size_t at, std::size_t count) {
    count = std::min(count, write.bytes.size() - at);
    const std::size_t start = static_cast<std::size_t>(write.offset) + at;
    if (text.size() < start + count) text.resize(start + count);
    std::copy_n(write.bytes.begin() + static_cast<std::ptrdiff_t>(at), count,
                text.begin() + static_cast<std::ptrdiff_t>(start));
  }

  void settle(std::size_t number, File& file, Files& out) {
    // The name of a file that was never flushed may be lost with it.
    if (!file.flushed && random_() % 2 == 0) return;
    std::string text = file.durable;
    for (const DiskEvent* write : file.pending) {
      for (std::size_t at = 0; at < write->bytes.size(); at += kSectorBytes) {
        if (random_() % 16 < lost_of_16_) {
          ++lost_sectors_;
        } else {
          put(text, *write, at, kSectorBytes);
        }
      }
      // The file may have grown although its content did not arrive.
      const std::size_t end = static_cast<std::size_t>(write->offset) + write->bytes.size();
      if (text.size() < end && random_() % 2 == 0) text.resize(end);
    }
    out[file.published ? final_name(number) : recording_.created_as(number)] = std::move(text);
  }

  const Recording& recording_;
  std::mt19937_64& random_;
  std::map<std::size_t, File> files_;
  std::optional<std::size_t> last_synced_;
  unsigned lost_of_16_ = 0;
  std::uint64_t lost_sectors_ = 0;
};

}  // namespace florin::ledger::sim
