#include "daemon/domain/operation.h"

#include "daemon/domain/trust.h"

namespace florin::domain {

OperationInput judged(const Operation& operation, const Outcome& outcome) noexcept {
  if (outcome.outcome != OutcomeClass::succeeded) return input_of(outcome.outcome);
  // A reference that cannot be kept could not be captured or refunded later.
  const bool usable = outcome.psp_reference.size() <= kMaxPspReference;
  if (!outcome.amount || outcome.reference.empty() || !usable) return OperationInput::unknown;
  const bool same = *outcome.amount == operation.amount && outcome.reference == operation.id.text();
  return same ? OperationInput::succeeded : OperationInput::differs;
}

std::string_view verdict_name(Verdict verdict) noexcept {
  return verdict == Verdict::succeeded ? "succeeded" : "not_executed";
}

}  // namespace florin::domain
