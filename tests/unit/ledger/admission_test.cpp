// Which commands are taken: reservations for outcomes, predicted work, room on disk. And that what
// cannot be written stops the ledger.
#include <future>

#include "faulty_files.h"
#include "ledger/disk_room.h"
#include "ledger/limits.h"
#include "ledger/log_control.h"

namespace florin::ledger::admission_test {
namespace {

// What one outcome is promised: two entries, in the log and in the database.
constexpr std::uint64_t kReserved = 2 * 2 * kOutcomeBytes;

class AdmissionTest : public LedgerTest {
 protected:
  AdmissionTest() { files_ = &faulty_; }
  ~AdmissionTest() override { close(); }

  static Command reserving(std::uint64_t entry, std::uint32_t count) {
    Command command = command_of(entry);
    command.reserves = count;
    return command;
  }
  static Command freeing(std::uint64_t entry, std::uint32_t count) {
    Command command = command_of(entry);
    command.origin = Origin::fact;
    command.frees = count;
    return command;
  }
  std::future<Result<Receipt>> submit(Command command) {
    auto promise = std::make_shared<std::promise<Result<Receipt>>>();
    auto answer = promise->get_future();
    ledger_->submit(std::move(command),
                    [promise](Result<Receipt> result) { promise->set_value(std::move(result)); });
    return answer;
  }
  Load load() { return log_control(*ledger_)->load(); }
  FaultyFiles faulty_;
};

TEST_F(AdmissionTest, QueuedAndAskedForTogetherHaveOneBound) {
  map_bytes_ = std::uint64_t{4} << 30U;  // of which room for the outcomes is kept free
  open();
  settle();
  std::vector<std::future<Result<Receipt>>> accepted;
  {
    const std::lock_guard closed(faulty_.gate);
    for (std::uint64_t i = 1; i <= 8; ++i) accepted.push_back(submit(reserving(i, 1000)));
    // Also what is only asked for counts: all of it may be accepted.
    EXPECT_EQ(submit(reserving(9, 1000)).get().error().code(), Errc::overloaded);
    accepted.push_back(submit(freeing(10, 0)));
  }
  for (auto& answer : accepted) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(load().reserved, 8000U);
  EXPECT_EQ(load().queued, 0U);
  // What is accepted is no part of the queue any more: doubts that last close it to nobody.
  EXPECT_EQ(refused(reserving(11, 8192)), Errc::overloaded);
  EXPECT_EQ(refused(reserving(11, 8191)), Errc{});
  EXPECT_EQ(load().reserved, 16'191U);
  EXPECT_EQ(refused(reserving(12, 0)), Errc{});
  EXPECT_EQ(refused(freeing(13, 1000)), Errc{});
  EXPECT_EQ(load().reserved, 15'191U);
}

TEST_F(AdmissionTest, ReservationsFollowWhatWasAppended) {
  open();
  EXPECT_EQ(refused(reserving(1, 5)), Errc{});
  EXPECT_EQ(load().reserved, 5U);
  EXPECT_TRUE(one(reserving(1, 5))->duplicate);
  EXPECT_EQ(load().reserved, 5U);
  Command unbalanced = transfer(2, 10);
  unbalanced.postings[0].amount = 11;
  unbalanced.reserves = 7;
  unbalanced.frees = 3;
  EXPECT_EQ(refused(unbalanced), Errc::ledger_unbalanced);
  EXPECT_EQ(load().reserved, 5U);
  Command both = freeing(3, 2);
  both.reserves = 1;
  EXPECT_EQ(refused(both), Errc{});
  EXPECT_EQ(load().reserved, 4U);
  // It was given back with the first one.
  EXPECT_TRUE(one(freeing(3, 3))->duplicate);
  EXPECT_EQ(load().reserved, 4U);
  EXPECT_EQ(refused(freeing(4, 1000)), Errc{});
  EXPECT_EQ(load().reserved, 0U);
}

TEST_F(AdmissionTest, RoomForReservedOutcomesIsKeptFree) {
  open();
  // Of each there may be a doubt and an end, both in the log and in the database.
  faulty_.free_space = kMinFreeBytes + 10 * kReserved;
  EXPECT_EQ(refused(reserving(1, 11)), Errc::overloaded);
  EXPECT_EQ(refused(reserving(1, 10)), Errc{});
  EXPECT_EQ(refused(reserving(2, 1)), Errc::overloaded);
  EXPECT_EQ(refused(reserving(2, 0)), Errc{});
  faulty_.free_space = kMinFreeBytes;
  EXPECT_EQ(refused(reserving(3, 0)), Errc::overloaded);
  EXPECT_EQ(refused(freeing(4, 10)), Errc{});
  EXPECT_EQ(refused(reserving(3, 0)), Errc{});
  EXPECT_EQ(load().reserved, 0U);
}

// The room that was promised is in memory; whoever opens the books says how much of it is needed.
TEST_F(AdmissionTest, AnOpeningTakesUpWhatEarlierRunsPromised) {
  open();
  EXPECT_EQ(refused(reserving(1, 10)), Errc{});
  reopen();
  EXPECT_EQ(load().reserved, 0U);
  faulty_.free_space = kMinFreeBytes + 10 * kReserved;
  log_control(*ledger_)->expect_outcomes(10);
  EXPECT_EQ(load().reserved, 10U);
  EXPECT_EQ(refused(reserving(2, 1)), Errc::overloaded);
  EXPECT_EQ(refused(freeing(3, 1)), Errc{});
  EXPECT_EQ(refused(reserving(2, 1)), Errc{});
}

// Two ledgers on one disk: neither promises what the other has promised.
TEST_F(AdmissionTest, WhatAnotherLedgerHasPromisedIsNotThere) {
  const auto room = std::make_shared<DiskRoom>();
  open();
  log_control(*ledger_)->share_room(room);
  faulty_.free_space = kMinFreeBytes + 10 * kReserved;
  auto other = DiskRoom::share(room, dir_.path());
  other->promise(4 * kReserved);
  EXPECT_EQ(refused(reserving(1, 7)), Errc::overloaded);
  EXPECT_EQ(refused(reserving(1, 6)), Errc{});
  EXPECT_EQ(other->promised_by_all(), 10 * kReserved);
  EXPECT_EQ(refused(freeing(2, 6)), Errc{});
  EXPECT_EQ(other->promised_by_all(), 4 * kReserved);
  other.reset();
  EXPECT_EQ(refused(reserving(3, 10)), Errc{});
  EXPECT_EQ(DiskRoom::share(room, dir_.path())->promised_by_all(), 10 * kReserved);
  close();
  EXPECT_EQ(DiskRoom::share(room, dir_.path())->promised_by_all(), 0U);
  // On another file system there is other room.
  auto elsewhere = DiskRoom::share(room, "/proc");
  elsewhere->promise(7);
  EXPECT_EQ(DiskRoom::share(room, dir_.path())->promised_by_all(), 0U);
}

TEST_F(AdmissionTest, PredictedWorkBehindASlowDiskRefusesCommandsButNotFacts) {
  open();
  settle();
  faulty_.clock = &clock_;
  faulty_.sync_takes_ns = kNanosPerSecond;
  for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_EQ(refused(command_of(i)), Errc{});
  settle();
  faulty_.sync_takes_ns = 0;
  EXPECT_EQ(load().predicted_ns, 0);
  std::vector<std::future<Result<Receipt>>> accepted;
  {
    const std::uint64_t before = faulty_.arrived();
    const std::lock_guard closed(faulty_.gate);
    accepted.push_back(submit(command_of(10)));
    faulty_.wait_for_sync(before);
    accepted.push_back(submit(command_of(11)));
    EXPECT_GT(load().predicted_ns, kMaxPredicted_ns);
    EXPECT_EQ(submit(command_of(12)).get().error().code(), Errc::overloaded);
    accepted.push_back(submit(freeing(13, 0)));
  }
  for (auto& answer : accepted) EXPECT_TRUE(answer.get().ok());
  // An empty queue takes a command, whatever was measured before: so it can recover.
  for (std::uint64_t i = 20; i <= 40; ++i) ASSERT_EQ(refused(command_of(i)), Errc{});
  const std::uint64_t before = faulty_.arrived();
  const std::lock_guard closed(faulty_.gate);
  static_cast<void>(submit(command_of(50)));
  faulty_.wait_for_sync(before);
  static_cast<void>(submit(command_of(51)));
  EXPECT_LT(load().predicted_ns, kMaxPredicted_ns);
}

TEST_F(AdmissionTest, SealThatFailsStopsTheLedger) {
  open();
  ASSERT_EQ(refused(command_of(1)), Errc{});
  faulty_.fail_seal = true;
  EXPECT_EQ(log_control(*ledger_)->rotate().error().code(), Errc::ledger_stopped);
  EXPECT_EQ(faulty_.seals, 1);
  EXPECT_EQ(log_control(*ledger_)->rotate().error().code(), Errc::ledger_stopped);
  EXPECT_EQ(refused(command_of(2)), Errc::ledger_stopped);
  EXPECT_EQ(faulty_.seals, 1);  // never asked again
  close();
  EXPECT_EQ(open_error(), Errc::io_failure);
  faulty_.fail_seal = false;
  open();
  EXPECT_EQ(ledger_->head().next_seq, 2U);
}

// Facts are taken until the map is full; then everything stops, and what was answered is there.
TEST_F(AdmissionTest, FullMapStopsTheLedgerAndLosesNothing) {
  map_bytes_ = std::uint64_t{1} << 20U;
  open();
  std::uint64_t taken = 0;
  Errc last{};
  for (std::uint64_t i = 1; i <= 10'000 && last == Errc{}; ++i) {
    Command fact = rich(i);
    fact.origin = Origin::fact;
    last = refused(fact);
    if (last == Errc{}) ++taken;
  }
  EXPECT_EQ(last, Errc::ledger_stopped);
  EXPECT_GT(taken, 10U);
  EXPECT_EQ(refused(command_of(20'000)), Errc::ledger_stopped);
  map_bytes_ = std::uint64_t{256} << 20U;
  reopen();
  EXPECT_GE(ledger_->head().next_seq, taken + 1);
  for (std::uint64_t i = 1; i <= taken; ++i) {
    Command again = rich(i);
    again.origin = Origin::fact;
    ASSERT_TRUE(one(again)->duplicate) << i;
  }
  EXPECT_EQ(refused(command_of(20'000)), Errc{});
}

}  // namespace
}  // namespace florin::ledger::admission_test
