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
#include "daemon/domain/authorization_time.h"
#include "daemon/domain/operation_state.h"
#include "daemon/domain/part_status.h"
#include "daemon/domain/payment_status.h"

namespace florin::domain {

inline constexpr std::uint16_t kMaxCaptures = 15;
inline constexpr std::uint16_t kMaxRefunds = 15;
inline constexpr std::uint16_t kMaxIncrements = 15;

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
  MerchantId branch{};  ///< of the merchant; nil: the payment is the merchant's own
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
  [[nodiscard]] bool has_branch() const noexcept { return !branch.value.is_nil(); }
  /// Whom every posting of the payment is attributed to.
  [[nodiscard]] const MerchantId& party() const noexcept {
    return has_branch() ? branch : merchant;
  }
};

/// A merchant's wish to cancel that had to wait.
enum class CancelState : std::uint8_t {
  none = 0,
  requested = 1,  ///< acts when the live operation has ended
  due = 2,        ///< it has ended, and something is to be given back
  done = 3,
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
  std::int64_t reversed = 0;  ///< captured, and taken back by the acquirer
  std::int64_t returned = 0;  ///< refunded, and come back from the payer's bank
  // Where disputes stand now.
  std::int64_t disputed = 0;      ///< withheld by the acquirer
  std::int64_t charged_back = 0;  ///< charged to the merchant
  // Asked for, not decided yet.
  std::int64_t capture_pending = 0;
  std::int64_t refund_pending = 0;
  // How many were made; bounded, so that an answer that shows them all is bounded.
  std::uint16_t captures = 0;
  std::uint16_t refunds = 0;
  std::uint16_t increments = 0;
  bool can_increment = false;  ///< at the acquirer, as it was when the payment was made
  bool failed = false;
  AuthorizationTime authorization;  ///< the acquirer's, as it was when the payment was made
  bool expiring = false;            ///< the live void is to end the authorization in time
  std::uint8_t expiry_voids = 0;    ///< such voids that failed; expiry.h
  bool expired = false;             ///< the authorization ended by its time, nothing captured
  /// The recorded time from which the authorization counts, when it was asked for; 0 = not
  /// authorized. It may have been learned much later.
  UnixNanos authorized_at = 0;
  CancelState cancel = CancelState::none;
  Key16 cancel_key{};              ///< of the request, for the keys of what it leads to
  std::int64_t cancel_refund = 0;  ///< captured in the meantime, to be given back
  std::optional<LiveOperation> live;
  std::optional<Decline> last_decline;
  AttemptId attempt;  ///< the latest; nil: never confirmed
  /// Until when the merchant has to confirm it; 0: confirmed, or over. Nothing goes out before.
  UnixNanos confirm_before = 0;
  UnixNanos updated_at = 0;

  [[nodiscard]] Currency currency() const noexcept { return terms.amount.currency(); }
  [[nodiscard]] std::int64_t capturable() const noexcept {
    return authorized - captured - released - capture_pending;
  }
  /// Made, and waits for its confirmation.
  [[nodiscard]] bool is_unconfirmed() const noexcept { return confirm_before != 0; }
  /// A wish to cancel stands, so nothing more is captured or released by others.
  [[nodiscard]] bool is_closing() const noexcept {
    return cancel == CancelState::requested || cancel == CancelState::due;
  }
  /// Below 0 when the acquirer took back what had been refunded.
  [[nodiscard]] std::int64_t refundable() const noexcept {
    return captured - reversed - (refunded - returned) - refund_pending - disputed - charged_back;
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
  std::int64_t reversed = 0;  ///< of its amount
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
  std::int64_t returned = 0;  ///< of its amount
};

}  // namespace florin::domain
