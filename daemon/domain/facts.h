#pragma once
/// Facts that come after an operation has ended: what was terminal stays as it is, each becomes an
/// object of its own with entries of its own. They are never refused.
#include <optional>
#include <string>

#include "daemon/domain/dispute.h"
#include "daemon/domain/plan.h"

namespace florin::domain {

/// What a connector's notice says about a payment after the fact.
struct Notice {
  FactKind kind{};
  Uuid id;              ///< for the fact's object, made beforehand
  std::string psp_key;  ///< what makes it one fact at the acquirer, at most 64 characters
  Money amount;
  UnixNanos told_at = 0;                 ///< the acquirer's time; 0 = not told
  std::optional<DisputeNotice> dispute;  ///< kind `dispute` only
};

/// Carries a fact out. `life.operation` is the one that it names: of the capture (with
/// `life.capture`, which a sale has only after its success), of the refund (with `life.refund`), or
/// the charge that is disputed (with `life.dispute`, when it is stored already). Nothing when it is
/// early: what it is about has not ended yet, so it must be kept and applied again later. That a
/// fact is booked once is for the caller's unique key (`fact_key`); a dispute object made by it
/// gets the identifier `notice.id`.
std::optional<Plan> apply_fact(const Life& life, const Notice& notice, UnixNanos now);

/// Whether people have to look at what a fact comes to: money that is nobody's yet, or a dispute in
/// another currency than the payment's or of more than was captured.
[[nodiscard]] bool is_odd(const Plan& plan);

/// What tells two facts of one connector apart.
std::string fact_key(const Fact& fact);

/// A success learned after its operation ended otherwise. Nothing when it says nothing new.
std::optional<Plan> late_success(const Life& life, const Outcome& outcome, UnixNanos now);

}  // namespace florin::domain
