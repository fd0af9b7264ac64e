#pragma once
/// Payment → attempt → operation, with captures and refunds, as values. Amounts are stored, status
/// is derived. Terms are written once; the rest is the mutable state of the object.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/money.h"
#include "daemon/domain/operation_state.h"
#include "daemon/domain/part_status.h"
#include "daemon/domain/payment_status.h"

namespace florin::domain {

inline constexpr std::uint16_t kMaxCaptures = 15;
inline constexpr std::uint16_t kMaxRefunds = 15;

enum class CaptureMethod : std::uint8_t { automatic = 1, manual = 2 };

struct SubjectTag {
  static constexpr std::string_view prefix = "sub";
};
using SubjectId = Id<SubjectTag>;

/// Where the personal fields of terms with a customer are.
enum class PersonalState : std::uint8_t {
  open = 1,     ///< in the fields; always so without a customer
  sealed,       ///< in `sealed_personal` alone
  erased,       ///< nowhere any more
  unavailable,  ///< sealed under a key that this appliance does not have
};

/// What the merchant asked for; never changes.
struct PaymentTerms {
  MerchantId merchant;
  Money amount;
  CaptureMethod capture_method = CaptureMethod::automatic;
  std::string merchant_reference;  ///< at most 64 characters
  std::string payment_token;       ///< of payment_method {type: "token"}, at most 128 characters
  std::string description;         ///< at most 256 bytes, may be empty
  std::string metadata;            ///< canonical JSON object, at most 2 KiB, "{}" when none
  UnixNanos created_at = 0;
  // Of a payment with a customer: description, metadata, payment token and the merchant's reference
  // for the customer are stored only as `sealed_personal` (personal.h).
  SubjectId subject{};               ///< nil: no customer
  std::string customer_reference{};  ///< at most 64 characters
  Bytes sealed_personal{};
  PersonalState personal = PersonalState::open;

  [[nodiscard]] bool has_customer() const noexcept { return !subject.value.is_nil(); }
};

/// The one authorization, capture or void that may be under way.
struct LiveOperation {
  OperationId id;
  OperationKind kind{};
  OperationState state = OperationState::dispatched;  ///< as the operation's own
  bool operator==(const LiveOperation&) const = default;
};

struct Payment {
  PaymentId id;
  std::uint64_t version = 0;  ///< of the stored object; 0 = not stored yet
  PaymentTerms terms;
  // Monotonic counters, minor units of the terms' currency.
  std::int64_t authorized = 0;
  std::int64_t captured = 0;
  std::int64_t released = 0;
  std::int64_t refunded = 0;
  // Asked for, not decided yet.
  std::int64_t capture_pending = 0;
  std::int64_t refund_pending = 0;
  // How many were made; bounded, so that an answer that shows them all is bounded.
  std::uint16_t captures = 0;
  std::uint16_t refunds = 0;
  bool failed = false;
  std::optional<LiveOperation> live;
  std::optional<Decline> last_decline;
  AttemptId attempt;  ///< the latest
  UnixNanos updated_at = 0;

  [[nodiscard]] Currency currency() const noexcept { return terms.amount.currency(); }
  [[nodiscard]] std::int64_t capturable() const noexcept {
    return authorized - captured - released - capture_pending;
  }
  [[nodiscard]] std::int64_t refundable() const noexcept {
    return captured - refunded - refund_pending;
  }
};

/// One routing decision at one connector.
struct Attempt {
  AttemptId id;
  std::uint64_t version = 0;
  PaymentId payment;
  ConnectorId connector;
  std::uint16_t number = 1;   ///< from 1 within the payment
  std::string psp_reference;  ///< of the authorization, empty until known
};

struct Capture {
  CaptureId id;
  std::uint64_t version = 0;
  PaymentId payment;
  OperationId operation;
  Money amount;
  bool final_capture = false;
  UnixNanos created_at = 0;
  CaptureStatus status = CaptureStatus::pending;
};

struct Refund {
  RefundId id;
  std::uint64_t version = 0;
  PaymentId payment;
  OperationId operation;
  Money amount;
  std::string reason;  ///< at most 64 characters, may be empty
  UnixNanos created_at = 0;
  RefundStatus status = RefundStatus::pending;
  std::optional<Decline> decline;
};

}  // namespace florin::domain
