// What two people can do to books: what cannot be carried out is refused at the preview.
#include "daemon/control/ledger_operations.h"

#include "key_world.h"
#include "support/ledger_commands.h"

namespace florin::control::ledger_operations_test {
namespace {

class LedgerOperationsTest : public KeyWorld {
 protected:
  void SetUp() override {
    KeyWorld::SetUp();
    tenant_ = add_tenant("acme");
    operations_ = ledger_operations(*appliance_, clock_);
    books_ = (*appliance_->ledger_of(tenant_.id, ledger::Mode::test)).books;
    ledger::Command paid = ledger::transfer(1, 500);
    paid.subject = tenant_.id.value;  // it has to be about something
    append(std::move(paid));
  }
  void TearDown() override {
    books_.reset();
    KeyWorld::TearDown();
  }
  std::uint64_t append(ledger::Command command) {
    std::vector<ledger::Command> commands;
    commands.push_back(std::move(command));
    const auto receipt = std::move(books_->append(std::move(commands)).front());
    EXPECT_TRUE(receipt.ok()) << receipt.error().to_log();
    EXPECT_TRUE(books_->catch_up().ok());
    return receipt.ok() ? receipt->seq : 0;
  }
  std::string day_from_now(int days) {
    constexpr std::int64_t day_ns = 86'400 * kNanosPerSecond;
    return to_rfc3339(clock_.now() + days * day_ns).substr(0, 10);
  }
  json::object adjustment(const std::string& day) {
    json::object out{{"ledger", "acme/test"}, {"debit", "1"}, {"credit", "2"}, {"amount", "5"}};
    if (!day.empty()) out["day"] = day;
    return out;
  }

  domain::Tenant tenant_;
  std::shared_ptr<ledger::Ledger> books_;
};

TEST_F(LedgerOperationsTest, OnlyDaysThatAreOverAreLocked) {
  const auto lock = [this](const std::string& day) {
    return operation("ledger.lock-period").propose({{"ledger", "acme/test"}, {"through", day}});
  };
  for (const std::string& day : {std::string("2099-01-01"), day_from_now(1), day_from_now(0)}) {
    const auto refused = lock(day);
    ASSERT_FALSE(refused.ok()) << day;
    EXPECT_EQ(refused.error().field(), "/parameters/through");
  }
  EXPECT_TRUE(lock(day_from_now(-1)).ok());
  EXPECT_EQ(lock("2026-13-01").error().field(), "/parameters/through");
}

TEST_F(LedgerOperationsTest, WhatCannotBeTakenBackIsNotAskedOfAnybody) {
  const json::object wanted{{"ledger", "acme/test"}, {"entry", "1"}};
  const json::object made = done("ledger.reverse", wanted, 7);
  const std::string reversal = std::to_string(made.at("entry").to_number<std::uint64_t>());
  const auto again =
      operation("ledger.reverse").propose({{"ledger", "acme/test"}, {"entry", reversal}});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), Errc::state_conflict);
  EXPECT_EQ(again.error().field(), "/parameters/entry");
  // And what was taken back is not taken back twice: the preview names the entry that did it.
  const auto twice = operation("ledger.reverse").propose(wanted);
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().code(), Errc::state_conflict);
  EXPECT_EQ(twice.error().field(), "/parameters/entry");
  EXPECT_EQ(twice.error().message(), "entry " + reversal + " has taken it back already");
}

TEST_F(LedgerOperationsTest, AnAdjustmentNamesItsDayWhichIsNotToCome) {
  const auto later = operation("ledger.adjust").propose(adjustment(day_from_now(1)));
  ASSERT_FALSE(later.ok());
  EXPECT_EQ(later.error().field(), "/parameters/day");
  EXPECT_EQ(operation("ledger.adjust").propose(adjustment("2026-2-1")).error().field(),
            "/parameters/day");
  const std::string day = day_from_now(-3);
  const auto earlier = operation("ledger.adjust").propose(adjustment(day));
  ASSERT_TRUE(earlier.ok()) << earlier.error().to_log();
  EXPECT_NE(earlier->consequence.find("dated " + day), std::string::npos) << earlier->consequence;
  const auto today = operation("ledger.adjust").propose(adjustment(""));
  ASSERT_TRUE(today.ok());
  EXPECT_EQ(today->consequence.find("dated"), std::string::npos);
}

}  // namespace
}  // namespace florin::control::ledger_operations_test
