// What an acquirer says of a charge after its end: disputes, returned refunds, captures taken back.
#include "sandbox/book.h"
#include "sandbox/book_json.h"

namespace florin::sandbox {
namespace {

using Kind = AfterOrder::Kind;

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::dispute:
    case Kind::dispute_step:
      return "dispute.changed";
    case Kind::refund_return:
      return "refund.returned";
    case Kind::capture_reversal:
      return "capture.reversed";
  }
  return "";
}

void put_amount(json::object& out, const Money& amount) {
  out["amount"] = amount.minor();
  out["currency"] = amount.currency().code();
}

void put_place(json::object& out, const AfterOrder& order) {
  out["stage"] = order.stage;
  out["status"] = order.status;
  if (!order.reason.empty()) out["reason"] = order.reason;
  if (order.respond_by_s != 0) out["respond_by"] = order.respond_by_s;
}

}  // namespace

// A capture or refund with its charge; of a charge that captured at once, the charge.
std::optional<json::object> Book::part_of(std::string_view id) const {
  for (const auto& [charge_id, charge] : charges_) {
    if (charge_id == id) {
      json::object out{{"id", charge_id}, {"charge", charge_id}, {"reference", charge.reference}};
      return out;
    }
    for (const Part& part : charge.parts) {
      if (text_of_member(part.answer, "id") == id) return part.answer;
    }
  }
  return std::nullopt;
}

std::optional<json::object> Book::object_after(const AfterOrder& order) const {
  const std::string number = std::to_string(said_after_ + 1);
  json::object out;
  if (order.kind == Kind::dispute_step) {
    const auto found = afters_.find(order.about);
    if (found == afters_.end() || text_of_member(found->second, "object") != "dispute") {
      return std::nullopt;
    }
    out = found->second;
    put_place(out, order);
    if (order.amount) put_amount(out, *order.amount);
    return out;
  }
  const auto part = part_of(order.about);
  if (!part || !order.amount) return std::nullopt;
  out["charge"] = part->at("charge");
  out["reference"] = part->at("reference");
  put_amount(out, *order.amount);
  switch (order.kind) {
    case Kind::dispute:
      out["object"] = "dispute";
      out["id"] = "dp_" + number;
      put_place(out, order);
      break;
    case Kind::refund_return:
      out["object"] = "return";
      out["id"] = "rt_" + number;
      out["refund"] = part->at("id");
      break;
    case Kind::capture_reversal:
      out["object"] = "reversal";
      out["id"] = "rv_" + number;
      out["capture"] = part->at("id");
      break;
    case Kind::dispute_step:
      break;
  }
  return out;
}

Decision Book::say_after(const AfterOrder& order) const {
  Decision out;
  auto object = object_after(order);
  if (!object) {
    out.answer = {404, json::write(error_body("unknown_object", "There is no such object."))};
    return out;
  }
  // Tells two steps apart that say the same.
  (*object)["number"] = said_after_ + 1;
  out.answer = {200, json::write(*object)};
  json::object entry;
  entry["kind"] = "after";
  entry["type"] = type_of(order.kind);
  entry["object"] = std::move(*object);
  out.entry = std::move(entry);
  return out;
}

Result<void> Book::apply_after(const json::object& entry) {
  const json::value* const object = entry.if_contains("object");
  if (object == nullptr || !object->is_object()) {
    return Error(Errc::malformed_value, "/object", "not an entry of this book");
  }
  const std::string id = text_of_member(object->get_object(), "id");
  const std::int64_t number = integer_of_member(object->get_object(), "number");
  if (id.empty() || number != said_after_ + 1) {
    return Error(Errc::malformed_value, "/object", "said before, or without a name");
  }
  said_after_ = number;
  afters_[id] = object->get_object();
  return {};
}

}  // namespace florin::sandbox
