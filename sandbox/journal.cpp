#include "sandbox/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/log.h"

namespace florin::sandbox {
namespace {

Error file_error(const std::filesystem::path& path, const char* what) {
  return Error(Errc::io_failure, "--book",
               path.string() + ": cannot " + what + ": " + std::strerror(errno));
}

// Hands over every whole line; returns the size of the file up to the last one.
Result<std::size_t> read_lines(const std::filesystem::path& path,
                               const std::function<Result<void>(const json::object&)>& each) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return file_error(path, "read");
  std::size_t good = 0;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line) && !in.eof();) {
    const std::string place = path.string() + " line " + std::to_string(++number);
    auto entry = json::parse(line);
    if (!entry.ok() || !entry->is_object()) {
      return Error(Errc::malformed_json, "--book", place + " is not a JSON object");
    }
    if (auto applied = each(entry->get_object()); !applied.ok()) {
      return Error(applied.error().code(), "--book", place + ": " + applied.error().message());
    }
    good += line.size() + 1;
  }
  return good;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(
    const std::filesystem::path& path,
    const std::function<Result<void>(const json::object&)>& each) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return file_error(path, "open");
  std::unique_ptr<Journal> journal(new Journal(file));
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return Error(Errc::already_initialised, "--book", path.string() + " is in use");
  }
  FLORIN_TRY(const std::size_t good, read_lines(path, each));
  if (::ftruncate(file, static_cast<off_t>(good)) != 0 || ::fsync(file) != 0) {
    return file_error(path, "prepare");
  }
  journal->thread_ = std::thread([writer = journal.get()] { writer->write_loop(); });
  return journal;
}

Journal::Journal(int file) : file_(file) {}

Journal::~Journal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
  ::close(file_);
}

void Journal::append(const json::object& entry) {
  const std::string line = json::write(entry) + "\n";
  const std::lock_guard lock(mutex_);
  pending_ += line;
  ++appended_;
  work_.notify_one();
}

net::Task<bool> Journal::durable() {
  std::uint64_t sequence = 0;
  {
    const std::lock_guard lock(mutex_);
    sequence = appended_;
    if (flushed_ >= sequence) co_return true;
  }
  std::function<void(std::function<void(bool)>)> start =
      [this, sequence](std::function<void(bool)> done) { wait_for(sequence, std::move(done)); };
  co_return co_await net::await_callback<bool>(std::move(start));
}

void Journal::wait_for(std::uint64_t sequence, std::function<void(bool)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (flushed_ < sequence) {
      waiters_.push_back({sequence, std::move(done)});
      return;
    }
  }
  done(true);
}

void Journal::write_loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
    if (pending_.empty()) return;
    const std::string batch = std::exchange(pending_, {});
    const std::uint64_t upto = appended_;
    lock.unlock();
    write_out(batch);
    lock.lock();
    flushed_ = upto;
    // Everybody who waits asked for something up to now, but not all of it is in this batch.
    std::vector<Waiter> ready;
    std::erase_if(waiters_, [&](Waiter& waiter) {
      if (waiter.sequence > upto) return false;
      ready.push_back(std::move(waiter));
      return true;
    });
    lock.unlock();
    for (const Waiter& waiter : ready) waiter.done(true);
    lock.lock();
  }
}

void Journal::write_out(const std::string& text) const {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(file_, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      log(LogLevel::error, "sandbox.book_write_failed", {{"error", std::strerror(errno)}});
      std::_Exit(EXIT_FAILURE);
    }
    at += static_cast<std::size_t>(written);
  }
  if (::fdatasync(file_) != 0) {
    log(LogLevel::error, "sandbox.book_flush_failed", {{"error", std::strerror(errno)}});
    std::_Exit(EXIT_FAILURE);
  }
}

}  // namespace florin::sandbox
