#pragma once
/// Commands on payments, decided purely: state and command in, plan or refusal out.
#include <optional>

#include "daemon/domain/plan.h"

namespace florin::domain {

/// Identifiers and keys that the shell makes beforehand.
struct NewOperation {
  OperationId id;
  Uuid target;  ///< for the capture or refund that the command makes
  std::string psp_key;
  Key16 idempotency_key{};
  Key16 fingerprint{};
};

struct CreateCommand {
  PaymentId payment;
  AttemptId attempt;
  ConnectorId connector;
  PaymentTerms terms;
  NewOperation operation;
  // Of the connector; of no concern to a sale.
  AuthorizationTime authorization{};
  bool can_increment = false;
};
/// A valid CreateCommand is never refused: what can be wrong with it is checked where it is parsed.
Plan create(const CreateCommand& command, UnixNanos now);

/// A payment that waits until the merchant confirms it, for so long. Nothing goes out.
Plan create_unconfirmed(const PaymentId& payment, const PaymentTerms& terms,
                        std::int64_t confirm_within_s, UnixNanos now);

struct ConfirmCommand {
  AttemptId attempt;
  ConnectorId connector;
  NewOperation operation;
  AuthorizationTime authorization{};
  bool can_increment = false;
};
/// What `create` does at once. Errors: `state_conflict` when the payment does not wait for it, its
/// time is over, or its customer's data was erased.
Result<Plan> confirm(const Payment& payment, const ConfirmCommand& command, UnixNanos now);

struct CaptureCommand {
  std::optional<Money> amount;  ///< all that is left when absent
  bool final_capture = false;   ///< releases what is left
  NewOperation operation;
};
/// Errors: `operation_in_doubt`, `state_conflict`, `currency_mismatch`, `amount_invalid`,
/// `amount_exceeds_capturable`; field = "/amount/value" or "/amount/currency" where it is the
/// amount.
Result<Plan> capture(const Payment& payment, const Attempt& attempt, const CaptureCommand& command,
                     UnixNanos now);

/// Gives back all that is authorized and not captured. Errors as capture.
Result<Plan> void_rest(const Payment& payment, const Attempt& attempt,
                       const NewOperation& operation, UnixNanos now);

struct IncrementCommand {
  Money amount;  ///< that comes to what is authorized
  NewOperation operation;
};
/// Asks for a greater authorization; only before the first capture. Errors: as capture, and
/// `capability_missing` where the acquirer has no increments, `amount_invalid` when the sum were
/// too large.
Result<Plan> increment(const Payment& payment, const Attempt& attempt,
                       const IncrementCommand& command, UnixNanos now);

struct RefundCommand {
  Money amount;
  std::string reason;
  NewOperation operation;
};
/// Errors: `state_conflict` when nothing was captured, `amount_exceeds_refundable`, …
Result<Plan> refund(const Payment& payment, const Attempt& attempt, const RefundCommand& command,
                    UnixNanos now);

/// The commands that the payment would take now, comma-separated, for a state-conflict answer.
std::string allowed_commands(const Payment& payment);

/// A fact about the operation of `life`. Returns nothing when it changes nothing. What has ended is
/// never rewritten: a success that is learned then becomes a fact of its own (facts.h). A success
/// that does not repeat amount and reference is treated as unknown; one that repeats another
/// amount, currency or reference opens a review, and what was said is kept. `life.capture` /
/// `life.refund` must be given where the operation has one.
std::optional<Plan> settle(const Life& life, const Outcome& outcome, UnixNanos now);

/// What two people decided, with the digest of what they were shown.
struct Decision {
  Verdict verdict{};
  Hash32 evidence{};
  std::string request;        ///< number of their request
  std::string psp_reference;  ///< the acquirer's name for what was made; empty: what it said before
};
/// Ends an operation that is unknown, pending or in review. `succeeded` is a success over the
/// amount of record, whatever the acquirer said. Errors: `state_conflict` when it has ended or its
/// first answer is still awaited, `value_too_long`, `malformed_value`.
Result<Plan> resolve(const Life& life, const Decision& decision, UnixNanos now);

}  // namespace florin::domain
