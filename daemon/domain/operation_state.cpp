#include "daemon/domain/operation_state.h"

namespace florin::domain {
namespace {

using Row = Transition<OperationState, OperationInput>;
using In = OperationInput;
using enum OperationState;

// The whole machine. A pair that is not here changes nothing: what has ended stays ended.
constexpr std::array kTransitions = {
    Row{dispatched, In::succeeded, succeeded},
    Row{dispatched, In::declined, declined},
    Row{dispatched, In::refused, refused},
    Row{dispatched, In::unsent, unsent},
    Row{dispatched, In::not_executed, not_executed},
    Row{dispatched, In::unknown, unknown},
    Row{dispatched, In::pending, pending},
    Row{dispatched, In::differs, review},
    Row{unknown, In::succeeded, succeeded},
    Row{unknown, In::declined, declined},
    Row{unknown, In::refused, refused},
    Row{unknown, In::not_executed, not_executed},
    Row{unknown, In::pending, pending},
    Row{unknown, In::differs, review},
    Row{unknown, In::decided_succeeded, succeeded},
    Row{unknown, In::decided_not_executed, not_executed},
    Row{pending, In::succeeded, succeeded},
    Row{pending, In::declined, declined},
    Row{pending, In::refused, refused},
    Row{pending, In::not_executed, not_executed},
    Row{pending, In::differs, review},
    Row{pending, In::decided_succeeded, succeeded},
    Row{pending, In::decided_not_executed, not_executed},
    Row{review, In::decided_succeeded, succeeded},
    Row{review, In::decided_not_executed, not_executed},
};

static_assert(is_deterministic(kTransitions) && every_row_moves(kTransitions));
static_assert(are_terminal(kTransitions, {succeeded, declined, refused, unsent, not_executed}));
// "unsent" proves nothing about an earlier dispatch, so it must never close an unknown.
static_assert(std::none_of(kTransitions.begin(), kTransitions.end(), [](const Row& row) {
  return row.input == In::unsent && row.from != dispatched;
}));
// Nothing but two people ends a review, and they never decide what is still on its way.
static_assert(std::all_of(kTransitions.begin(), kTransitions.end(), [](const Row& row) {
  const bool decided = row.input == In::decided_succeeded || row.input == In::decided_not_executed;
  return decided ? row.from != dispatched : row.from != review;
}));
// Nobody goes back to what was there before the first answer.
static_assert(std::none_of(kTransitions.begin(), kTransitions.end(),
                           [](const Row& row) { return row.to == dispatched; }));

}  // namespace

std::optional<OperationState> next_state(OperationState from, OperationInput input) noexcept {
  return follow(kTransitions, from, input);
}

std::optional<OperationState> next_state(OperationState from, OutcomeClass outcome) noexcept {
  return next_state(from, input_of(outcome));
}

OperationInput input_of(OutcomeClass outcome) noexcept {
  switch (outcome) {
    case OutcomeClass::succeeded:
      return In::succeeded;
    case OutcomeClass::declined:
      return In::declined;
    case OutcomeClass::refused:
      return In::refused;
    case OutcomeClass::unsent:
      return In::unsent;
    case OutcomeClass::not_executed:
      return In::not_executed;
    case OutcomeClass::pending:
      return In::pending;
    case OutcomeClass::unknown:
      break;
  }
  return In::unknown;
}

bool has_ended(OperationState state) noexcept {
  return is_terminal(kTransitions, state);
}

bool awaits_evidence(OperationState state) noexcept {
  return !has_ended(state) && state != review;
}

std::string_view operation_state_name(OperationState state) noexcept {
  switch (state) {
    case dispatched:
      return "dispatched";
    case succeeded:
      return "succeeded";
    case declined:
      return "declined";
    case refused:
      return "refused";
    case unsent:
      return "unsent";
    case not_executed:
      return "not_executed";
    case unknown:
      return "unknown";
    case pending:
      return "pending";
    case review:
      return "review";
  }
  return "";
}

std::string_view operation_input_name(OperationInput input) noexcept {
  switch (input) {
    case In::succeeded:
      return "succeeded";
    case In::declined:
      return "declined";
    case In::refused:
      return "refused";
    case In::unsent:
      return "unsent";
    case In::not_executed:
      return "not_executed";
    case In::unknown:
      return "unknown";
    case In::pending:
      return "pending";
    case In::differs:
      return "differs";
    case In::decided_succeeded:
      return "decided_succeeded";
    case In::decided_not_executed:
      return "decided_not_executed";
  }
  return "";
}

Machine operation_machine() {
  return {"operation", "one call to an acquirer", operation_state_name(dispatched),
          edges_of(kTransitions, operation_state_name, operation_input_name)};
}

}  // namespace florin::domain
