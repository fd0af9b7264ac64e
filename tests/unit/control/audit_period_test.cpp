// Periods by day: both days included, UTC, and nothing at the seams twice or not at all.
#include "daemon/control/audit_period.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/empty_ledger.h"

namespace florin::control::audit_period_test {
namespace {

/// Entries booked at given times, nothing else.
class TimedLedger final : public test::EmptyLedger {
 public:
  explicit TimedLedger(const std::vector<std::string>& times) {
    for (const std::string& time : times) booked_at_.push_back(*from_rfc3339(time));
  }
  [[nodiscard]] Result<std::uint64_t> size_at(UnixNanos time) const override {
    const auto end = std::upper_bound(booked_at_.begin(), booked_at_.end(), time);
    return static_cast<std::uint64_t>(end - booked_at_.begin());
  }
  [[nodiscard]] std::uint64_t size() const { return booked_at_.size(); }

 private:
  std::vector<UnixNanos> booked_at_;
};

const TimedLedger& books() {
  static const TimedLedger ledger({"2026-03-30T12:00:00Z", "2026-03-31T00:00:00Z",
                                   "2026-03-31T23:59:59.999999Z", "2026-04-01T00:00:00Z",
                                   "2026-04-03T08:00:00Z"});
  return ledger;
}

std::string found(const PeriodAsked& asked) {
  const auto period = find_period(books(), books().size(), asked);
  if (!period.ok()) return period.error().field();
  const auto text = [](const std::optional<std::uint64_t>& seq) {
    return seq ? std::to_string(*seq) : std::string("-");
  };
  return text(period->from_seq) + " " + text(period->to_seq);
}

TEST(AuditPeriod, DaysAreUtcAndBothIncluded) {
  EXPECT_EQ(found({}), "- -");
  EXPECT_EQ(found({.from_day = "2026-03-31", .to_day = "2026-03-31"}), "1 2");
  EXPECT_EQ(found({.from_day = "2026-03-31"}), "1 -");
  EXPECT_EQ(found({.to_day = "2026-03-31"}), "- 2");
  EXPECT_EQ(found({.from_day = "2026-04-01", .to_day = "2026-04-02"}), "3 3");
  EXPECT_EQ(found({.from_day = "2020-01-01", .to_day = "2030-01-01"}), "0 4");
  EXPECT_EQ(found({.from_seq = "2", .to_seq = "4"}), "2 4");
  EXPECT_EQ(found({.from_seq = "0", .to_day = "2026-03-30"}), "0 0");
}

TEST(AuditPeriod, SeamsOfDaysLeaveNothingOut) {
  std::uint64_t next = 0;
  for (const char* day : {"2026-03-30", "2026-03-31", "2026-04-01", "2026-04-03"}) {
    const auto period = find_period(books(), books().size(), {.from_day = day, .to_day = day});
    ASSERT_TRUE(period.ok()) << day;
    EXPECT_EQ(*period->from_seq, next) << day;
    next = *period->to_seq + 1;
  }
  EXPECT_EQ(next, books().size());
}

TEST(AuditPeriod, WhatCannotBeAskedIsToldByField) {
  EXPECT_EQ(found({.from_day = "2026-04-02", .to_day = "2026-04-02"}), "/from");
  EXPECT_EQ(found({.from_day = "2026-04-04"}), "/from");
  EXPECT_EQ(found({.to_day = "2026-03-29"}), "/to");
  EXPECT_EQ(found({.from_day = "2026-04-01", .to_day = "2026-03-31"}), "/from");
  for (const char* day : {"2026-4-1", "2026-02-30", "yesterday", "2026-04-01T"}) {
    EXPECT_EQ(found({.from_day = day}), "/from") << day;
    EXPECT_EQ(found({.to_day = day}), "/to") << day;
  }
  EXPECT_EQ(found({.from_seq = "x"}), "/from_seq");
  EXPECT_EQ(found({.to_seq = "-1"}), "/to_seq");
  EXPECT_EQ(found({.to_seq = "5"}), "/to_seq");
  EXPECT_EQ(found({.from_seq = "3", .to_seq = "2"}), "/from_seq");
  EXPECT_EQ(found({.from_seq = "3", .from_day = "2026-04-01"}), "/from");
  EXPECT_EQ(found({.to_seq = "3", .to_day = "2026-04-01"}), "/to");
}

}  // namespace
}  // namespace florin::control::audit_period_test
