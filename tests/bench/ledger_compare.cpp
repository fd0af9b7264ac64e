#include "bench/ledger_compare.h"

#include <barrier>
#include <thread>

#include "bench/our_books.h"
#include "bench/postgres_books.h"

namespace florin::bench {
namespace {

// What one slice is: so many clients, each posting groups of so many transfers.
struct Load {
  std::string name;  // of its metrics
  std::size_t clients = 1;
  std::size_t group = 1;
  Traffic traffic = Traffic::hot;
};

std::vector<Load> loads() {
  std::vector<Load> all;
  for (const std::size_t clients : {1U, 8U, 64U}) {
    all.push_back({"ledger.uniform" + std::to_string(clients), clients, 1, Traffic::uniform});
    all.push_back({"ledger.hot" + std::to_string(clients), clients, 1, Traffic::hot});
  }
  for (const std::size_t group : {1U, 8U, 64U, 512U}) {
    all.push_back({"ledger.uniform_batch" + std::to_string(group), 1, group, Traffic::uniform});
    all.push_back({"ledger.batch" + std::to_string(group), 1, group, Traffic::hot});
  }
  return all;
}

struct Slice {
  double per_s = 0;
  std::uint64_t transfers = 0;
  std::vector<double> latencies_us;  // of every answer
};

// Clients of one side; they stay connected over all slices.
class Side {
 public:
  Side(Books& books, std::size_t clients) : books_(books) {
    for (std::size_t i = 0; i < clients; ++i) clients_.push_back(books.client());
  }

  Slice run(const Load& load, double seconds, std::uint64_t seed) {
    std::vector<Slice> parts(load.clients);
    std::barrier start(static_cast<std::ptrdiff_t>(load.clients) + 1);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < load.clients; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        parts[i] = work(*clients_[i], load, seconds, seed * 1000 + i);
      });
    }
    start.arrive_and_wait();
    const auto began = Steady::now();
    for (std::thread& thread : threads) thread.join();
    Slice whole;
    for (const Slice& part : parts) {
      whole.transfers += part.transfers;
      whole.latencies_us.insert(whole.latencies_us.end(), part.latencies_us.begin(),
                                part.latencies_us.end());
    }
    whole.per_s = static_cast<double>(whole.transfers) / seconds_since(began);
    books_.settle();
    return whole;
  }

 private:
  static Slice work(Client& client, const Load& load, double seconds, std::uint64_t seed) {
    TransferSource source(seed, load.traffic);
    std::vector<Transfer> group(load.group);
    Slice slice;
    const auto began = Steady::now();
    while (seconds_since(began) < seconds) {
      for (Transfer& transfer : group) transfer = source.next();
      const auto sent = Steady::now();
      if (load.group == 1 && load.clients > 1) {
        client.post(group.front());
      } else {
        client.post_group(group);
      }
      slice.latencies_us.push_back(seconds_since(sent) * 1e6);
      slice.transfers += load.group;
    }
    return slice;
  }

  Books& books_;
  std::vector<std::unique_ptr<Client>> clients_;
};

// What all rounds of one load found.
struct Findings {
  std::vector<double> ours_per_s;
  std::vector<double> postgres_per_s;
  std::vector<double> ratios;  // of the same round
  std::vector<double> ours_p50_us;
  std::vector<double> ours_p99_us;
  std::vector<double> postgres_p50_us;
  std::vector<double> postgres_p99_us;
  std::vector<double> ours_bytes;  // written per transfer
  std::vector<double> postgres_bytes;
};

class Comparison {
 public:
  Comparison(const CompareOptions& options, Metrics& metrics)
      : options_(options),
        metrics_(metrics),
        ours_(options.directory / "ledger"),
        postgres_(options.conninfo),
        our_side_(ours_, kMostClients),
        postgres_side_(postgres_, kMostClients) {}

  void run() {
    ours_.open_accounts();
    const std::vector<Load> all = loads();
    std::vector<Findings> findings(all.size());
    std::printf("%u rounds, slices of %.1f s, ours and PostgreSQL in turns\n", options_.rounds,
                options_.slice_seconds);
    for (unsigned round = 0; round < options_.rounds; ++round) {
      for (std::size_t i = 0; i < all.size(); ++i) compare(all[i], round, findings[i]);
      std::printf("round %u done\n", round + 1);
      std::fflush(stdout);
    }
    if (postgres_.imbalance() != 0) fail("PostgreSQL's books do not balance");
    std::printf("\n%-24s %9s %9s  %-22s %17s %17s %13s\n", "entries/s (medians)", "ours",
                "postgres", "ratio, min .. max", "ours p50/p99 us", "pg p50/p99 us",
                "B/entry o/pg");
    for (std::size_t i = 0; i < all.size(); ++i) report(all[i].name, findings[i]);
  }

 private:
  static constexpr std::size_t kMostClients = 64;

  void compare(const Load& load, unsigned round, Findings& findings) {
    // Who comes first changes, so that neither always finds the disk as the other left it.
    double ours = 0;
    double postgres = 0;
    for (unsigned turn = 0; turn < 2; ++turn) {
      if ((round + turn) % 2 == 0) {
        ours = run_ours(load, round, findings);
      } else {
        postgres = run_postgres(load, round, findings);
      }
    }
    findings.ratios.push_back(ours / postgres);
  }

  double run_ours(const Load& load, unsigned round, Findings& findings) {
    const std::uint64_t before = written_bytes();
    Slice slice = our_side_.run(load, options_.slice_seconds, round);
    findings.ours_bytes.push_back(static_cast<double>(written_bytes() - before) /
                                  static_cast<double>(slice.transfers));
    findings.ours_per_s.push_back(slice.per_s);
    findings.ours_p50_us.push_back(quantile(slice.latencies_us, 0.5));
    findings.ours_p99_us.push_back(quantile(std::move(slice.latencies_us), 0.99));
    return slice.per_s;
  }

  double run_postgres(const Load& load, unsigned round, Findings& findings) {
    const double before = postgres_.written_bytes();
    Slice slice = postgres_side_.run(load, options_.slice_seconds, round);
    findings.postgres_bytes.push_back((postgres_.written_bytes() - before) /
                                      static_cast<double>(slice.transfers));
    findings.postgres_per_s.push_back(slice.per_s);
    findings.postgres_p50_us.push_back(quantile(slice.latencies_us, 0.5));
    findings.postgres_p99_us.push_back(quantile(std::move(slice.latencies_us), 0.99));
    return slice.per_s;
  }

  void report(const std::string& name, const Findings& found) {
    const double ratio = median(found.ratios);
    std::printf("%-24s %9.0f %9.0f  %6.2f  %-14s %8.0f/%8.0f %8.0f/%8.0f %6.0f/%6.0f\n",
                name.c_str(), median(found.ours_per_s), median(found.postgres_per_s), ratio,
                range_text(found.ratios).c_str(), median(found.ours_p50_us),
                median(found.ours_p99_us), median(found.postgres_p50_us),
                median(found.postgres_p99_us), median(found.ours_bytes),
                median(found.postgres_bytes));
    metrics_.put(name + ".per_s", median(found.ours_per_s));
    metrics_.put(name + ".postgres_per_s", median(found.postgres_per_s));
    metrics_.put(name + ".ratio_to_postgres", ratio);
    metrics_.put(name + ".p50_us", median(found.ours_p50_us));
    metrics_.put(name + ".p99_us", median(found.ours_p99_us));
    metrics_.put(name + ".bytes_per_entry", median(found.ours_bytes));
    if (name == "ledger.batch64") {
      metrics_.put("ledger.bytes_per_entry", median(found.ours_bytes));
    }
  }

  const CompareOptions& options_;
  Metrics& metrics_;
  OurBooks ours_;
  PostgresBooks postgres_;
  Side our_side_;
  Side postgres_side_;
};

}  // namespace

void compare_ledgers(const CompareOptions& options, Metrics& metrics) {
  Comparison(options, metrics).run();
}

}  // namespace florin::bench
