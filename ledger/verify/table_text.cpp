#include <limits>
#include <vector>

#include "ledger/verify/numbers.h"
#include "ledger/verify/package_text.h"
#include "ledger/verify/text_writer.h"

namespace florin::verify {
namespace {

Error malformed(std::string_view what) {
  return Error(Errc::malformed_value, {}, std::string(what));
}

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t at = line.find(separator);
    out.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return out;
    line.remove_prefix(at + 1);
  }
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto value = parse_u64(text);
  if (!value || *value > std::numeric_limits<Number>::max()) return false;
  out = static_cast<Number>(*value);
  return true;
}

bool read_total(std::string_view text, Uint128& out) {
  const auto value = parse_u128(text);
  if (value) out = *value;
  return value.has_value();
}

bool read_uuid(std::string_view text, Uuid& out) {
  const auto value = Uuid::parse(text);
  if (value.ok()) out = *value;
  return value.ok();
}

bool read_net(std::string_view text, Int128& out) {
  const bool negative = text.starts_with("-");
  if (negative) text.remove_prefix(1);
  const auto value = parse_u128(text);
  if (!value || *value > ~Uint128{0} >> 1U) return false;
  out = negative ? -static_cast<Int128>(*value) : static_cast<Int128>(*value);
  return true;
}

bool read_legs(std::string_view text, std::vector<HoldLeg>& out) {
  if (text.empty()) return true;
  for (const std::string_view part : split(text, ';')) {
    const auto columns = split(part, ':');
    HoldLeg leg;
    const bool good = columns.size() == 3 && read_number(columns[0], leg.account) &&
                      read_uuid(columns[1], leg.party) && read_net(columns[2], leg.net);
    if (!good) return false;
    out.push_back(leg);
  }
  return true;
}

}  // namespace

std::string account_line(const AccountState& account) {
  const AccountOpening& opening = account.opening;
  std::string out;
  TextWriter writer(out);
  writer.number(opening.number).text(",").number(opening.code).text(",").number(opening.asset);
  writer.text(",").number(opening.exponent).text(",").id(opening.owner);
  writer.text(",").number(opening.parent).text(",").number(account.opened_seq);
  return out;
}

std::string balance_line(const AccountState& account) {
  const Totals& totals = account.totals;
  std::string out;
  TextWriter writer(out);
  writer.number(account.opening.number).text(",").number(account.opening.code);
  writer.text(",").number(account.opening.asset).text(",").total(totals.debits_posted);
  writer.text(",").total(totals.credits_posted).text(",").total(totals.debits_pending);
  writer.text(",").total(totals.credits_pending).text(",").number(totals.last);
  writer.text(",").number(account.flags);
  return out;
}

std::string hold_line(const Uuid& id, const HoldState& hold) {
  std::string out;
  TextWriter writer(out);
  writer.id(id).text(",").number(hold.asset).text(",").number(hold.authorized);
  writer.text(",").number(hold.captured).text(",").number(hold.released);
  writer.text(",").number(hold.refunded).text(",").whole(hold.expires_at);
  writer.text(hold.limit_passed ? ",1," : ",0,");
  bool first = true;
  for (const HoldLeg& leg : hold.legs) {
    if (!first) writer.text(";");
    first = false;
    writer.number(leg.account).text(":").id(leg.party).text(":").net(leg.net);
  }
  return out;
}

Result<AccountState> parse_account_line(std::string_view line) {
  const auto columns = split(line, ',');
  AccountState out;
  AccountOpening& opening = out.opening;
  const bool good =
      columns.size() == 7 && read_number(columns[0], opening.number) &&
      read_number(columns[1], opening.code) && read_number(columns[2], opening.asset) &&
      read_number(columns[3], opening.exponent) && read_uuid(columns[4], opening.owner) &&
      read_number(columns[5], opening.parent) && read_number(columns[6], out.opened_seq);
  if (!good) return malformed("not a row of accounts");
  return out;
}

Result<void> parse_balance_line(std::string_view line, AccountState& account) {
  const auto columns = split(line, ',');
  Totals& totals = account.totals;
  const bool good = columns.size() == 9 && read_total(columns[3], totals.debits_posted) &&
                    read_total(columns[4], totals.credits_posted) &&
                    read_total(columns[5], totals.debits_pending) &&
                    read_total(columns[6], totals.credits_pending) &&
                    read_number(columns[7], totals.last) && read_number(columns[8], account.flags);
  if (!good) return malformed("not a row of balances");
  const bool known = (account.flags & ~kKnownAccountFlags) == 0;
  if (!known || balance_line(account) != line)
    return malformed("does not fit the row of accounts.csv");
  return {};
}

Result<std::pair<Uuid, HoldState>> parse_hold_line(std::string_view line) {
  const auto columns = split(line, ',');
  std::pair<Uuid, HoldState> out;
  HoldState& hold = out.second;
  std::uint64_t expires_at = 0;
  const bool good =
      columns.size() == 9 && read_uuid(columns[0], out.first) &&
      read_number(columns[1], hold.asset) && read_number(columns[2], hold.authorized) &&
      read_number(columns[3], hold.captured) && read_number(columns[4], hold.released) &&
      read_number(columns[5], hold.refunded) && read_number(columns[6], expires_at) &&
      read_legs(columns[8], hold.legs);
  if (!good || expires_at > std::numeric_limits<std::int64_t>::max()) {
    return malformed("not a row of holds");
  }
  hold.expires_at = static_cast<std::int64_t>(expires_at);
  hold.limit_passed = columns[7] == "1";
  if (hold_line(out.first, hold) != line) return malformed("not a row of holds");
  return out;
}

}  // namespace florin::verify
