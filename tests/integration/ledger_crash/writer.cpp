// Appends commands to a ledger until it is killed, and tells on standard output what was
// acknowledged: "A <command> <seq>" after an append, "C <size>" after a checkpoint, "E <error>"
// when something was refused that must not be. Arguments: directory, first command, seed.
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>

#include "crash_ledger.h"

namespace florin::ledger::crash {
namespace {

// One write per line: a line is told whole or not at all.
void tell(const std::string& line) {
  const ssize_t count = write(STDOUT_FILENO, line.data(), line.size());
  if (count != static_cast<ssize_t>(line.size())) _exit(2);
}

class Writer {
 public:
  Writer(Ledger& ledger, std::uint64_t first, std::uint64_t seed)
      : ledger_(ledger), next_(first), random_(seed) {}

  [[noreturn]] void run() {
    for (;;) {
      if (random_() % 40 == 0) most_in_flight_ = 1 + random_() % 64;
      if (random_() % 200 == 0) sign();
      submit(next_++);
    }
  }

 private:
  void submit(std::uint64_t number) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return in_flight_ < most_in_flight_; });
      ++in_flight_;
    }
    ledger_.submit(command_number(number), [this, number](const Result<Receipt>& result) {
      if (result.ok()) {
        tell("A " + std::to_string(number) + " " + std::to_string(result->seq) + "\n");
      } else {
        tell("E " + std::to_string(number) + " " + result.error().to_log() + "\n");
      }
      const std::lock_guard lock(mutex_);
      --in_flight_;
      changed_.notify_all();
    });
  }

  void sign() {
    const auto size = ledger_.checkpoint(signer_);
    tell(size.ok() ? "C " + std::to_string(*size) + "\n" : "E " + size.error().to_log() + "\n");
  }

  Ledger& ledger_;
  std::uint64_t next_;
  std::mt19937_64 random_;
  test::TestSigner signer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t most_in_flight_ = 1;
};

int run(const char* directory, std::uint64_t first, std::uint64_t seed) {
  const SystemClock clock;
  SystemEntropy entropy;
  auto ledger =
      Ledger::open(options_of(directory), test::test_keys(), projectors(), clock, entropy);
  if (!ledger.ok()) {
    tell("E " + ledger.error().to_log() + "\n");
    return 1;
  }
  Writer(**ledger, first, seed).run();
}

}  // namespace
}  // namespace florin::ledger::crash

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  return florin::ledger::crash::run(argv[1], std::strtoull(argv[2], nullptr, 10),
                                    std::strtoull(argv[3], nullptr, 10));
}
