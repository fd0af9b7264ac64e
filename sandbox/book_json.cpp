#include "sandbox/book_json.h"

namespace florin::sandbox {

std::string_view operation_name(OperationKind kind) noexcept {
  switch (kind) {
    case OperationKind::charge:
      return "charge";
    case OperationKind::capture:
      return "capture";
    case OperationKind::void_:
      return "void";
    case OperationKind::refund:
      return "refund";
    case OperationKind::increment:
      return "increment";
  }
  return "";
}

std::optional<OperationKind> operation_of(std::string_view name) noexcept {
  for (const OperationKind kind :
       {OperationKind::charge, OperationKind::capture, OperationKind::void_, OperationKind::refund,
        OperationKind::increment}) {
    if (operation_name(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string_view charge_status_name(ChargeStatus status) noexcept {
  switch (status) {
    case ChargeStatus::authorized:
      return "authorized";
    case ChargeStatus::captured:
      return "captured";
    case ChargeStatus::voided:
      return "voided";
    case ChargeStatus::declined:
      return "declined";
    case ChargeStatus::pending:
      return "pending";
  }
  return "";
}

std::string text_of_member(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  if (found == nullptr || !found->is_string()) return {};
  return std::string(std::string_view(found->get_string()));
}

std::int64_t integer_of_member(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

Result<Money> money_of(const json::object& object) {
  const json::value* const minor = object.if_contains("amount");
  if (minor == nullptr || !minor->is_int64()) {
    return Error(Errc::malformed_value, "/amount", "expected an amount");
  }
  FLORIN_TRY(const Currency currency, Currency::parse(text_of_member(object, "currency")));
  return Money::make(minor->get_int64(), currency);
}

json::object charge_object(const std::string& id, const std::string& reference,
                           std::string_view status, const Money& amount, const Money& captured,
                           const Money& refunded) {
  json::object out;
  out["object"] = "charge";
  out["id"] = id;
  out["reference"] = reference;
  out["status"] = status;
  out["amount"] = amount.minor();
  out["currency"] = amount.currency().code();
  out["amount_captured"] = captured.minor();
  out["amount_refunded"] = refunded.minor();
  return out;
}

json::object part_object(OperationKind kind, const std::string& id, const std::string& charge,
                         const std::string& reference, std::string_view status,
                         const Money& amount) {
  json::object out;
  out["object"] = operation_name(kind);
  out["id"] = id;
  out["charge"] = charge;
  out["reference"] = reference;
  out["status"] = status;
  out["amount"] = amount.minor();
  out["currency"] = amount.currency().code();
  return out;
}

json::object decline_object(std::string_view code) {
  struct Row {
    std::string_view code;
    std::string_view network_code;
  };
  // ISO 8583 response codes; 1A is the schemes' "additional customer authentication required".
  constexpr Row rows[] = {{"insufficient_funds", "51"}, {"do_not_honor", "05"},
                          {"expired_card", "54"},       {"stolen_card", "43"},
                          {"suspected_fraud", "59"},    {"authentication_required", "1A"},
                          {"invalid_card", "14"}};
  std::string_view network_code = "06";
  for (const Row& row : rows) {
    if (row.code == code) network_code = row.network_code;
  }
  json::object out;
  out["code"] = code;
  out["network_code"] = network_code;
  return out;
}

json::object error_body(std::string_view code, std::string_view message) {
  json::object out;
  out["code"] = code;
  out["message"] = message;
  return out;
}

}  // namespace florin::sandbox
