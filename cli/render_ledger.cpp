#include "cli/render_ledger.h"

#include <fmt/format.h>

#include <map>

#include "base/uint128.h"
#include "cli/render.h"

namespace florin::cli {
namespace {

std::string text_at(const json::value& from, std::string_view path, Format format = Format::text) {
  return format_value(find_path(from, path), format);
}

std::int64_t exponent_of(const json::value& row) {
  const json::value* exponent = find_path(row, "exponent");
  return exponent != nullptr && exponent->is_int64() ? exponent->get_int64() : 0;
}

std::string amount_at(const json::value& row, std::string_view name) {
  const std::string minor = text_at(row, name);
  return minor == "-" ? minor : decimal_amount(minor, exponent_of(row));
}

Uint128 number_of(std::string_view digits) {
  Uint128 value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

struct Totals {
  Uint128 debits = 0;
  Uint128 credits = 0;
  std::int64_t exponent = 0;
};

std::string account_of(const json::value& row) {
  const std::string code = text_at(row, "code");
  const std::string name = text_at(row, "name");
  if (code == "-") return name == "-" ? text_at(row, "account") : name;
  return name == "-" ? code : code + " " + name;
}

std::string owner_of(const json::value& row) {
  const std::string name = text_at(row, "owner_name");
  return name == "-" ? text_at(row, "owner") : name;
}

std::string totals_line(const std::string& currency, const Totals& totals) {
  const bool equal = totals.debits == totals.credits;
  const Uint128 difference = totals.debits > totals.credits ? totals.debits - totals.credits
                                                            : totals.credits - totals.debits;
  return fmt::format(
      "{}: debits {}, credits {}, {}\n", currency,
      decimal_amount(to_decimal(totals.debits), totals.exponent),
      decimal_amount(to_decimal(totals.credits), totals.exponent),
      equal ? "sum zero"
            : "NOT BALANCED by " + decimal_amount(to_decimal(difference), totals.exponent));
}

std::string position_line(const json::value& account, std::string_view name) {
  const json::value* totals = find_path(account, name);
  if (totals == nullptr) return {};
  const auto amount = [&](std::string_view member) {
    return decimal_amount(text_at(*totals, member), exponent_of(account));
  };
  return fmt::format(
      "{}: balance {}, debits {}, credits {}, pending debits {}, pending credits {}\n", name,
      amount("balance"), amount("debits"), amount("credits"), amount("pending_debits"),
      amount("pending_credits"));
}

// An account and all below it; the amounts are those of `sum`.
std::vector<std::string> sum_cells(const json::value& account, const json::value& sum) {
  const auto amount = [&](std::string_view member) {
    return decimal_amount(text_at(sum, member), exponent_of(account));
  };
  return {"  with branches",        owner_of(account),        text_at(account, "currency"),
          amount("debits"),         amount("credits"),        amount("balance"),
          amount("pending_debits"), amount("pending_credits")};
}

// One posting in columns: side, amount, account, owner, layer.
std::vector<std::string> posting_cells(const json::value& posting) {
  const std::string layer = text_at(posting, "layer");
  const std::string amount = amount_at(posting, "amount") + " " + text_at(posting, "currency");
  return {"  ", text_at(posting, "side"), amount, account_of(posting), owner_of(posting), layer};
}

}  // namespace

std::string render_balances(const json::value& document, const Style&) {
  const json::value* items = find_path(document, "items");
  if (items == nullptr || !items->is_array() || items->get_array().empty()) {
    return "no accounts\n";
  }
  std::vector<std::vector<std::string>> rows{{"ACCOUNT", "OWNER", "CURRENCY", "DEBITS", "CREDITS",
                                              "BALANCE", "PENDING DEBITS", "PENDING CREDITS"}};
  std::map<std::string, Totals> totals;
  std::map<std::string, Totals> pending;
  for (const json::value& row : items->get_array()) {
    const std::string currency = text_at(row, "currency");
    rows.push_back({account_of(row), owner_of(row), currency, amount_at(row, "debits"),
                    amount_at(row, "credits"), amount_at(row, "balance"),
                    amount_at(row, "pending_debits"), amount_at(row, "pending_credits")});
    if (const json::value* sum = find_path(row, "with_branches")) {
      rows.push_back(sum_cells(row, *sum));
    }
    Totals& posted = totals[currency];
    posted.exponent = exponent_of(row);
    posted.debits += number_of(text_at(row, "debits"));
    posted.credits += number_of(text_at(row, "credits"));
    Totals& held = pending[currency];
    held.exponent = posted.exponent;
    held.debits += number_of(text_at(row, "pending_debits"));
    held.credits += number_of(text_at(row, "pending_credits"));
  }
  std::string out = format_grid(rows, {false, false, false, true, true, true, true, true}) + "\n";
  // The accounts of one merchant are one side of what happened.
  if (find_path(document, "merchant") != nullptr) return out;
  for (const auto& [currency, sum] : totals) {
    out += totals_line(currency + " posted ", sum) +
           totals_line(currency + " pending", pending[currency]);
  }
  return out;
}

std::string render_statement(const json::value& document, const Style&) {
  std::string out =
      fmt::format("account {}  {}  {}  {}\n", text_at(document, "account"), account_of(document),
                  owner_of(document), text_at(document, "currency"));
  out += position_line(document, "closing");
  std::vector<std::vector<std::string>> rows{
      {"SEQ", "BOOKED AT", "TYPE", "SUBJECT", "LAYER", "SIDE", "AMOUNT", "TOTAL"}};
  const json::value* items = find_path(document, "items");
  if (items != nullptr && items->is_array()) {
    for (const json::value& line : items->get_array()) {
      const auto amount = [&](std::string_view member) {
        return decimal_amount(text_at(line, member), exponent_of(document));
      };
      rows.push_back({text_at(line, "seq"), text_at(line, "booked_at", Format::time),
                      text_at(line, "type"), text_at(line, "subject"), text_at(line, "layer"),
                      text_at(line, "side"), amount("amount"), amount("total")});
    }
  }
  out += format_grid(rows, {true, false, false, false, false, false, true, true});
  out += position_line(document, "opening");
  if (const std::string next = text_at(document, "next"); next != "-") {
    out += fmt::format("older postings: --before {}\n", next);
  }
  return out;
}

std::string render_entries(const json::value& document, const Style&) {
  const json::value* items = find_path(document, "items");
  if (items == nullptr || !items->is_array() || items->get_array().empty()) {
    return "no entries\n";
  }
  std::string out;
  for (const json::value& entry : items->get_array()) {
    std::string line = fmt::format("{}  {}  {}  {}", text_at(entry, "seq"),
                                   text_at(entry, "booked_at", Format::time),
                                   text_at(entry, "type"), text_at(entry, "subject"));
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
    const json::value* postings = find_path(entry, "postings");
    if (postings == nullptr || !postings->is_array()) continue;
    std::vector<std::vector<std::string>> rows;
    for (const json::value& posting : postings->get_array()) {
      rows.push_back(posting_cells(posting));
    }
    out += format_grid(rows, {false, false, true, false, false, false});
  }
  return out;
}

}  // namespace florin::cli
