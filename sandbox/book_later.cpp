// Charges that are taken first and approved or declined later.
#include "sandbox/book.h"
#include "sandbox/book_json.h"

namespace florin::sandbox {

Decision Book::conclude(const std::string& charge_id, bool approve) const {
  Decision out;
  const auto charge = charges_.find(charge_id);
  if (charge == charges_.end() || charge->second.status != ChargeStatus::pending) {
    out.answer = {404, json::write(error_body("not_pending", "There is no such pending charge."))};
    return out;
  }
  for (const auto& [key, record] : keys_) {
    if (record.kind != "charge" || text_of_member(record.answer, "id") != charge_id) continue;
    const Money none = Money::zero(charge->second.amount.currency());
    const std::string_view status = !approve         ? "declined"
                                    : record.capture ? "captured"
                                                     : "authorized";
    json::object answer =
        charge_object(charge_id, charge->second.reference, status, charge->second.amount,
                      status == "captured" ? charge->second.amount : none, none);
    if (!approve) answer["decline"] = decline_object("do_not_honor");
    json::object entry;
    entry["kind"] = "conclusion";
    entry["key"] = key;
    entry["answer"] = std::move(answer);
    out.entry = std::move(entry);
    KeyRecord ended = record;
    ended.status = 201;
    ended.answer = out.entry->at("answer").as_object();
    out.answer = {200, json::write(record_of(key, ended))};
    return out;
  }
  out.answer = {404, json::write(error_body("not_pending", "There is no such pending charge."))};
  return out;
}

Result<void> Book::apply_conclusion(const json::object& entry) {
  const auto record = keys_.find(text_of_member(entry, "key"));
  const json::value* const answer = entry.if_contains("answer");
  if (record == keys_.end() || answer == nullptr || !answer->is_object()) {
    return Error(Errc::malformed_value, "/kind", "not an entry of this book");
  }
  const json::object& told = answer->get_object();
  const auto charge = charges_.find(text_of_member(told, "id"));
  if (charge == charges_.end() || charge->second.status != ChargeStatus::pending) {
    return Error(Errc::malformed_value, "/answer/id", "a charge that is not pending");
  }
  const std::string status = text_of_member(told, "status");
  record->second.status = 201;
  record->second.answer = told;
  charge->second.status = status == "captured"   ? ChargeStatus::captured
                          : status == "declined" ? ChargeStatus::declined
                                                 : ChargeStatus::authorized;
  if (status == "captured") charge->second.captured = charge->second.amount;
  if (const json::value* decline = told.if_contains("decline")) {
    charge->second.extra["decline"] = *decline;
    ++declined_;
  }
  return {};
}

}  // namespace florin::sandbox
