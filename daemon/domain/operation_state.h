#pragma once
/// The operation machine: the only place of PSP uncertainty.
#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/domain/machine.h"
#include "daemon/domain/outcome.h"

namespace florin::domain {

enum class OperationState : std::uint8_t {
  dispatched = 1,  ///< durable before the first byte leaves
  succeeded = 2,
  declined = 3,
  refused = 4,
  unsent = 5,
  not_executed = 6,
  unknown = 7,
  pending = 8,  ///< the acquirer took it and will tell its end later
  review = 9,   ///< an authenticated success about another amount, currency or reference
};
std::string_view operation_state_name(OperationState state) noexcept;

/// What moves an operation: an outcome as the core judges it, or what two people decided.
enum class OperationInput : std::uint8_t {
  succeeded = 1,
  declined = 2,
  refused = 3,
  unsent = 4,
  not_executed = 5,
  unknown = 6,
  pending = 7,
  differs = 8,  ///< a success that is not about what was asked for
  decided_succeeded = 9,
  decided_not_executed = 10,
};
std::string_view operation_input_name(OperationInput input) noexcept;
OperationInput input_of(OutcomeClass outcome) noexcept;

/// The state that an input leads to, or nothing when it must not touch the operation.
std::optional<OperationState> next_state(OperationState from, OperationInput input) noexcept;
std::optional<OperationState> next_state(OperationState from, OutcomeClass outcome) noexcept;
[[nodiscard]] bool has_ended(OperationState state) noexcept;
/// Whether asking the acquirer may still end it: not when it has ended, nor in review, which only
/// people leave.
[[nodiscard]] bool awaits_evidence(OperationState state) noexcept;

/// The whole machine, to be printed.
Machine operation_machine();

}  // namespace florin::domain
