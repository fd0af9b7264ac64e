// The pure parts of the supervision: states, breaker, schedule; and the vendors' table.
#include "hsm/state.h"

#include <gtest/gtest.h>

#include <set>

#include "hsm/breaker.h"
#include "hsm/dialect.h"

namespace florin::hsm::state_test {
namespace {

using namespace std::chrono_literals;

constexpr Event kEvents[] = {
    Event::start,         Event::logged_in,      Event::checks_passed,  Event::start_failed,
    Event::login_refused, Event::breaker_opened, Event::breaker_closed, Event::token_lost,
    Event::drain_failed,  Event::new_pin,        Event::stop,
};

TEST(HsmState, TheWholeTable) {
  struct Row {
    State from;
    Event event;
    State to;
  };
  const Row rows[] = {
      {State::stopped, Event::start, State::initialising},
      {State::initialising, Event::logged_in, State::checking},
      {State::initialising, Event::start_failed, State::down},
      {State::initialising, Event::login_refused, State::auth_blocked},
      {State::initialising, Event::stop, State::stopped},
      {State::checking, Event::checks_passed, State::ready},
      {State::checking, Event::start_failed, State::down},
      {State::checking, Event::stop, State::stopped},
      {State::ready, Event::breaker_opened, State::degraded},
      {State::ready, Event::token_lost, State::reinit},
      {State::ready, Event::login_refused, State::auth_blocked},
      {State::ready, Event::stop, State::stopped},
      {State::degraded, Event::breaker_closed, State::ready},
      {State::degraded, Event::token_lost, State::reinit},
      {State::degraded, Event::login_refused, State::auth_blocked},
      {State::degraded, Event::stop, State::stopped},
      {State::reinit, Event::start, State::initialising},
      {State::reinit, Event::start_failed, State::down},
      {State::reinit, Event::drain_failed, State::down},
      {State::reinit, Event::stop, State::stopped},
      {State::down, Event::token_lost, State::reinit},
      {State::down, Event::stop, State::stopped},
      {State::auth_blocked, Event::new_pin, State::reinit},
      {State::auth_blocked, Event::stop, State::stopped},
  };
  std::size_t moves = 0;
  for (const State from : kStates) {
    for (const Event event : kEvents) {
      std::optional<State> expected;
      for (const Row& row : rows) {
        if (row.from == from && row.event == event) expected = row.to;
      }
      EXPECT_EQ(next_state(from, event), expected)
          << state_name(from) << " event " << static_cast<int>(event);
      if (expected.has_value()) ++moves;
    }
  }
  EXPECT_EQ(moves, std::size(rows));
}

TEST(HsmState, NothingButAnOperatorLeavesAuthBlocked) {
  for (const Event event : kEvents) {
    if (event == Event::new_pin || event == Event::stop) continue;
    EXPECT_FALSE(next_state(State::auth_blocked, event).has_value());
  }
}

TEST(HsmState, NamesDiffer) {
  std::set<std::string_view> names;
  for (const State state : kStates) names.insert(state_name(state));
  EXPECT_EQ(names.size(), std::size(kStates));
}

TEST(Breaker, OpensAfterThreeFailuresInTenSeconds) {
  Breaker breaker(5s);
  EXPECT_FALSE(breaker.failed(0s, 0s));
  EXPECT_FALSE(breaker.failed(9s, 0s));
  EXPECT_FALSE(breaker.failed(11s, 0s)) << "the first is too long ago";
  EXPECT_FALSE(breaker.open());
  EXPECT_TRUE(breaker.failed(12s, 1s));
  EXPECT_TRUE(breaker.open());
  EXPECT_FALSE(breaker.trial_due(17s)) << "five seconds and the jitter";
  EXPECT_TRUE(breaker.trial_due(18s));
}

TEST(Breaker, ATrialClosesItOrCostsAnotherPause) {
  Breaker breaker(5s);
  for (int i = 0; i < 3; ++i) breaker.failed(1s, 0s);
  EXPECT_EQ(breaker.failed_trials(), 0U);
  EXPECT_FALSE(breaker.failed(6s, 0s));
  EXPECT_EQ(breaker.failed_trials(), 1U);
  EXPECT_FALSE(breaker.trial_due(10s));
  EXPECT_TRUE(breaker.trial_due(11s));
  EXPECT_TRUE(breaker.succeeded());
  EXPECT_FALSE(breaker.open());
  EXPECT_FALSE(breaker.trial_due(100s));
  EXPECT_FALSE(breaker.succeeded());
  EXPECT_FALSE(breaker.failed(12s, 0s)) << "what was before is forgotten";
}

TEST(RestartSchedule, AtOnceTheFirstTimeThenOncePerInterval) {
  RestartSchedule schedule(30s);
  EXPECT_TRUE(schedule.due(0s));
  schedule.attempted(5s);
  EXPECT_FALSE(schedule.due(34s));
  EXPECT_TRUE(schedule.due(35s));
}

TEST(Dialect, IsChosenByManufacturerOrModel) {
  EXPECT_EQ(dialect_of("SoftHSM project", "SoftHSM v2").name, "softhsm");
  EXPECT_EQ(dialect_of("SafeNet", "LunaSA 7.4.0").name, "luna");
  EXPECT_EQ(dialect_of("nCipher Corp. Ltd", "").name, "nshield");
  EXPECT_EQ(dialect_of("Utimaco IS GmbH", "CryptoServer").name, "utimaco");
  EXPECT_EQ(dialect_of("Yubico (www.yubico.com)", "YubiHSM").name, "yubihsm2");
  EXPECT_EQ(dialect_of("Acme", "Box").name, "generic");
  std::set<std::string_view> names;
  for (const Dialect& row : dialects()) {
    names.insert(row.name);
    EXPECT_GE(row.lanes, 1U);
    EXPECT_EQ(row.tried, row.name == "softhsm") << "no other device was at hand";
  }
  EXPECT_EQ(names.size(), dialects().size());
}

}  // namespace
}  // namespace florin::hsm::state_test
