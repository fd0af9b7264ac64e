#include "daemon/control/reports.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/currency.h"
#include "ledger/chart.h"
#include "ledger/describe.h"
#include "ledger/log_control.h"

namespace florin::control {
namespace {

using Names = std::map<Uuid, std::string>;

Result<Names> owner_names(const Appliance& appliance, const ledger::TenantLedger& ledger) {
  Names names;
  FLORIN_TRY(std::vector<domain::Merchant> merchants, appliance.merchants(ledger));
  for (const domain::Merchant& merchant : merchants) names[merchant.id.value] = merchant.name;
  FLORIN_TRY(std::vector<domain::Connector> connectors, appliance.connectors(ledger));
  for (const domain::Connector& connector : connectors) names[connector.id.value] = connector.name;
  return names;
}

std::string balance_text(const ledger::AccountBalance& row) {
  const auto chart = ledger::chart_row(row.account.key.code);
  const bool debit_side = !chart || chart->normal_side == ledger::Side::debit;
  const Int128 debits = static_cast<Int128>(row.debits_posted);
  const Int128 credits = static_cast<Int128>(row.credits_posted);
  return to_decimal(debit_side ? debits - credits : credits - debits);
}

json::object account_document(const ledger::Account& account, const Names& names) {
  const auto chart = ledger::chart_row(account.key.code);
  const auto currency = Currency::from_number(account.key.asset);
  json::object out{{"account", account.number},
                   {"code", static_cast<std::int64_t>(account.key.code)},
                   {"name", chart ? chart->name : std::string_view("?")},
                   {"owner", account.key.owner.text()}};
  if (const auto name = names.find(account.key.owner); name != names.end()) {
    out["owner_name"] = name->second;
  }
  out["currency"] = currency.ok() ? currency->code() : std::string_view("?");
  out["exponent"] = account.exponent;
  return out;
}

void add_totals(const ledger::AccountBalance& row, json::object& item) {
  item["debits"] = to_decimal(row.debits_posted);
  item["credits"] = to_decimal(row.credits_posted);
  item["balance"] = balance_text(row);
  item["pending_debits"] = to_decimal(row.debits_pending);
  item["pending_credits"] = to_decimal(row.credits_pending);
}

// What an account and those below it come to, by the number of the account above.
std::map<std::uint64_t, ledger::AccountBalance> sums_with_branches(
    const std::vector<ledger::AccountBalance>& balances) {
  std::map<std::uint64_t, ledger::AccountBalance> sums;
  for (const ledger::AccountBalance& row : balances) {
    if (row.account.parent != 0) sums.try_emplace(row.account.parent);
  }
  for (const ledger::AccountBalance& row : balances) {
    const bool above = row.account.parent == 0;
    const auto at = sums.find(above ? row.account.number : row.account.parent);
    if (at == sums.end()) continue;
    ledger::AccountBalance& sum = at->second;
    if (above) sum.account = row.account;
    sum.debits_posted += row.debits_posted;
    sum.credits_posted += row.credits_posted;
    sum.debits_pending += row.debits_pending;
    sum.credits_pending += row.credits_pending;
  }
  return sums;
}

// Owners of a merchant's accounts: himself and his branches.
Result<std::set<Uuid>> owners_of(const Appliance& appliance, const ledger::TenantLedger& ledger,
                                 const MerchantId& merchant) {
  FLORIN_TRY(const std::vector<domain::Merchant> branches, appliance.branches(ledger, merchant));
  std::set<Uuid> owners{merchant.value};
  for (const domain::Merchant& branch : branches) owners.insert(branch.id.value);
  return owners;
}

json::array flag_names(std::uint32_t flags) {
  json::array names;
  if ((flags & ledger::kDebitsMustNotExceedCredits) != 0) {
    names.emplace_back("debits_must_not_exceed_credits");
  }
  if ((flags & ledger::kCreditsMustNotExceedDebits) != 0) {
    names.emplace_back("credits_must_not_exceed_debits");
  }
  if ((flags & ledger::kAccountFrozen) != 0) names.emplace_back("frozen");
  if ((flags & ledger::kAccountClosed) != 0) names.emplace_back("closed");
  return names;
}

}  // namespace

Result<json::object> balances_document(const Appliance& appliance,
                                       const ledger::TenantLedger& ledger,
                                       std::optional<UnixNanos> at,
                                       std::optional<MerchantId> merchant) {
  FLORIN_TRY(Names names, owner_names(appliance, ledger));
  json::object out;
  std::vector<ledger::AccountBalance> balances;
  if (at) {
    FLORIN_TRY(const std::uint64_t size, ledger.books->size_at(*at));
    FLORIN_TRY(balances, ledger.books->balances_at(size));
    out["at"] = to_rfc3339(*at);
    out["entries"] = size;
  } else {
    FLORIN_TRY(balances, ledger.books->balances());
  }
  std::sort(balances.begin(), balances.end(), [](const auto& a, const auto& b) {
    return std::pair(a.account.key.code, a.account.number) <
           std::pair(b.account.key.code, b.account.number);
  });
  const auto sums = sums_with_branches(balances);
  std::set<Uuid> owners;
  if (merchant) {
    FLORIN_TRY(owners, owners_of(appliance, ledger, *merchant));
    out["merchant"] = merchant->text();
  }
  json::array items;
  for (const ledger::AccountBalance& row : balances) {
    if (merchant && !owners.contains(row.account.key.owner)) continue;
    json::object item = account_document(row.account, names);
    if (row.account.parent != 0) item["parent"] = row.account.parent;
    add_totals(row, item);
    if (row.flags != 0) item["flags"] = flag_names(row.flags);
    if (const auto sum = sums.find(row.account.number); sum != sums.end()) {
      json::object with_branches;
      add_totals(sum->second, with_branches);
      item["with_branches"] = std::move(with_branches);
    }
    items.emplace_back(std::move(item));
  }
  out["items"] = std::move(items);
  out["next"] = nullptr;
  return out;
}

Result<json::object> statement_document(const Appliance& appliance,
                                        const ledger::TenantLedger& ledger,
                                        const ledger::StatementRequest& request) {
  FLORIN_TRY(Names names, owner_names(appliance, ledger));
  FLORIN_TRY(ledger::StatementPage page, ledger.books->statement(request));
  json::array items;
  for (const ledger::StatementLine& line : page.lines) {
    json::object item{{"seq", line.seq},
                      {"booked_at", to_rfc3339(line.booked_at)},
                      {"effective_day", line.effective_day},
                      {"type", ledger::entry_type_name(line.type)},
                      {"subject", line.subject.text()},
                      {"side", line.side == ledger::Side::debit ? "debit" : "credit"},
                      {"layer", line.layer == ledger::Layer::posted ? "posted" : "pending"},
                      {"amount", std::to_string(line.amount)},
                      {"total", to_decimal(line.total)}};
    if (!line.note.empty()) item["note"] = line.note;
    items.emplace_back(std::move(item));
  }
  json::object out = account_document(page.closing.account, names);
  json::object opening;
  json::object closing;
  add_totals(page.opening, opening);
  add_totals(page.closing, closing);
  out["opening"] = std::move(opening);
  out["closing"] = std::move(closing);
  out["items"] = std::move(items);
  out["next"] = nullptr;
  if (page.more) out["next"] = page.lines.back().seq;
  return out;
}

Result<json::object> entries_document(const Appliance& appliance,
                                      const ledger::TenantLedger& ledger, std::uint64_t from_seq,
                                      std::size_t limit) {
  FLORIN_TRY(Names names, owner_names(appliance, ledger));
  FLORIN_TRY(std::vector<ledger::AccountBalance> balances, ledger.books->balances());
  std::map<std::uint64_t, ledger::Account> accounts;
  for (const ledger::AccountBalance& row : balances) accounts[row.account.number] = row.account;
  FLORIN_TRY(std::vector<ledger::EntryView> entries, ledger.books->entries(from_seq, limit));
  json::array items;
  for (const ledger::EntryView& entry : entries) {
    FLORIN_TRY(ledger::EntryDetails details, ledger::describe(entry));
    json::array postings;
    for (const ledger::PostingDetails& posting : details.postings) {
      json::object item = account_document(accounts[posting.account], names);
      item["side"] = posting.side == ledger::Side::debit ? "debit" : "credit";
      item["layer"] = posting.layer == ledger::Layer::posted ? "posted" : "pending";
      item["amount"] = std::to_string(posting.amount);
      postings.emplace_back(std::move(item));
    }
    json::object item{{"seq", details.seq},
                      {"type", ledger::entry_type_name(details.type)},
                      {"booked_at", to_rfc3339(details.booked_at)},
                      {"subject", details.subject.text()}};
    if (!details.note.empty()) item["note"] = details.note;
    item["leaf_hash"] = to_hex(entry.leaf_hash);
    item["postings"] = std::move(postings);
    items.emplace_back(std::move(item));
  }
  const bool more = entries.size() == limit && limit > 0;
  json::object out{{"items", std::move(items)}, {"next", nullptr}};
  if (more) out["next"] = entries.back().seq + 1;
  return out;
}

json::object head_document(std::string_view tenant, ledger::Ledger& books) {
  const ledger::Head head = books.head();
  const auto state = books.books_state();
  json::object out{{"tenant", tenant},
                   {"mode", ledger::mode_name(books.options().mode)},
                   {"entries", head.next_seq},
                   {"signed_size", head.signed_size},
                   {"recovering", state.ok() && state->recovering},
                   {"root", to_hex(head.root)}};
  if (const ledger::LogControl* const control = ledger::log_control(books)) {
    out["outcomes_open"] = control->load().reserved;
  }
  return out;
}

}  // namespace florin::control
