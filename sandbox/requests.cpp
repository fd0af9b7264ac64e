#include "sandbox/requests.h"

#include <algorithm>

#include "base/hash.h"

namespace florin::sandbox {
namespace {

// Amount and currency of a body, as money above zero.
std::optional<Money> read_money(json::Reader& reader) {
  const auto minor = reader.integer("amount");
  const auto code = reader.text("currency", 3);
  if (!minor || !code) return std::nullopt;
  auto currency = Currency::parse(*code);
  if (!currency.ok()) {
    reader.fail(std::move(currency).error().in_field("/currency"));
    return std::nullopt;
  }
  auto money = Money::make(*minor, *currency);
  if (!money.ok()) {
    reader.fail(std::move(money).error().in_field("/amount"));
    return std::nullopt;
  }
  if (money->is_zero()) {
    reader.fail(Error(Errc::amount_invalid, "/amount", "must be above zero"));
    return std::nullopt;
  }
  return *money;
}

void read_charge(json::Reader& reader, Command& out) {
  out.token = reader.text("token", 64).value_or("");
  out.capture = reader.boolean("capture").value_or(false);
  out.merchant_reference = reader.text("merchant_reference", 128, false).value_or("");
}

}  // namespace

bool is_key(std::string_view text) noexcept {
  return text.size() >= 16 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

Result<Command> read_command(OperationKind kind, const std::string& charge_id,
                             const http::Request& request) {
  const auto key = request.headers.get("Idempotency-Key");
  if (!key || !is_key(*key)) {
    return Error(Errc::idempotency_key_invalid, {},
                 "Idempotency-Key: 16 to 64 characters of [A-Za-z0-9_-]");
  }
  FLORIN_TRY(const json::value body, json::parse(request.body));
  json::Reader reader(body);
  Command out;
  out.kind = kind;
  out.key = std::string(*key);
  out.charge_id = charge_id;
  out.reference = reader.text("reference", 64).value_or("");
  if (kind != OperationKind::void_) out.amount = read_money(reader);
  if (kind == OperationKind::charge) read_charge(reader, out);
  if (kind == OperationKind::capture) out.final_capture = reader.boolean("final").value_or(false);
  if (auto errors = reader.finish(); !errors.empty()) return std::move(errors.front());
  out.fingerprint = to_hex(sha256({view_of(request.method), view_of(" "), view_of(request.target),
                                   view_of("\n"), view_of(json::canonical(body))}));
  return out;
}

Result<AfterOrder> read_after(AfterOrder::Kind kind, const std::string& about,
                              const http::Request& request) {
  using Kind = AfterOrder::Kind;
  FLORIN_TRY(const json::value body, json::parse(request.body));
  json::Reader reader(body);
  AfterOrder out;
  out.kind = kind;
  out.about = about;
  const bool dispute = kind == Kind::dispute || kind == Kind::dispute_step;
  // A step keeps the amount unless it tells another one.
  const bool may_lack = kind == Kind::dispute_step;
  const bool told = body.is_object() && body.get_object().contains("amount");
  if (told || !may_lack) out.amount = read_money(reader);
  if (dispute) {
    out.stage = reader.text("stage", 16).value_or("");
    out.status = reader.text("status", 16).value_or("");
    out.reason = reader.text("reason", 64, false).value_or("");
    out.respond_by_s = reader.integer("respond_by", false).value_or(0);
  }
  if (auto errors = reader.finish(); !errors.empty()) return std::move(errors.front());
  return out;
}

}  // namespace florin::sandbox
