#include "daemon/domain/operation.h"

#include "unit/domain/world.h"

namespace florin::domain {
namespace {

using S = OperationState;
constexpr S kAllStates[] = {S::dispatched, S::succeeded,    S::declined, S::refused,
                            S::unsent,     S::not_executed, S::unknown};
constexpr std::optional<S> kNothing;

TEST(Operation, EveryPairOfStateAndOutcome) {
  // Columns in the order of kAllOutcomes: succeeded, declined, refused, unsent, not executed,
  // unknown.
  struct Row {
    S from;
    std::optional<S> to[6];
  };
  const Row rows[] = {
      {S::dispatched,
       {S::succeeded, S::declined, S::refused, S::unsent, S::not_executed, S::unknown}},
      {S::unknown, {S::succeeded, S::declined, S::refused, kNothing, S::not_executed, kNothing}},
      {S::succeeded, {}},
      {S::declined, {}},
      {S::refused, {}},
      {S::unsent, {}},
      {S::not_executed, {}},
  };
  ASSERT_EQ(std::size(rows), std::size(kAllStates));
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < std::size(kAllOutcomes); ++i) {
      EXPECT_EQ(next_state(row.from, kAllOutcomes[i]), row.to[i])
          << operation_state_name(row.from) << " + " << outcome_class_name(kAllOutcomes[i]);
    }
  }
}

TEST(Operation, WhatHasEndedStaysEnded) {
  for (const S state : kAllStates) {
    EXPECT_EQ(has_ended(state), state != S::dispatched && state != S::unknown);
    if (!has_ended(state)) continue;
    for (const OutcomeClass outcome : kAllOutcomes) {
      EXPECT_FALSE(next_state(state, outcome).has_value());
    }
  }
}

TEST(Operation, NamesAreDistinct) {
  std::map<std::string_view, int> names;
  for (const S state : kAllStates) ++names[operation_state_name(state)];
  EXPECT_EQ(names.size(), std::size(kAllStates));
  EXPECT_FALSE(names.contains(""));
  names.clear();
  for (const OutcomeClass outcome : kAllOutcomes) ++names[outcome_class_name(outcome)];
  EXPECT_EQ(names.size(), std::size(kAllOutcomes));
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace florin::domain
