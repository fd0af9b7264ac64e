#include "ledger/verify/package_text.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "ledger/verify/merkle.h"
#include "ledger/verify/numbers.h"

namespace florin::verify {
namespace {

constexpr std::string_view kLeafMember = ",\"leaf_b64\":\"";

Error malformed(std::string_view what) {
  return Error(Errc::malformed_value, {}, std::string(what));
}

std::string_view origin_name(Origin origin) {
  constexpr std::string_view kNames[] = {"command", "fact", "system"};
  return kNames[static_cast<std::size_t>(origin)];
}

std::string_view side_name(Side side) {
  return side == Side::debit ? "debit" : "credit";
}

std::string_view layer_name(Layer layer) {
  return layer == Layer::posted ? "posted" : "pending";
}

std::string_view operation_name(HoldOperation operation) {
  constexpr std::string_view kNames[] = {"open", "capture", "release", "refund"};
  return kNames[static_cast<std::size_t>(operation) - 1];
}

std::string_view actor_name(ActorKind kind) {
  constexpr std::string_view kNames[] = {"system", "credential", "person"};
  return kNames[static_cast<std::size_t>(kind)];
}

// Printable ASCII needs only two escapes in JSON.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out.push_back('\\');
    out.push_back(letter);
  }
  out.push_back('"');
  return out;
}

std::vector<std::string_view> split_columns(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t comma = line.find(',');
    out.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    line.remove_prefix(comma + 1);
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

std::string openings_text(const Leaf& leaf) {
  std::string out;
  for (const AccountOpening& opening : leaf.openings) {
    out += fmt::format(
        R"({}{{"account":{},"code":{},"asset":{},"exponent":{},"owner":"{}","parent":{}}})",
        out.empty() ? "" : ",", opening.number, opening.code, opening.asset, opening.exponent,
        opening.owner.text(), opening.parent);
  }
  return out;
}

std::string holds_text(const Leaf& leaf) {
  std::string out;
  for (const HoldChange& change : leaf.holds) {
    out += fmt::format(R"({}{{"hold":"{}","operation":"{}","asset":{},"amount":"{}"}})",
                       out.empty() ? "" : ",", change.hold.text(), operation_name(change.operation),
                       change.asset, change.amount);
  }
  return out;
}

std::string postings_text(const Leaf& leaf) {
  std::string out;
  for (const Posting& posting : leaf.postings) {
    out += fmt::format(
        R"({}{{"account":{},"asset":{},"side":"{}","layer":"{}","amount":"{}","party":"{}",)"
        R"("previous":{},"total":"{}"}})",
        out.empty() ? "" : ",", posting.account, posting.asset, side_name(posting.side),
        layer_name(posting.layer), posting.amount, posting.party.text(), posting.previous,
        to_decimal(posting.total));
  }
  return out;
}

}  // namespace

std::string_view mode_name(Mode mode) noexcept {
  constexpr std::string_view kNames[] = {"system", "test", "live"};
  return kNames[static_cast<std::size_t>(mode)];
}

std::string entry_type_text(std::uint8_t type) {
  constexpr std::string_view kNames[] = {"genesis",       "audit",    "authorization",
                                         "capture",       "release",  "refund",
                                         "payment_state", "reversal", "adjustment"};
  if (type >= 1 && type <= std::size(kNames)) return std::string(kNames[type - 1U]);
  return fmt::format("type-{}", type);
}

std::string time_text(std::int64_t unix_ns) {
  const std::string micros = to_rfc3339(unix_ns);
  return fmt::format("{}.{:09}Z", micros.substr(0, micros.find('.')), unix_ns % kNanosPerSecond);
}

std::string manifest_text(const Manifest& manifest) {
  return fmt::format(
      "{{\n  \"format\": \"{}\",\n  \"tenant\": \"{}\",\n  \"mode\": \"{}\",\n  \"origin\": {},\n"
      "  \"from_seq\": {},\n  \"to_seq\": {},\n  \"size\": {},\n  \"root\": \"{}\",\n"
      "  \"evaluation\": {},\n  \"entries\": {},\n  \"postings\": {},\n  \"accounts\": {},\n"
      "  \"opening_accounts\": {},\n  \"opening_holds\": {}\n}}\n",
      kPackageFormat, manifest.tenant, manifest.mode, quoted(manifest.origin), manifest.from_seq,
      manifest.to_seq, manifest.size, to_hex(manifest.root), manifest.evaluation, manifest.entries,
      manifest.postings, manifest.accounts, manifest.opening_accounts, manifest.opening_holds);
}

Result<Manifest> parse_manifest(std::string_view text) {
  FLORIN_TRY(const json::value document, json::parse(text));
  json::Reader reader(document);
  const auto number = [&](std::string_view name) {
    return static_cast<std::uint64_t>(reader.integer(name).value_or(0));
  };
  Manifest out;
  (void)reader.text("format", 64);
  out.tenant = reader.text("tenant", 26).value_or("");
  out.mode = reader.text("mode", 16).value_or("");
  out.origin = reader.text("origin", 255).value_or("");
  out.from_seq = number("from_seq");
  out.to_seq = number("to_seq");
  out.size = number("size");
  const auto root = from_hex(reader.text("root", 64).value_or(""));
  if (!root.ok() || root->size() != out.root.size()) return malformed("root: not a hash");
  std::copy(root->begin(), root->end(), out.root.begin());
  out.evaluation = reader.boolean("evaluation").value_or(false);
  out.entries = number("entries");
  out.postings = number("postings");
  out.accounts = number("accounts");
  out.opening_accounts = number("opening_accounts");
  out.opening_holds = number("opening_holds");
  const auto errors = reader.finish();
  if (!errors.empty()) return malformed(errors[0].field() + ": " + errors[0].message());
  if (!Uuid::parse(out.tenant).ok()) return malformed("tenant: not an identifier");
  // Format, order and spelling are settled by writing it again.
  if (manifest_text(out) != text) return malformed("not spelled as this format spells it");
  if (out.from_seq > out.to_seq || out.to_seq >= out.size ||
      out.entries != out.to_seq - out.from_seq + 1) {
    return malformed("the period does not fit the size");
  }
  return out;
}

std::string entry_line(const Leaf& leaf, BytesView leaf_bytes) {
  const std::string actor = leaf.actor
                                ? fmt::format(R"({{"kind":"{}","id":"{}"}})",
                                              actor_name(leaf.actor->kind), leaf.actor->id.text())
                                : "null";
  return fmt::format(
             R"({{"seq":{},"type":{},"type_name":"{}","origin":"{}","tenant":"{}","mode":"{}",)"
             R"("booked_at":"{}","effective_day":{},"entry_id":"{}","subject":"{}",)"
             R"("previous_leaf":"{}","body_commitment":"{}","fingerprint":"{}","actor":{},)"
             R"("flags":{},"note":{},)",
             leaf.seq, leaf.type, entry_type_text(leaf.type), origin_name(leaf.origin),
             leaf.tenant.text(), mode_name(leaf.mode), time_text(leaf.booked_at),
             leaf.effective_day, leaf.entry_id.text(), leaf.subject.text(),
             to_hex(leaf.previous_leaf), to_hex(leaf.body_commitment), to_hex(leaf.fingerprint),
             actor, leaf.flags, quoted(leaf.note)) +
         fmt::format(
             R"("accounts_opened":[{}],"holds":[{}],"postings":[{}],"leaf_hash":"{}"{}{}"}})",
             openings_text(leaf), holds_text(leaf), postings_text(leaf),
             to_hex(leaf_hash(leaf_bytes)), kLeafMember, to_base64(leaf_bytes));
}

Result<Bytes> leaf_of_line(std::string_view line) {
  const std::size_t at = line.rfind(kLeafMember);
  if (at == std::string_view::npos || !line.ends_with("\"}"))
    return malformed("no leaf_b64 at the end");
  line.remove_prefix(at + kLeafMember.size());
  if (line.size() < 2) return malformed("no leaf_b64 at the end");
  line.remove_suffix(2);
  auto bytes = from_base64(line);
  if (!bytes.ok()) return malformed("leaf_b64 is not base64");
  return std::move(bytes).value();
}

std::string posting_line(const Leaf& leaf, std::size_t position) {
  const Posting& posting = leaf.postings[position - 1];
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}", leaf.seq, position,
                     time_text(leaf.booked_at), leaf.effective_day, entry_type_text(leaf.type),
                     leaf.subject.text(), posting.account, posting.asset, side_name(posting.side),
                     layer_name(posting.layer), posting.amount, posting.party.text(),
                     posting.previous, to_decimal(posting.total));
}

std::string account_line(const AccountState& account) {
  const AccountOpening& opening = account.opening;
  return fmt::format("{},{},{},{},{},{},{}", opening.number, opening.code, opening.asset,
                     opening.exponent, opening.owner.text(), opening.parent, account.opened_seq);
}

std::string balance_line(const AccountState& account) {
  const Totals& totals = account.totals;
  return fmt::format("{},{},{},{},{},{},{},{}", account.opening.number, account.opening.code,
                     account.opening.asset, to_decimal(totals.debits_posted),
                     to_decimal(totals.credits_posted), to_decimal(totals.debits_pending),
                     to_decimal(totals.credits_pending), totals.last);
}

std::string hold_line(const Uuid& id, const HoldState& hold) {
  return fmt::format("{},{},{},{},{},{}", id.text(), hold.asset, to_decimal(hold.authorized),
                     to_decimal(hold.captured), to_decimal(hold.released),
                     to_decimal(hold.refunded));
}

Result<AccountState> parse_account_line(std::string_view line) {
  const auto columns = split_columns(line);
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
  const auto columns = split_columns(line);
  Totals& totals = account.totals;
  const bool good = columns.size() == 8 && read_total(columns[3], totals.debits_posted) &&
                    read_total(columns[4], totals.credits_posted) &&
                    read_total(columns[5], totals.debits_pending) &&
                    read_total(columns[6], totals.credits_pending) &&
                    read_number(columns[7], totals.last);
  if (!good) return malformed("not a row of balances");
  if (balance_line(account) != line) return malformed("does not fit the row of accounts.csv");
  return {};
}

Result<std::pair<Uuid, HoldState>> parse_hold_line(std::string_view line) {
  const auto columns = split_columns(line);
  std::pair<Uuid, HoldState> out;
  HoldState& hold = out.second;
  const bool good = columns.size() == 6 && read_uuid(columns[0], out.first) &&
                    read_number(columns[1], hold.asset) &&
                    read_total(columns[2], hold.authorized) &&
                    read_total(columns[3], hold.captured) &&
                    read_total(columns[4], hold.released) && read_total(columns[5], hold.refunded);
  if (!good) return malformed("not a row of holds");
  return out;
}

}  // namespace florin::verify
