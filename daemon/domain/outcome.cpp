#include "daemon/domain/outcome.h"

namespace florin::domain {

std::string_view operation_kind_name(OperationKind kind) noexcept {
  switch (kind) {
    case OperationKind::authorize:
      return "authorize";
    case OperationKind::sale:
      return "sale";
    case OperationKind::capture:
      return "capture";
    case OperationKind::void_:
      return "void";
    case OperationKind::increment:
      return "increment";
    case OperationKind::refund:
      return "refund";
  }
  return "";
}

std::string_view outcome_class_name(OutcomeClass outcome) noexcept {
  switch (outcome) {
    case OutcomeClass::succeeded:
      return "succeeded";
    case OutcomeClass::declined:
      return "declined";
    case OutcomeClass::refused:
      return "refused";
    case OutcomeClass::unsent:
      return "unsent";
    case OutcomeClass::not_executed:
      return "not_executed";
    case OutcomeClass::unknown:
      return "unknown";
    case OutcomeClass::pending:
      return "pending";
  }
  return "";
}

std::string_view decline_category_name(DeclineCategory category) noexcept {
  switch (category) {
    case DeclineCategory::soft:
      return "soft";
    case DeclineCategory::hard:
      return "hard";
    case DeclineCategory::fraud:
      return "fraud";
    case DeclineCategory::authentication:
      return "authentication";
    case DeclineCategory::technical:
      return "technical";
  }
  return "";
}

}  // namespace florin::domain
