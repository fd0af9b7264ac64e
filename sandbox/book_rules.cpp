// What the acquirer decides: the rules of Book::decide for a key that it sees for the first time.
#include "base/hash.h"
#include "sandbox/book.h"
#include "sandbox/book_json.h"
#include "sandbox/judgement.h"

namespace florin::sandbox {
namespace {

// Derived from the key, so that the same request makes the same charge on every run.
std::string make_id(std::string_view prefix, const Command& command) {
  const Hash32 digest =
      sha256({view_of(operation_name(command.kind)), view_of("|"), view_of(command.key)});
  return std::string(prefix) + to_hex(BytesView(digest).first(13));
}

std::string_view id_prefix(OperationKind kind) {
  switch (kind) {
    case OperationKind::charge:
      return "ch_";
    case OperationKind::capture:
      return "ca_";
    case OperationKind::void_:
      return "vo_";
    case OperationKind::increment:
      return "in_";
    case OperationKind::refund:
      break;
  }
  return "re_";
}

// How a charge ends, by its token; nothing when the token is unknown.
struct TokenRule {
  Ending ending = Ending::answer;
  std::string_view decline_code;
  bool pending = false;
};
std::optional<TokenRule> rule_of_token(std::string_view token) {
  constexpr std::string_view decline = "tok_decline_";
  if (token == "tok_approve") return TokenRule{};
  if (token == "tok_later") return TokenRule{Ending::answer, {}, true};
  if (token == "tok_stall") return TokenRule{Ending::stall, {}};
  if (token == "tok_close_before") return TokenRule{Ending::close_before, {}};
  if (token == "tok_close_after") return TokenRule{Ending::close_after, {}};
  if (token.starts_with(decline) && token.size() > decline.size()) {
    return TokenRule{Ending::answer, token.substr(decline.size())};
  }
  return std::nullopt;
}

Ending ending_of_amount(std::int64_t minor) {
  switch (minor % 100) {
    case 91:
      return Ending::close_before;
    case 92:
      return Ending::stall;
    case 93:
      return Ending::close_after;
    default:
      return Ending::answer;
  }
}

}  // namespace

Book::Judgement Book::judge(const Command& command) const {
  if (command.kind == OperationKind::charge) return judge_charge(command);
  const auto found = charges_.find(command.charge_id);
  if (found == charges_.end()) {
    return {404, error_body("unknown_charge", "There is no such charge."), Ending::answer};
  }
  return judge_part(command, found->second);
}

Book::Judgement Book::judge_charge(const Command& command) const {
  const auto rule = rule_of_token(command.token);
  if (!rule) return {422, error_body("unknown_token", "There is no such token."), Ending::answer};
  const bool declined = !rule->decline_code.empty();
  const Money& amount = *command.amount;
  const Money none = Money::zero(amount.currency());
  const std::string_view status = rule->pending     ? "pending"
                                  : declined        ? "declined"
                                  : command.capture ? "captured"
                                                    : "authorized";
  const Money& captured = status == "captured" ? amount : none;
  Judgement out{
      rule->pending ? 202 : 201,
      charge_object(make_id("ch_", command), command.reference, status, amount, captured, none),
      rule->ending};
  if (declined) out.answer["decline"] = decline_object(rule->decline_code);
  return out;
}

Book::Judgement Book::judge_part(const Command& command, const Charge& charge) const {
  const auto refuse = [](std::string_view code, std::string_view message) {
    return Judgement{422, error_body(code, message), Ending::answer};
  };
  const bool refund = command.kind == OperationKind::refund;
  const bool increment = command.kind == OperationKind::increment;
  const bool fits = refund ? !charge.captured.is_zero()
                           : charge.status == ChargeStatus::authorized &&
                                 !(increment && !charge.captured.is_zero());
  if (!fits) return refuse("wrong_state", "The charge's state does not allow this.");
  const auto rest =
      refund ? charge.captured.minus(charge.refunded) : charge.amount.minus(charge.captured);
  FLORIN_ASSERT(rest.ok());
  const Money amount = command.amount.value_or(*rest);
  if (amount.currency() != charge.amount.currency()) {
    return refuse("currency_mismatch", "The charge has another currency.");
  }
  if (increment && !charge.amount.plus(amount).ok()) {
    return refuse("amount_exceeds_authorizable", "More than can be authorized.");
  }
  if (!increment && amount.minor() > rest->minor()) {
    return refund ? refuse("amount_exceeds_refundable", "More than is left to refund.")
                  : refuse("amount_exceeds_capturable", "More than is left to capture.");
  }
  const bool declined = amount_outcomes_ && amount.minor() % 100 == 94;
  Judgement out{
      201,
      part_object(command.kind, make_id(id_prefix(command.kind), command), command.charge_id,
                  command.reference, declined ? "declined" : "succeeded", amount),
      amount_outcomes_ ? ending_of_amount(amount.minor()) : Ending::answer};
  if (declined) out.answer["decline"] = decline_object("do_not_honor");
  return out;
}

}  // namespace florin::sandbox
