#include "bench/ledger_alone.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/hash.h"
#include "bench/our_books.h"
#include "ledger/export.h"
#include "ledger/log_scan.h"
#include "ledger/verify/package.h"
#include "support/test_signer.h"

namespace florin::bench {
namespace {

constexpr std::size_t kGroup = 512;

// Posts groups until the ledger has `entries` entries; returns entries a second.
double fill(OurBooks& books, std::uint64_t entries) {
  TransferSource source(entries, Traffic::hot);
  const auto client = books.client();
  std::vector<Transfer> group(kGroup);
  const std::uint64_t before = books.ledger().head().next_seq;
  std::uint64_t count = before;
  const auto start = Steady::now();
  while (count < entries) {
    for (Transfer& transfer : group) transfer = source.next();
    client->post_group(group);
    count += kGroup;
  }
  books.settle();
  return static_cast<double>(count - before) / seconds_since(start);
}

// A file whose blocks are written, so that a flush changes nothing but its content.
class WrittenFile {
 public:
  WrittenFile(const std::filesystem::path& path, std::size_t blocks)
      : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ < 0) fail("cannot create " + path.string());
    for (std::size_t i = 0; i < blocks; ++i) write(i);
    if (fsync(file_) != 0) fail("fsync");
  }
  ~WrittenFile() { close(file_); }
  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;
  double flush_us(std::size_t block) {
    const auto start = Steady::now();
    write(block);
    if (fdatasync(file_) != 0) fail("fdatasync");
    return seconds_since(start) * 1e6;
  }

 private:
  void write(std::size_t block) {
    const Bytes bytes(4096, static_cast<std::uint8_t>(block));
    if (pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(block * bytes.size())) !=
        static_cast<ssize_t>(bytes.size())) {
      fail("pwrite");
    }
  }
  int file_;
};

// Both take turns, so that what else the machine does falls on both.
void lone_commits(OurBooks& books, const std::filesystem::path& directory, Metrics& metrics) {
  constexpr std::size_t kCommits = 1000;
  WrittenFile file(directory / "flushes", kCommits);
  TransferSource source(7, Traffic::uniform);
  const auto client = books.client();
  std::vector<double> flushes;
  std::vector<double> commits;
  for (std::size_t i = 0; i < kCommits; ++i) {
    flushes.push_back(file.flush_us(i));
    const Transfer transfer = source.next();
    const auto start = Steady::now();
    client->post(transfer);
    commits.push_back(seconds_since(start) * 1e6);
    // The commit of LMDB comes after the answer and must not fall on the next flush.
    books.settle();
  }
  std::filesystem::remove(directory / "flushes");
  metrics.show("ledger.fdatasync.p50_us", median(flushes));
  metrics.show("ledger.lone_commit.p50_us", median(commits));
  metrics.show("ledger.lone_commit.p99_us", quantile(commits, 0.99));
  metrics.show("ledger.lone_commit.ratio_to_fdatasync", median(commits) / median(flushes),
               "goal <= 1.5");
}

void verify_segments(const std::filesystem::path& directory, Metrics& metrics) {
  const ledger::OpenOptions options = ledger_options(directory);
  ledger::SegmentKeyring keyring(ledger_keys(), 1);
  const auto start = Steady::now();
  const ledger::LogEnd end =
      need(ledger::scan_log(directory / "log", options.tenant, options.mode, keyring,
                            [](const ledger::ScannedEntry&) { return Result<void>(); }));
  metrics.show("ledger.verify_segments.per_s",
               static_cast<double>(end.entries) / seconds_since(start), "goal >= 500 000");
}

void verify_export(OurBooks& books, const std::filesystem::path& directory, Metrics& metrics) {
  test::TestSigner signer;
  const auto entries = static_cast<double>(need(books.ledger().checkpoint(signer)));
  const auto note = need(books.ledger().last_checkpoint());
  if (!note.has_value()) fail("no checkpoint");
  ledger::ExportRequest request;
  request.directory = directory / "export";
  auto start = Steady::now();
  need(ledger::export_package(books.ledger(), request, signer.public_key_der(), *note));
  metrics.show("ledger.export.per_s", entries / seconds_since(start));
  start = Steady::now();
  const verify::Report report = need(verify::verify_package(request.directory));
  if (!report.ok()) fail("the export does not verify");
  metrics.show("ledger.verify_export.per_s", entries / seconds_since(start), "goal >= 100 000");
  std::filesystem::remove_all(request.directory);
}

double open_seconds(const std::filesystem::path& directory) {
  const auto start = Steady::now();
  const OurBooks books(directory);
  return seconds_since(start);
}

}  // namespace

void measure_ledger(const std::filesystem::path& directory, std::uint64_t entries,
                    Metrics& metrics) {
  const std::filesystem::path place = directory / "alone";
  {
    OurBooks books(place);
    books.open_accounts();
    books.settle();
    lone_commits(books, directory, metrics);
    const std::uint64_t before = written_bytes();
    const std::uint64_t first = books.ledger().head().next_seq;
    metrics.show("ledger.fill.per_s", fill(books, entries), "groups of 512");
    metrics.show("ledger.fill.bytes_per_entry",
                 static_cast<double>(written_bytes() - before) /
                     static_cast<double>(books.ledger().head().next_seq - first),
                 "written");
    verify_export(books, directory, metrics);
  }
  const auto count = static_cast<double>(entries);
  metrics.show("ledger.stored_bytes_per_entry",
               static_cast<double>(stored_bytes(place.string())) / count, "log and database");
  verify_segments(place, metrics);
  metrics.show("ledger.open.per_s", count / open_seconds(place));
  std::filesystem::remove_all(place / "proj");
  metrics.show("ledger.rebuild.per_s", count / open_seconds(place), "goal >= 80 000");
  std::filesystem::remove_all(place);
}

}  // namespace florin::bench
