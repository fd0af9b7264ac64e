// Payments in doubt: the ageing report.
#include <algorithm>
#include <map>

#include "daemon/admin/body.h"
#include "daemon/admin/doubt_document.h"
#include "daemon/admin/handlers.h"
#include "daemon/domain/render.h"
#include "daemon/http/query.h"

namespace florin::admin {
namespace {

constexpr std::size_t kMostRows = 1000;

struct Wanted {
  std::string tenant;
  std::string mode;
  std::int64_t older_than_s = 0;
};

Result<Wanted> read_wanted(const http::Request& request) {
  FLORIN_TRY(const http::QueryPairs pairs, http::parse_query(request.query()));
  Wanted out;
  for (const auto& [name, value] : pairs) {
    if (name == "tenant") {
      out.tenant = value;
    } else if (name == "mode") {
      FLORIN_TRY(const ledger::Mode mode, ledger::parse_mode(value));
      out.mode = ledger::mode_name(mode);
    } else if (name == "older_than") {
      FLORIN_TRY(out.older_than_s, read_duration_s("older_than", value));
    } else {
      return Error(Errc::field_unknown, name.substr(0, 64), "is not known here");
    }
  }
  return out;
}

using Sums = std::map<std::string, std::pair<Money, std::int64_t>>;

Result<void> add(Sums& sums, const Money& amount) {
  const auto [row, first] = sums.try_emplace(std::string(amount.currency().code()), amount, 1);
  if (first) return {};
  FLORIN_TRY(row->second.first, row->second.first.plus(amount));
  ++row->second.second;
  return {};
}

json::array sums_document(const Sums& sums) {
  json::array out;
  for (const auto& [currency, sum] : sums) {
    out.emplace_back(json::object{{"amount", domain::render(sum.first)}, {"count", sum.second}});
  }
  return out;
}

/// The ledgers that are asked for, with the names of their tenants.
Result<std::vector<std::pair<std::string, ledger::TenantLedger>>> ledgers_wanted(
    const Call& call, const Wanted& wanted) {
  FLORIN_TRY(const control::Appliance* appliance, appliance_of(call));
  std::optional<domain::Tenant> only;
  if (!wanted.tenant.empty()) {
    FLORIN_TRY(only, appliance->tenant(wanted.tenant));
  }
  std::vector<std::pair<std::string, ledger::TenantLedger>> out;
  for (ledger::TenantLedger& ledger : appliance->ledgers()) {
    if (only && only->id != ledger.tenant) continue;
    if (!wanted.mode.empty() && wanted.mode != ledger::mode_name(ledger.mode)) continue;
    const auto tenant = appliance->tenant(ledger.tenant.text());
    out.emplace_back(tenant.ok() ? tenant->name : ledger.tenant.text(), std::move(ledger));
  }
  return out;
}

}  // namespace

json::object doubt_document(const engine::Doubt& doubt, UnixNanos now) {
  const UnixNanos age = std::max<UnixNanos>(0, now - doubt.operation.created_at);
  json::object out{{"payment", doubt.payment.id.text()},
                   {"operation", doubt.operation.id.text()},
                   {"kind", domain::operation_kind_name(doubt.operation.kind)},
                   {"state", domain::operation_state_name(doubt.operation.state)},
                   {"amount", domain::render(doubt.operation.amount)},
                   {"merchant", doubt.payment.terms.merchant.text()},
                   {"connector", doubt.connector},
                   {"since", to_rfc3339(doubt.operation.created_at)},
                   {"age_s", age / kNanosPerSecond},
                   {"inquiries", 0},
                   {"last_evidence", nullptr},
                   {"next_inquiry_at", nullptr}};
  if (!doubt.note) return out;
  out["inquiries"] = doubt.note->inquiries;
  if (!doubt.note->last_evidence.empty()) out["last_evidence"] = doubt.note->last_evidence;
  if (doubt.note->next_inquiry_at != 0) {
    out["next_inquiry_at"] = to_rfc3339(doubt.note->next_inquiry_at);
  }
  return out;
}

Result<http::Response> get_doubts(const Call& call) {
  FLORIN_TRY(const Wanted wanted, read_wanted(call.request));
  FLORIN_TRY(const auto ledgers, ledgers_wanted(call, wanted));
  const UnixNanos now = call.machine.now();
  json::array items;
  Sums sums;
  std::int64_t count = 0;
  for (const auto& [tenant, ledger] : ledgers) {
    FLORIN_TRY_VOID(ledger.books->catch_up());
    FLORIN_TRY(const engine::ContextPtr context,
               call.machine.contexts->find(ledger.tenant, ledger.mode));
    FLORIN_TRY(const auto found, engine::list_doubts(*context, *call.machine.doubts,
                                                     now - wanted.older_than_s * kNanosPerSecond));
    for (const engine::Doubt& doubt : found) {
      ++count;
      FLORIN_TRY_VOID(add(sums, doubt.operation.amount));
      if (items.size() >= kMostRows) continue;
      json::object row{{"tenant", tenant}, {"mode", ledger::mode_name(ledger.mode)}};
      for (const auto& member : doubt_document(doubt, now)) row.insert(member);
      items.emplace_back(std::move(row));
    }
  }
  return document(200, "florin.payment.in-doubt/1",
                  {{"items", std::move(items)},
                   {"next", nullptr},
                   {"count", count},
                   {"sums", sums_document(sums)}});
}

}  // namespace florin::admin
