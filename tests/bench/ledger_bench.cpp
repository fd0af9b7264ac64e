// How fast a ledger is on this disk; scripts/bench.sh runs it. Build for release; the machine
// should be quiet. The first argument says what to measure:
//   compare METRICS DIRECTORY CONNINFO ROUNDS SECONDS   against PostgreSQL, in slices of SECONDS
//   alone METRICS DIRECTORY ENTRIES                     lone commit, rebuild, verification
//   grow METRICS DIRECTORY ENTRIES                      leaves the ledger in DIRECTORY/grown
//   serve METRICS DIRECTORY                             memory of a process that opens it
#include <span>

#include "base/log.h"
#include "bench/ledger_alone.h"
#include "bench/ledger_compare.h"

namespace florin::bench {
namespace {

int run(const std::vector<std::string>& arguments) {
  const std::size_t count = arguments.size();
  const std::string what = count > 2 ? arguments[0] : "";
  if (what == "compare" && count == 6) {
    Metrics metrics(arguments[1]);
    compare_ledgers({arguments[2], arguments[3], static_cast<unsigned>(std::stoul(arguments[4])),
                     std::stod(arguments[5])},
                    metrics);
  } else if (what == "alone" && count == 4) {
    Metrics metrics(arguments[1]);
    measure_ledger(arguments[2], std::stoull(arguments[3]), metrics);
  } else if (what == "grow" && count == 4) {
    Metrics metrics(arguments[1]);
    grow_ledger(arguments[2], std::stoull(arguments[3]), metrics);
  } else if (what == "serve" && count == 3) {
    Metrics metrics(arguments[1]);
    serve_ledger(arguments[2], metrics);
  } else {
    std::fprintf(stderr, "usage: ledger_bench compare|alone|grow|serve METRICS DIRECTORY ...\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace florin::bench

int main(int argc, char** argv) {
  florin::set_log_level(florin::LogLevel::error);
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  return florin::bench::run({arguments.begin() + 1, arguments.end()});
}
