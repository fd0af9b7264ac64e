#include "daemon/domain/operation_state.h"
#include "unit/domain/world.h"

namespace florin::domain::operation_test {
namespace {

using S = OperationState;
constexpr S kAllStates[] = {S::dispatched,   S::succeeded, S::declined, S::refused, S::unsent,
                            S::not_executed, S::unknown,   S::pending,  S::review};
using In = OperationInput;
constexpr In kAllInputs[] = {In::succeeded,         In::declined,
                             In::refused,           In::unsent,
                             In::not_executed,      In::unknown,
                             In::pending,           In::differs,
                             In::decided_succeeded, In::decided_not_executed};
constexpr std::optional<S> kNothing;

TEST(Operation, EveryPairOfStateAndInput) {
  // Columns in the order of kAllInputs.
  struct Row {
    S from;
    std::optional<S> to[10];
  };
  const Row rows[] = {
      {S::dispatched,
       {S::succeeded, S::declined, S::refused, S::unsent, S::not_executed, S::unknown, S::pending,
        S::review, kNothing, kNothing}},
      {S::unknown,
       {S::succeeded, S::declined, S::refused, kNothing, S::not_executed, kNothing, S::pending,
        S::review, S::succeeded, S::not_executed}},
      {S::pending,
       {S::succeeded, S::declined, S::refused, kNothing, S::not_executed, kNothing, kNothing,
        S::review, S::succeeded, S::not_executed}},
      {S::review,
       {kNothing, kNothing, kNothing, kNothing, kNothing, kNothing, kNothing, kNothing,
        S::succeeded, S::not_executed}},
      {S::succeeded, {}},
      {S::declined, {}},
      {S::refused, {}},
      {S::unsent, {}},
      {S::not_executed, {}},
  };
  ASSERT_EQ(std::size(rows), std::size(kAllStates));
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < std::size(kAllInputs); ++i) {
      EXPECT_EQ(next_state(row.from, kAllInputs[i]), row.to[i])
          << operation_state_name(row.from) << " + " << operation_input_name(kAllInputs[i]);
    }
  }
}

TEST(Operation, WhatHasEndedStaysEnded) {
  for (const S state : kAllStates) {
    const bool open = state == S::dispatched || state == S::unknown || state == S::pending;
    EXPECT_EQ(awaits_evidence(state), open);
    EXPECT_EQ(has_ended(state), !open && state != S::review);
    if (!has_ended(state)) continue;
    for (const In input : kAllInputs) EXPECT_FALSE(next_state(state, input).has_value());
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
  names.clear();
  for (const In input : kAllInputs) ++names[operation_input_name(input)];
  EXPECT_EQ(names.size(), std::size(kAllInputs));
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace florin::domain::operation_test
