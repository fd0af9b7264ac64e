#pragma once
/// One outbound call as a value; its machine is in operation_state.h.
#include <cstdint>
#include <string>

#include "daemon/domain/payment.h"

namespace florin::domain {

/// Of two people: it was executed as asked for, or it was not executed.
enum class Verdict : std::uint8_t { succeeded = 1, not_executed = 2 };
std::string_view verdict_name(Verdict verdict) noexcept;

/// What an authenticated success said where it was not about what was asked for.
struct Said {
  std::optional<Money> amount;
  std::string reference;      ///< at most 64 characters of it
  std::string psp_reference;  ///< at most 64 characters of it
  bool operator==(const Said&) const = default;
};

inline constexpr std::size_t kMaxRequestNumber = 16;

/// What two people decided about an operation that evidence could not end.
struct Decided {
  Verdict verdict{};
  Hash32 evidence{};    ///< SHA-256 of what they were shown
  std::string request;  ///< number of their request, "R-0042", at most kMaxRequestNumber
  bool operator==(const Decided&) const = default;
};

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
  std::optional<Said> said;        ///< since it went to review
  std::optional<Decided> decided;  ///< once two people ended it
  bool late_success = false;       ///< a success was learned after it had ended otherwise
};

}  // namespace florin::domain
