#pragma once
/// The operation machine: the only place of PSP uncertainty.
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/domain/payment.h"

namespace florin::domain {

enum class OperationState : std::uint8_t {
  dispatched = 1,  ///< durable before the first byte leaves
  succeeded = 2,
  declined = 3,
  refused = 4,
  unsent = 5,
  not_executed = 6,
  unknown = 7,
};
std::string_view operation_state_name(OperationState state) noexcept;

/// One outbound call. Everything that is needed to ask the PSP what became of it is stored with it.
struct Operation {
  OperationId id;
  std::uint64_t version = 0;
  // Written once.
  PaymentId payment;
  AttemptId attempt;
  ConnectorId connector;
  OperationKind kind{};
  Money amount;
  Uuid target;          ///< the capture or refund it is about; of a sale its capture; else nil
  std::string psp_key;  ///< idempotency key at the PSP
  bool final_capture = false;
  Key16 idempotency_key{};  ///< of the merchant's request that waits for the outcome
  Key16 fingerprint{};
  UnixNanos created_at = 0;
  // State.
  OperationState state = OperationState::dispatched;
  UnixNanos updated_at = 0;
};

/// The state that an outcome leads to, or nothing when the operation has ended and the outcome must
/// not touch it.
std::optional<OperationState> next_state(OperationState from, OutcomeClass outcome) noexcept;
[[nodiscard]] bool has_ended(OperationState state) noexcept;

}  // namespace florin::domain
