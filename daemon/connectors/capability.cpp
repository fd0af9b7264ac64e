#include "daemon/connectors/capability.h"

namespace florin::connectors {

std::string_view unknown_resolution_name(UnknownResolution resolution) noexcept {
  switch (resolution) {
    case UnknownResolution::replay_same_key:
      return "replay_same_key";
    case UnknownResolution::inquire:
      return "inquire";
    case UnknownResolution::reverse:
      return "reverse";
    case UnknownResolution::await_notice:
      return "await_notice";
    case UnknownResolution::manual:
      return "manual";
  }
  return "";
}

std::string_view amount_form_name(AmountForm form) noexcept {
  switch (form) {
    case AmountForm::minor_integer:
      return "minor_integer";
    case AmountForm::major_decimal:
      return "major_decimal";
  }
  return "";
}

std::string_view notice_trust_name(NoticeTrust trust) noexcept {
  switch (trust) {
    case NoticeTrust::none:
      return "none";
    case NoticeTrust::hint_only:
      return "hint_only";
    case NoticeTrust::authoritative:
      return "authoritative";
  }
  return "";
}

const OperationCapability& CapabilitySheet::of(domain::OperationKind operation) const {
  static const OperationCapability unsupported;
  for (const OperationCapability& capability : operations) {
    if (capability.kind == operation) return capability;
  }
  return unsupported;
}

json::value to_json(const CapabilitySheet& sheet) {
  json::array operations;
  for (const OperationCapability& capability : sheet.operations) {
    json::array resolutions;
    for (const UnknownResolution resolution : capability.unknown_resolution) {
      resolutions.emplace_back(unknown_resolution_name(resolution));
    }
    json::object row;
    row["operation"] = domain::operation_kind_name(capability.kind);
    row["supported"] = capability.supported;
    row["idempotent"] = capability.idempotent;
    row["key_lifetime_s"] = capability.key_lifetime_s;
    row["consistency_window_s"] = capability.consistency_window_s;
    row["unknown_resolution"] = std::move(resolutions);
    operations.emplace_back(std::move(row));
  }
  json::object out;
  out["kind"] = sheet.kind;
  out["api_version"] = sheet.api_version;
  out["amount_form"] = amount_form_name(sheet.amount_form);
  out["key_field"] = sheet.key_field;
  out["key_conflict"] = sheet.key_conflict;
  out["references"] = json::array(sheet.references.begin(), sheet.references.end());
  out["notices"] = notice_trust_name(sheet.notices);
  out["partial_capture"] = sheet.partial_capture;
  out["multiple_capture"] = sheet.multiple_capture;
  out["partial_refund"] = sheet.partial_refund;
  out["multiple_refund"] = sheet.multiple_refund;
  out["void_after_partial_capture"] = sheet.void_after_partial_capture;
  out["can_cancel_key"] = sheet.can_cancel_key;
  out["authorization_validity_s"] = sheet.authorization.validity_s;
  out["authorization_margin_s"] = sheet.authorization.margin_s;
  out["operations"] = std::move(operations);
  return out;
}

}  // namespace florin::connectors
