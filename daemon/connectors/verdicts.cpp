#include "daemon/connectors/verdicts.h"

#include <algorithm>

#include "daemon/connectors/declines.h"

namespace florin::connectors {

using domain::Outcome;
using domain::OutcomeClass;

std::string_view text_member(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                : std::string_view();
}

const json::object* object_member(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr ? found->if_object() : nullptr;
}

std::optional<std::int64_t> integer_member(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  if (found == nullptr || !found->is_int64()) return std::nullopt;
  return found->get_int64();
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= domain::kMaxPspReference &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

std::string printable(std::string_view text) {
  std::string out(text.substr(0, domain::kMaxNetworkCode));
  std::replace_if(out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return out;
}

Outcome unknown(std::string evidence) {
  Outcome out;
  out.outcome = OutcomeClass::unknown;
  out.evidence = std::move(evidence);
  return out;
}

namespace {

Outcome ended(OutcomeClass outcome, const OperationRequest& operation, std::string_view code,
              std::string_view network_code, std::string evidence) {
  Outcome out;
  out.outcome = outcome;
  out.reference = operation.reference;
  out.decline = domain::Decline{find_decline(code).category, std::string(find_decline(code).code),
                                printable(network_code)};
  out.evidence = std::move(evidence);
  return out;
}

}  // namespace

Outcome not_executed(const OperationRequest& operation, std::string evidence) {
  return ended(OutcomeClass::not_executed, operation, "not_executed", {}, std::move(evidence));
}

Outcome refused(const OperationRequest& operation, std::string_view code, std::string evidence) {
  return ended(OutcomeClass::refused, operation, code, {}, std::move(evidence));
}

Outcome declined(const OperationRequest& operation, std::string_view code,
                 std::string_view network_code, std::string evidence) {
  return ended(OutcomeClass::declined, operation, code, network_code, std::move(evidence));
}

Inquiry found(Outcome outcome) {
  const bool fact = outcome.outcome != OutcomeClass::unknown;
  return {fact ? Inquiry::Finding::found : Inquiry::Finding::unusable, std::move(outcome)};
}

Inquiry not_found(std::string evidence) {
  return {Inquiry::Finding::not_found, unknown(std::move(evidence))};
}

Inquiry unusable(std::string evidence) {
  return {Inquiry::Finding::unusable, unknown(std::move(evidence))};
}

}  // namespace florin::connectors
