#include "daemon/domain/operation.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace florin::domain {
namespace {

struct Transition {
  OperationState from;
  OutcomeClass outcome;
  OperationState to;
};

using enum OperationState;

// The whole machine. A pair that is not here changes nothing: what has ended stays ended.
constexpr std::array kTransitions = {
    Transition{dispatched, OutcomeClass::succeeded, succeeded},
    Transition{dispatched, OutcomeClass::declined, declined},
    Transition{dispatched, OutcomeClass::refused, refused},
    Transition{dispatched, OutcomeClass::unsent, unsent},
    Transition{dispatched, OutcomeClass::not_executed, not_executed},
    Transition{dispatched, OutcomeClass::unknown, unknown},
    Transition{unknown, OutcomeClass::succeeded, succeeded},
    Transition{unknown, OutcomeClass::declined, declined},
    Transition{unknown, OutcomeClass::refused, refused},
    Transition{unknown, OutcomeClass::not_executed, not_executed},
};

// "unsent" proves nothing about an earlier dispatch, so it must never close an unknown.
static_assert(std::none_of(kTransitions.begin(), kTransitions.end(), [](const Transition& row) {
  return row.from == unknown && row.outcome == OutcomeClass::unsent;
}));
static_assert(std::all_of(kTransitions.begin(), kTransitions.end(), [](const Transition& row) {
  return row.from == dispatched || row.from == unknown;
}));

}  // namespace

std::optional<OperationState> next_state(OperationState from, OutcomeClass outcome) noexcept {
  const auto* const row =
      std::find_if(kTransitions.begin(), kTransitions.end(), [&](const Transition& candidate) {
        return candidate.from == from && candidate.outcome == outcome;
      });
  if (row == kTransitions.end()) return std::nullopt;
  return row->to;
}

bool has_ended(OperationState state) noexcept {
  return state != dispatched && state != unknown;
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
  }
  return "";
}

}  // namespace florin::domain
