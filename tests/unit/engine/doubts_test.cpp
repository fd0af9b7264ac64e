#include "daemon/engine/doubts.h"

#include <gtest/gtest.h>

#include <set>

#include "daemon/engine/doubt_notes.h"
#include "daemon/engine/inquiry_schedule.h"

namespace florin::engine::doubts_test {
namespace {

OperationId operation(std::uint8_t number) {
  OperationId id;
  id.value.bytes.back() = number;
  return id;
}

TEST(InquirySchedule, GrowsToADayAndStaysThereForEver) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const std::int64_t expected[] = {2, 10, 30, 120, 600, 3'600, 21'600, 86'400, 86'400, 86'400};
  for (std::uint8_t number = 0; number < 50; ++number) {
    for (std::size_t n = 0; n < std::size(expected); ++n) {
      const milliseconds delay = inquiry_delay(n, operation(number));
      EXPECT_GE(delay, milliseconds(seconds(expected[n])) * 9 / 10) << n;
      EXPECT_LE(delay, milliseconds(seconds(expected[n])) * 11 / 10) << n;
    }
  }
  EXPECT_GE(inquiry_delay(SIZE_MAX, operation(1)), seconds(77'760));
}

TEST(InquirySchedule, WhatWasLostTogetherIsNotAskedForTogether) {
  std::set<std::int64_t> delays;
  for (std::uint8_t number = 0; number < 100; ++number) {
    delays.insert(inquiry_delay(5, operation(number)).count());
    EXPECT_EQ(inquiry_delay(5, operation(number)), inquiry_delay(5, operation(number)));
  }
  EXPECT_GT(delays.size(), 50U);
}

TEST(InquirySchedule, AlertsAtAQuarterOfAnHourAndAtADay) {
  using namespace std::chrono_literals;
  EXPECT_EQ(alerts_due(0s), 0U);
  EXPECT_EQ(alerts_due(15min - 1ns), 0U);
  EXPECT_EQ(alerts_due(15min), 1U);
  EXPECT_EQ(alerts_due(24h - 1ns), 1U);
  EXPECT_EQ(alerts_due(24h), 2U);
  EXPECT_EQ(next_alert_age(0s), 15min);
  EXPECT_EQ(next_alert_age(15min), 24h);
  EXPECT_EQ(next_alert_age(24h), std::nullopt);
}

TEST(DoubtNotes, TellWhatWasTried) {
  DoubtNotes notes;
  EXPECT_EQ(notes.summary().count, 0U);
  EXPECT_EQ(notes.summary().oldest_since, 0);
  notes.begin(operation(1), 500);
  notes.begin(operation(2), 300);
  notes.scheduled(operation(1), 900);
  EXPECT_EQ(notes.find(operation(1))->next_inquiry_at, 900);
  notes.inquired(operation(1));
  notes.inquired(operation(1));
  notes.explained(operation(1), "timed out\n" + std::string(400, 'x'));
  const DoubtNote note = notes.find(operation(1)).value_or(DoubtNote{});
  EXPECT_EQ(note.since, 500);
  EXPECT_EQ(note.inquiries, 2U);
  EXPECT_EQ(note.next_inquiry_at, 0);
  EXPECT_EQ(note.last_evidence.size(), 200U);
  EXPECT_TRUE(note.last_evidence.starts_with("timed out?x"));
  EXPECT_EQ(notes.summary().count, 2U);
  EXPECT_EQ(notes.summary().oldest_since, 300);
  notes.end(operation(2));
  EXPECT_EQ(notes.summary().oldest_since, 500);
  EXPECT_FALSE(notes.find(operation(2)).has_value());
  // What is told about an operation that is not watched is not kept.
  notes.explained(operation(9), "late");
  EXPECT_FALSE(notes.find(operation(9)).has_value());
}

TEST(DoubtCount, OfSeveralLedgersTogether) {
  DoubtCount all;
  all += DoubtCount{.in_doubt = 0, .in_flight = 3, .oldest_since = 0};
  all += DoubtCount{.in_doubt = 2, .in_flight = 0, .oldest_since = 700};
  all += DoubtCount{.in_doubt = 1, .in_flight = 1, .oldest_since = 400};
  EXPECT_EQ(all.in_doubt, 3U);
  EXPECT_EQ(all.in_flight, 4U);
  EXPECT_EQ(all.oldest_since, 400);
}

}  // namespace
}  // namespace florin::engine::doubts_test
