#include "sandbox/book.h"

#include "sandbox/book_json.h"
#include "sandbox/judgement.h"

namespace florin::sandbox {

Decision Book::decide(const Command& command) const {
  Decision out;
  if (const auto found = keys_.find(command.key); found != keys_.end()) {
    const KeyRecord& record = found->second;
    if (record.cancelled) {
      out.answer = {409, json::write(error_body("key_cancelled", "This key was cancelled."))};
    } else if (record.fingerprint != command.fingerprint) {
      out.answer = {409, json::write(error_body("key_reused", "Another request has this key."))};
    } else {
      out.answer = {record.status, json::write(record.answer), true};
    }
    return out;
  }
  Judgement judgement = judge(command);
  out.ending = judgement.ending;
  if (out.ending == Ending::close_before) return out;
  out.answer = {judgement.status, json::write(judgement.answer)};
  json::object entry;
  entry["kind"] = operation_name(command.kind);
  entry["key"] = command.key;
  entry["fingerprint"] = command.fingerprint;
  entry["reference"] = command.reference;
  if (!command.charge_id.empty()) entry["charge"] = command.charge_id;
  if (!command.merchant_reference.empty()) entry["merchant_reference"] = command.merchant_reference;
  if (command.kind == OperationKind::capture) entry["final"] = command.final_capture;
  if (command.kind == OperationKind::charge) entry["capture"] = command.capture;
  entry["status"] = judgement.status;
  entry["answer"] = std::move(judgement.answer);
  out.entry = std::move(entry);
  return out;
}

Decision Book::cancel_key(const std::string& key) const {
  Decision out;
  const auto found = keys_.find(key);
  if (found != keys_.end() && !found->second.cancelled) {
    json::object body = error_body("already_executed", "An answer is recorded under this key.");
    for (const auto& member : record_of(key, found->second)) {
      body[member.key()] = member.value();
    }
    out.answer = {409, json::write(body)};
    return out;
  }
  KeyRecord cancelled;
  cancelled.cancelled = true;
  out.answer = {200, json::write(record_of(key, cancelled))};
  if (found == keys_.end()) {
    json::object entry;
    entry["kind"] = "cancel";
    entry["key"] = key;
    out.entry = std::move(entry);
  }
  return out;
}

Answer Book::inquire(const std::string& key) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) {
    return {404, json::write(error_body("unknown_key", "Nothing is recorded under this key."))};
  }
  return {200, json::write(record_of(key, found->second))};
}

std::optional<json::object> Book::record(const std::string& key) const {
  const auto found = keys_.find(key);
  if (found == keys_.end() || found->second.cancelled) return std::nullopt;
  return record_of(key, found->second);
}

json::object Book::record_of(const std::string& key, const KeyRecord& record) const {
  json::object out;
  out["key"] = key;
  out["state"] = record.cancelled ? "cancelled" : "answered";
  if (record.cancelled) return out;
  out["kind"] = record.kind;
  out["reference"] = record.reference;
  out["answer_status"] = record.status;
  out["answer"] = record.answer;
  return out;
}

void Book::settle(const Decision& decision) {
  if (decision.answer.replayed) ++replayed_;
  if (decision.entry) {
    // Made by decide() on this very state; if it does not fit, the machine is broken.
    FLORIN_ASSERT(apply(*decision.entry).ok());
  } else if (decision.answer.status == 409) {
    ++keys_refused_;
  }
}

Result<void> Book::apply(const json::object& entry) {
  const std::string key = text_of_member(entry, "key");
  const std::string kind_name = text_of_member(entry, "kind");
  if (kind_name == "conclusion") return apply_conclusion(entry);
  if (kind_name == "after") return apply_after(entry);
  if (key.empty() || keys_.contains(key)) {
    return Error(Errc::malformed_value, "/key", "a key that is missing or used twice");
  }
  KeyRecord record;
  if (kind_name == "cancel") {
    record.cancelled = true;
    keys_.emplace(key, std::move(record));
    ++cancelled_;
    return {};
  }
  const auto kind = operation_of(kind_name);
  const json::value* const answer = entry.if_contains("answer");
  if (!kind || answer == nullptr || !answer->is_object()) {
    return Error(Errc::malformed_value, "/kind", "not an entry of this book");
  }
  record.kind = kind_name;
  record.fingerprint = text_of_member(entry, "fingerprint");
  record.reference = text_of_member(entry, "reference");
  record.status = static_cast<int>(integer_of_member(entry, "status"));
  record.answer = answer->get_object();
  if (const json::value* capture = entry.if_contains("capture")) {
    record.capture = capture->is_bool() && capture->get_bool();
  }
  if (record.status == 201 || record.status == 202) {
    FLORIN_TRY_VOID(apply_executed(*kind, entry, record.answer));
    ++executed_[kind_name];
    ++executions_by_reference_[record.reference];
    if (text_of_member(record.answer, "status") == "declined") ++declined_;
  } else {
    ++refused_;
  }
  keys_.emplace(key, std::move(record));
  return {};
}

Result<void> Book::apply_executed(OperationKind kind, const json::object& entry,
                                  const json::object& answer) {
  if (kind == OperationKind::charge) return apply_charge(entry, answer);
  const auto found = charges_.find(text_of_member(entry, "charge"));
  if (found == charges_.end()) {
    return Error(Errc::malformed_value, "/charge", "a charge that is not in the book");
  }
  Charge& charge = found->second;
  FLORIN_TRY(const Money amount, money_of(answer));
  charge.parts.push_back({kind, answer});
  if (text_of_member(answer, "status") != "succeeded") return {};
  if (kind == OperationKind::refund) {
    FLORIN_TRY(charge.refunded, charge.refunded.plus(amount));
    return {};
  }
  if (kind == OperationKind::increment) {
    FLORIN_TRY(charge.amount, charge.amount.plus(amount));
    return {};
  }
  if (kind == OperationKind::void_) {
    charge.status = charge.captured.is_zero() ? ChargeStatus::voided : ChargeStatus::captured;
    return {};
  }
  FLORIN_TRY(charge.captured, charge.captured.plus(amount));
  const json::value* const final_capture = entry.if_contains("final");
  const bool closes =
      final_capture != nullptr && final_capture->is_bool() && final_capture->get_bool();
  if (closes || charge.captured == charge.amount) charge.status = ChargeStatus::captured;
  return {};
}

Result<void> Book::apply_charge(const json::object& entry, const json::object& answer) {
  FLORIN_TRY(const Money amount, money_of(answer));
  const std::string status = text_of_member(answer, "status");
  const Money none = Money::zero(amount.currency());
  Charge charge{
      text_of_member(entry, "reference"), amount, none, none, ChargeStatus::declined, {}, {}};
  if (status == "authorized") charge.status = ChargeStatus::authorized;
  if (status == "pending") charge.status = ChargeStatus::pending;
  if (status == "captured") {
    charge.status = ChargeStatus::captured;
    charge.captured = amount;
  }
  if (const json::value* decline = answer.if_contains("decline")) {
    charge.extra["decline"] = *decline;
  }
  if (const json::value* reference = entry.if_contains("merchant_reference")) {
    charge.extra["merchant_reference"] = *reference;
  }
  const std::string id = text_of_member(answer, "id");
  if (id.empty() || !charges_.emplace(id, std::move(charge)).second) {
    return Error(Errc::malformed_value, "/answer/id", "a charge that is missing or made twice");
  }
  return {};
}

json::value Book::print() const {
  json::array charges;
  for (const auto& [id, charge] : charges_) {
    json::object row = charge_object(id, charge.reference, charge_status_name(charge.status),
                                     charge.amount, charge.captured, charge.refunded);
    for (const auto& member : charge.extra) row[member.key()] = member.value();
    json::array parts[4];
    for (const Part& part : charge.parts) {
      parts[static_cast<std::size_t>(part.kind) - 1].emplace_back(part.answer);
    }
    row["captures"] = std::move(parts[0]);
    row["voids"] = std::move(parts[1]);
    row["refunds"] = std::move(parts[2]);
    row["increments"] = std::move(parts[3]);
    charges.emplace_back(std::move(row));
  }
  json::object executed;
  for (const OperationKind kind :
       {OperationKind::charge, OperationKind::capture, OperationKind::void_, OperationKind::refund,
        OperationKind::increment}) {
    const auto found = executed_.find(std::string(operation_name(kind)));
    executed[operation_name(kind)] = found == executed_.end() ? 0 : found->second;
  }
  json::object references;
  for (const auto& [reference, count] : executions_by_reference_) references[reference] = count;
  json::object out;
  out["charges"] = std::move(charges);
  json::array afters;
  for (const auto& [id, object] : afters_) afters.emplace_back(object);
  out["afters"] = std::move(afters);
  out["executed"] = std::move(executed);
  out["declined"] = declined_;
  out["refused"] = refused_;
  out["cancelled_keys"] = cancelled_;
  out["replayed"] = replayed_;
  out["keys_refused"] = keys_refused_;
  out["executions_by_reference"] = std::move(references);
  return out;
}

}  // namespace florin::sandbox
