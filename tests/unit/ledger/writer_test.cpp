// The writer: overload, failing disks, observers; and the books against an oracle.
#include <chrono>
#include <future>
#include <set>

#include "faulty_files.h"
#include "ledger/limits.h"
#include "support/long_run.h"

namespace florin::ledger::writer_test {
namespace {

class WriterTest : public LedgerTest {
 protected:
  WriterTest() { files_ = &faulty_; }
  FaultyFiles faulty_;
};

TEST_F(WriterTest, QueueBoundRefusesCommandsButNotFacts) {
  open();
  settle();
  std::vector<std::future<Result<Receipt>>> answers;
  const auto submit = [&](Command command) {
    auto promise = std::make_shared<std::promise<Result<Receipt>>>();
    answers.push_back(promise->get_future());
    ledger_->submit(std::move(command),
                    [promise](Result<Receipt> result) { promise->set_value(std::move(result)); });
  };
  {
    const std::lock_guard closed(faulty_.gate);
    // The writer may hold one group besides the queue.
    const std::size_t most = kMaxQueuedCommands + kMaxGroupCommands;
    for (std::size_t i = 0; i < most + 1; ++i) submit(command_of(1 + i));
    ASSERT_EQ(answers.back().wait_for(std::chrono::seconds(0)), std::future_status::ready);
    EXPECT_EQ(answers.back().get().error().code(), Errc::overloaded);
    answers.pop_back();
    Command fact = command_of(100'000);
    fact.origin = Origin::fact;
    submit(fact);
    EXPECT_NE(answers.back().wait_for(std::chrono::seconds(0)), std::future_status::ready);
  }
  EXPECT_TRUE(answers.back().get().ok());
  std::size_t accepted = 1;
  answers.pop_back();
  for (auto& answer : answers) {
    const auto result = answer.get();
    if (result.ok()) {
      ++accepted;
    } else {
      EXPECT_EQ(result.error().code(), Errc::overloaded);
    }
  }
  EXPECT_GE(accepted, kMaxQueuedCommands + 1);
  EXPECT_EQ(ledger_->head().next_seq, accepted + 1);
}

TEST_F(WriterTest, FailedFlushStopsTheLedgerForGood) {
  open();
  ASSERT_TRUE(one(transfer(1, 10)).ok());
  settle();
  faulty_.fail_sync = true;
  const int before = faulty_.syncs;
  EXPECT_EQ(refused(transfer(2, 10)), Errc::ledger_stopped);
  faulty_.fail_sync = false;
  EXPECT_EQ(refused(transfer(3, 10)), Errc::ledger_stopped);
  EXPECT_EQ(faulty_.syncs, before + 1);  // never asked again
  Errc waited{};
  ledger_->wait_visible(99, [&](const Result<void>& done) { waited = done.error().code(); });
  EXPECT_EQ(waited, Errc::ledger_stopped);
  EXPECT_EQ(ledger_->balances()->size(), 2U);  // reads go on
  reopen();
  EXPECT_GE(ledger_->head().next_seq, 2U);
  EXPECT_EQ(refused(transfer(4, 10)), Errc{});
}

TEST_F(WriterTest, FailedWriteStopsTheLedger) {
  open();
  faulty_.fail_write = true;
  EXPECT_EQ(refused(transfer(1, 10)), Errc::ledger_stopped);
  faulty_.fail_write = false;
  reopen();
  EXPECT_EQ(ledger_->head().next_seq, 1U);
}

TEST_F(WriterTest, NearlyFullFileSystemRefusesCommandsButNotFacts) {
  open();
  faulty_.free_space = kMinFreeBytes - 1;
  EXPECT_EQ(refused(transfer(1, 10)), Errc::overloaded);
  Command fact = transfer(2, 10);
  fact.origin = Origin::fact;
  EXPECT_EQ(refused(fact), Errc{});
  std::vector<Command> mixed = {transfer(3, 10), fact, transfer(4, 10)};
  mixed[1].entry_id = id_of(5, 0xE0);
  const auto results = ledger_->append(mixed);
  EXPECT_FALSE(results[0].ok());
  EXPECT_TRUE(results[1].ok());
  EXPECT_FALSE(results[2].ok());
  faulty_.free_space = kMinFreeBytes;
  EXPECT_EQ(refused(transfer(1, 10)), Errc{});
  EXPECT_EQ(ledger_->head().next_seq, 4U);
  EXPECT_GT(*posix_files_.free_bytes(dir_.path()), 0U);
  EXPECT_FALSE(posix_files_.free_bytes(dir_.path() / "nowhere").ok());
}

TEST_F(WriterTest, OneFlushForAGroupAndObserversHear) {
  open();
  settle();
  std::atomic<std::uint64_t> seen = 0;
  ledger_->on_commit([&](std::uint64_t next) { seen = next; });
  const int before = faulty_.syncs;
  ASSERT_TRUE(one(transfer(1, 10)).ok());
  EXPECT_EQ(faulty_.syncs, before + 1);
  EXPECT_EQ(seen, 2U);
  std::vector<Command> many;
  for (std::uint64_t i = 2; i < 202; ++i) many.push_back(transfer(i, 1));
  ledger_->append(many);
  EXPECT_LT(faulty_.syncs, before + 100);
  EXPECT_EQ(seen, 202U);
}

TEST_F(WriterTest, QueuedCommandsAreFinishedAtTheEnd) {
  open();
  std::vector<std::future<Result<Receipt>>> answers;
  for (std::uint64_t i = 1; i <= 50; ++i) {
    auto promise = std::make_shared<std::promise<Result<Receipt>>>();
    answers.push_back(promise->get_future());
    ledger_->submit(transfer(i, 1),
                    [promise](Result<Receipt> result) { promise->set_value(std::move(result)); });
  }
  close();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  open();
  EXPECT_EQ(ledger_->head().next_seq, 51U);
}

// The books as a few maps.
struct Oracle {
  std::map<AccountKey, std::array<Uint128, 4>> accounts;
  std::map<Uuid, HoldState> holds;
  std::map<Uuid, std::uint64_t> objects;
  std::set<Key16> uniques;
  std::set<Uuid> entries;

  bool take(const Command& command) {
    if (entries.contains(command.entry_id)) return false;
    for (const ObjectWrite& write : command.objects) {
      const auto at = objects.find(write.id);
      if ((at == objects.end() ? 0 : at->second) != write.expected_version) return false;
    }
    for (const UniqueWrite& write : command.uniques) {
      if (uniques.contains(write.key)) return false;
    }
    Int128 sum = 0;
    for (const Posting& row : command.postings) {
      sum += row.side == Side::debit ? Int128{row.amount} : -Int128{row.amount};
    }
    if (sum != 0) return false;
    for (const HoldChange& change : command.holds) {
      const bool known = holds.contains(change.hold);
      HoldState hold = known ? holds[change.hold] : HoldState{change.hold, 978, 0, 0, 0, 0};
      bool good = known != (change.operation == HoldOperation::open);
      if (change.operation == HoldOperation::open) hold.authorized += change.amount;
      if (change.operation == HoldOperation::capture) hold.captured += change.amount;
      if (change.operation == HoldOperation::release) hold.released += change.amount;
      if (change.operation == HoldOperation::refund) hold.refunded += change.amount;
      if (change.operation == HoldOperation::refund) {
        good = good && hold.refunded <= hold.captured;
      } else {
        good = good && (change.operation == HoldOperation::open ||
                        hold.captured + hold.released <= hold.authorized);
      }
      if (!good && command.origin != Origin::fact) return false;
      holds[change.hold] = hold;
    }
    for (const Posting& row : command.postings) {
      const std::size_t which =
          (row.layer == Layer::pending ? 2U : 0U) + (row.side == Side::credit ? 1U : 0U);
      accounts[row.account][which] += row.amount;
    }
    for (const ObjectWrite& write : command.objects) ++objects[write.id];
    for (const UniqueWrite& write : command.uniques) uniques.insert(write.key);
    entries.insert(command.entry_id);
    return true;
  }
};

class RandomCommands {
 public:
  explicit RandomCommands(std::uint64_t seed) : random_(seed) {}
  Command next() {
    Command command = command_of(below(50) == 0 ? below(serial_ + 1) : ++serial_);
    command.type = EntryType::capture;
    command.origin = below(4) == 0 ? Origin::fact : Origin::command;
    if (below(3) != 0) {
      const std::uint64_t amount = 1 + below(1000);
      const std::uint64_t wrong = below(20) == 0 ? 1 : 0;
      command.postings = {
          posting(AccountCode::psp_receivable, Side::debit, amount, 978, below(5)),
          posting(AccountCode::merchant_payable, Side::credit, amount + wrong, 978, below(5))};
    }
    if (below(2) == 0) {
      command.holds = {
          {id_of(below(300), 0xB0), static_cast<HoldOperation>(1 + below(4)), 978, 1 + below(50)}};
    }
    if (below(3) == 0) {
      command.objects = {{ObjectKind{1},
                          id_of(below(40), 1),
                          below(3),
                          {},
                          Bytes{static_cast<std::uint8_t>(below(256)), 1}}};
    }
    if (below(5) == 0) command.uniques = {{UniqueTable{1}, key_of(below(2000)), {}}};
    return command;
  }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  std::mt19937_64 random_;
  std::uint64_t serial_ = 0;
};

TEST_F(WriterTest, RandomCommandsAgreeWithTheOracle) {
  const std::uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE(seed);
  open();
  Oracle oracle;
  RandomCommands random(seed);
  std::size_t total = 0;
  std::size_t accepted = 0;
  while (total < test::quick_or_long<std::size_t>(1500, 20'000)) {
    std::vector<Command> batch;
    for (std::uint64_t i = 1 + random.below(60); i > 0; --i) batch.push_back(random.next());
    const auto results = ledger_->append(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const bool expected = oracle.take(batch[i]);
      const bool taken = results[i].ok() && !results[i]->duplicate;
      ASSERT_EQ(taken, expected) << "command " << total + i;
      accepted += taken ? 1 : 0;
    }
    total += batch.size();
    settle();
    Int128 posted = 0;
    Int128 pending = 0;
    const auto balances = ledger_->balances();
    for (const AccountBalance& row : *balances) {
      posted += static_cast<Int128>(row.debits_posted) - static_cast<Int128>(row.credits_posted);
      pending += static_cast<Int128>(row.debits_pending) - static_cast<Int128>(row.credits_pending);
      const auto& known = oracle.accounts[row.account.key];
      ASSERT_TRUE(row.debits_posted == known[0] && row.credits_posted == known[1] &&
                  row.debits_pending == known[2] && row.credits_pending == known[3]);
    }
    ASSERT_TRUE(posted == 0 && pending == 0);
    ASSERT_EQ(balances->size(), oracle.accounts.size());
    if (random.below(40) == 0) reopen();
  }
  for (const auto& [id, hold] : oracle.holds) {
    const auto found = ledger_->hold(id);
    ASSERT_TRUE(found->has_value());
    EXPECT_TRUE((*found)->captured == hold.captured && (*found)->released == hold.released &&
                (*found)->refunded == hold.refunded && (*found)->authorized == hold.authorized);
  }
  for (const auto& [id, version] : oracle.objects) {
    EXPECT_EQ((**ledger_->object(ObjectKind{1}, id)).version, version);
  }
  EXPECT_GT(accepted, total / 5);
  close();
  const Dump live = dump();
  std::filesystem::remove_all(dir_.path() / "proj");
  open();
  close();
  EXPECT_TRUE(dump() == live);
}

}  // namespace
}  // namespace florin::ledger::writer_test
