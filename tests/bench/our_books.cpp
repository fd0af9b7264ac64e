#include "bench/our_books.h"

#include <semaphore.h>

#include "bench/measure.h"
#include "support/test_keys.h"

namespace florin::bench {
namespace {

Uuid owner_of(std::uint64_t number, std::uint8_t kind) {
  Uuid id;
  id.bytes[0] = kind;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}

// Waits as a thread that has nothing else to do: without spinning.
class Answers {
 public:
  Answers() { sem_init(&semaphore_, 0, 0); }
  ~Answers() { sem_destroy(&semaphore_); }
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;
  void expect(std::size_t count) { left_ = count; }
  void take(const Result<ledger::Receipt>& result) {
    if (!result.ok()) fail(result.error().to_log());
    if (result->duplicate) fail("a transfer was posted twice");
    if (--left_ == 0) sem_post(&semaphore_);
  }
  void wait() {
    while (sem_wait(&semaphore_) != 0) {
    }
  }

 private:
  sem_t semaphore_{};
  std::atomic<std::size_t> left_ = 0;
};

class OurClient final : public Client {
 public:
  explicit OurClient(ledger::Ledger& ledger) : ledger_(ledger) {}
  void post(const Transfer& transfer) override { post_group({&transfer, 1}); }
  void post_group(std::span<const Transfer> group) override {
    answers_.expect(group.size());
    for (const Transfer& transfer : group) {
      ledger_.submit(command_of(transfer),
                     [this](const Result<ledger::Receipt>& result) { answers_.take(result); });
    }
    answers_.wait();
  }

 private:
  ledger::Ledger& ledger_;
  Answers answers_;
};

}  // namespace

ledger::OpenOptions ledger_options(const std::filesystem::path& directory) {
  ledger::OpenOptions options;
  options.directory = directory;
  options.tenant = owner_of(42, 0x11);
  options.mode = ledger::Mode::live;
  options.origin = "bench.example/ledger/tenant/live";
  options.map_bytes = std::uint64_t{24} << 30U;  // fits into valgrind
  return options;
}

std::shared_ptr<const TenantKeys> ledger_keys() {
  return test::test_keys("bench");
}

ledger::Command command_of(const Transfer& transfer) {
  constexpr std::uint16_t kEuro = 978;
  const Uuid acquirer = owner_of(transfer.debit, 0xAA);
  const Uuid merchant = owner_of(transfer.credit, 0xBB);
  ledger::Command command;
  command.entry_id = transfer.id;
  command.type = ledger::EntryType::capture;
  command.subject = transfer.id;
  command.postings.reserve(2);
  command.postings.push_back({{ledger::AccountCode::psp_receivable, kEuro, acquirer},
                              ledger::Side::debit,
                              ledger::Layer::posted,
                              transfer.amount,
                              merchant});
  command.postings.push_back({{ledger::AccountCode::merchant_payable, kEuro, merchant},
                              ledger::Side::credit,
                              ledger::Layer::posted,
                              transfer.amount,
                              merchant});
  return command;
}

OurBooks::OurBooks(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  ledger_ = need(ledger::Ledger::open(ledger_options(directory), ledger_keys(), projectors_, clock_,
                                      entropy_));
}

std::unique_ptr<Client> OurBooks::client() {
  return std::make_unique<OurClient>(*ledger_);
}

void OurBooks::settle() {
  need(ledger_->catch_up());
}

void OurBooks::open_accounts() {
  constexpr std::uint64_t kGroup = 500;
  TransferSource source(1, Traffic::uniform);
  const auto posting = client();
  std::vector<Transfer> group;
  for (std::uint64_t number = 1; number <= kDebitAccounts; ++number) {
    group.push_back(source.next());
    group.back().debit = group.back().credit = number;
    if (group.size() < kGroup) continue;
    posting->post_group(group);
    group.clear();
  }
}

}  // namespace florin::bench
