#include <thread>

#include "bench/ledger_alone.h"
#include "bench/our_books.h"

namespace florin::bench {
namespace {

constexpr std::uint64_t kTenth = 10;

// Entries a second over `count` more entries, in groups of 64.
double append(OurBooks& books, std::uint64_t count) {
  constexpr std::size_t kGroup = 64;
  TransferSource source(count, Traffic::hot);
  const auto client = books.client();
  std::vector<Transfer> group(kGroup);
  const auto start = Steady::now();
  for (std::uint64_t done = 0; done < count; done += kGroup) {
    for (Transfer& transfer : group) transfer = source.next();
    client->post_group(group);
  }
  books.settle();
  return static_cast<double>(count) / seconds_since(start);
}

void serve_clients(OurBooks& books, std::size_t clients, std::size_t each) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < clients; ++i) {
    threads.emplace_back([&books, i, each] {
      TransferSource source(i, Traffic::hot);
      const auto client = books.client();
      for (std::size_t n = 0; n < each; ++n) client->post(source.next());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

void grow_ledger(const std::filesystem::path& directory, std::uint64_t entries, Metrics& metrics) {
  const std::filesystem::path place = directory / "grown";
  OurBooks books(place);
  books.open_accounts();
  append(books, entries / kTenth);
  const double early = append(books, entries / kTenth);
  const auto early_bytes = static_cast<double>(stored_bytes(place.string())) /
                           static_cast<double>(books.ledger().head().next_seq);
  append(books, entries - 3 * (entries / kTenth));
  const double late = append(books, entries / kTenth);
  const auto late_bytes = static_cast<double>(stored_bytes(place.string())) /
                          static_cast<double>(books.ledger().head().next_seq);
  metrics.show("ledger.grown.entries", static_cast<double>(books.ledger().head().next_seq));
  metrics.show("ledger.grown.speed_ratio", late / early, "last tenth to second tenth");
  metrics.show("ledger.grown.size_ratio", late_bytes / early_bytes, "bytes stored per entry, same");
  metrics.show("ledger.grown.stored_bytes_per_entry", late_bytes);
}

void serve_ledger(const std::filesystem::path& directory, Metrics& metrics) {
  constexpr double kKibPerMib = 1024;
  constexpr std::uint64_t kPage = 1000;
  // Ids continue behind those of the process that wrote the ledger.
  last_transfer_number = std::uint64_t{1} << 40U;
  const auto start = Steady::now();
  OurBooks books(directory / "grown");
  metrics.show("ledger.grown.open_s", seconds_since(start));
  metrics.show("ledger.grown.open_anonymous_mib",
               static_cast<double>(status_kib("RssAnon")) / kKibPerMib, "goal <= 512");
  serve_clients(books, 64, 1000);
  books.settle();
  const std::uint64_t size = books.ledger().head().next_seq;
  for (std::uint64_t from = 0; from < size; from += size / 100) {
    need(books.ledger().entries(from, kPage));
  }
  need(books.ledger().balances());
  metrics.show("ledger.grown.serve_anonymous_mib",
               static_cast<double>(status_kib("RssAnon")) / kKibPerMib, "goal <= 512");
  metrics.show("ledger.grown.mapped_mib", static_cast<double>(status_kib("RssFile")) / kKibPerMib,
               "pages of files, which the kernel may take back");
}

}  // namespace florin::bench
