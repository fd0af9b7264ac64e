// How fast a ledger is on this disk: entries a second by batch, a lone commit against a bare flush,
// opening, rebuilding and verifying. Arguments: directory (on the disk to be measured), entries.
// Prints one "name value" a line. Build for release; the machine must be quiet.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "ledger/verify/books.h"
#include "ledger/verify/merkle.h"
#include "unit/ledger/ledger_fixture.h"

namespace florin::ledger {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void print(const std::string& name, double value) {
  std::printf("%-40s %.3f\n", name.c_str(), value);
  std::fflush(stdout);
}

template <typename T>
T need(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().to_log().c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

// A capture on two hot accounts, with a payment's new head and an event.
Command capture(std::uint64_t number) {
  Command command = transfer(number, 100 + number % 900);
  command.objects = {{ObjectKind{1}, id_of(number, 1), 0, Bytes(400, 7), Bytes(120, 1)}};
  command.events = {{id_of(number, 4), id_of(1, 5), ObjectKind{1}, id_of(number, 1), 1,
                     "payment.captured", Bytes(300, ' ')}};
  return command;
}

class Bench {
 public:
  Bench(std::filesystem::path place, std::uint64_t entries)
      : place_(std::move(place)), entries_(entries) {}

  void run() {
    open();
    ledger_->on_commit([this](std::uint64_t) { ++groups_; });
    lone_commits();
    for (const std::uint64_t batch : {1U, 8U, 64U, 512U}) batches(batch);
    verify_entries();
    ledger_.reset();
    timed_open("ledger.open.per_s");
    std::filesystem::remove_all(place_ / "ledger" / "proj");
    timed_open("ledger.rebuild.per_s");
    bytes();
  }

 private:
  void open() {
    std::filesystem::create_directories(place_ / "ledger");
    OpenOptions options;
    options.directory = place_ / "ledger";
    options.tenant = id_of(42, 0x11);
    options.mode = Mode::test;
    options.origin = "bench";
    ledger_ = need(Ledger::open(options, keys_, projectors_, clock_, entropy_));
  }

  void timed_open(const std::string& name) {
    const auto start = Steady::now();
    open();
    const double seconds = seconds_since(start);
    print(name, static_cast<double>(ledger_->head().next_seq) / seconds);
    ledger_.reset();
  }

  std::vector<Command> commands(std::uint64_t count) {
    std::vector<Command> out;
    for (std::uint64_t i = 0; i < count; ++i) out.push_back(capture(++next_));
    return out;
  }

  // Both take turns, so that what else the machine does falls on both.
  void lone_commits() {
    const std::filesystem::path path = place_ / "flushes";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    Bytes block(4096, 1);
    constexpr std::size_t kRounds = 400;
    for (std::size_t i = 0; i < kRounds; ++i) {
      if (pwrite(file, block.data(), block.size(), static_cast<off_t>(i * block.size())) != 4096) {
        std::exit(1);
      }
    }
    fsync(file);
    std::vector<double> flushes;
    std::vector<double> commits;
    for (std::size_t i = 0; i < kRounds; ++i) {
      auto start = Steady::now();
      if (pwrite(file, block.data(), block.size(), static_cast<off_t>(i * block.size())) != 4096 ||
          fdatasync(file) != 0) {
        std::exit(1);
      }
      flushes.push_back(seconds_since(start));
      std::vector<Command> one = commands(1);
      start = Steady::now();
      need(std::move(ledger_->append(std::move(one)).front()));
      commits.push_back(seconds_since(start));
      // The commit of LMDB comes after the answer and must not fall on the next flush.
      need(ledger_->catch_up().ok() ? Result<int>(0) : Result<int>(Error(Errc::internal)));
    }
    close(file);
    print("ledger.fdatasync.us_p50", median(flushes) * 1e6);
    print("ledger.lone_commit.us_p50", median(commits) * 1e6);
    print("ledger.lone_commit.ratio_to_fdatasync", median(commits) / median(flushes));
  }

  void batches(std::uint64_t batch) {
    const std::uint64_t groups_before = groups_;
    const std::uint64_t count = std::max<std::uint64_t>(batch, entries_ * batch / (batch + 8));
    double seconds = 0;
    std::uint64_t done = 0;
    while (done < count && seconds < 10) {
      std::vector<Command> group = commands(batch);
      const auto start = Steady::now();
      for (auto& result : ledger_->append(std::move(group))) need(std::move(result));
      seconds += seconds_since(start);
      done += batch;
    }
    const std::string name = "ledger.batch" + std::to_string(batch);
    print(name + ".per_s", static_cast<double>(done) / seconds);
    print(name + ".entries_per_flush",
          static_cast<double>(done) / static_cast<double>(groups_ - groups_before));
  }

  void verify_entries() {
    need(ledger_->catch_up().ok() ? Result<int>(0) : Result<int>(Error(Errc::internal)));
    const auto start = Steady::now();
    verify::Books books;
    verify::CompactRange tree;
    for (;;) {
      const auto views = need(ledger_->entries(tree.size(), 1000));
      if (views.empty()) break;
      for (const EntryView& view : views) {
        const auto leaf = need(verify::decode_leaf(view.leaf));
        const Hash32 hash = verify::leaf_hash(view.leaf);
        if (!books.consume(leaf, hash).ok()) std::exit(1);
        tree.append(hash);
      }
    }
    if (tree.root() != ledger_->head().root) std::exit(1);
    print("ledger.verify.per_s", static_cast<double>(tree.size()) / seconds_since(start));
  }

  void bytes() {
    std::uintmax_t sum = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(place_ / "ledger")) {
      if (file.is_regular_file()) sum += file.file_size();
    }
    print("ledger.entries", static_cast<double>(next_ + 1));
    print("ledger.bytes_per_entry", static_cast<double>(sum) / static_cast<double>(next_ + 1));
  }

  std::filesystem::path place_;
  std::uint64_t entries_;
  std::uint64_t next_ = 0;
  SystemClock clock_;
  SystemEntropy entropy_;
  std::shared_ptr<const TenantKeys> keys_ = test::test_keys();
  ProjectorSet projectors_{1, {&by_first_byte}};
  std::atomic<std::uint64_t> groups_ = 0;  // written, each with one flush
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace
}  // namespace florin::ledger

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: ledger_bench DIRECTORY ENTRIES\n");
    return 2;
  }
  const std::filesystem::path place = std::filesystem::path(argv[1]) / "ledger-bench";
  if (std::filesystem::exists(place)) {
    std::fprintf(stderr, "%s exists\n", place.c_str());
    return 1;
  }
  florin::set_log_level(florin::LogLevel::error);
  florin::ledger::Bench(place, std::strtoull(argv[2], nullptr, 10)).run();
  std::filesystem::remove_all(place);
  return 0;
}
