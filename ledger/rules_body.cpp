#include <map>
#include <set>
#include <utility>

#include "ledger/rules.h"

namespace florin::ledger {
namespace {

Result<void> apply_objects(const StateView& state, const Command& command, Body& body) {
  std::set<std::pair<ObjectKind, Uuid>> seen;
  for (const ObjectWrite& object : command.objects) {
    if (!seen.emplace(object.kind, object.id).second) {
      return Error(Errc::validation_failed, "objects", "An object is written twice.");
    }
    FLORIN_TRY(const auto version, state.object_version(object.kind, object.id));
    if (version.value_or(0) != object.expected_version) {
      return Error(Errc::version_conflict, {}, {},
                   "expected " + std::to_string(object.expected_version) + ", is " +
                       std::to_string(version.value_or(0)));
    }
    body.objects.push_back(
        {object.kind, object.id, object.expected_version + 1, object.immutable, object.head});
  }
  return {};
}

Result<void> apply_uniques(const StateView& state, const Command& command, Body& body) {
  std::set<std::pair<UniqueTable, Key16>> seen;
  for (const UniqueWrite& unique : command.uniques) {
    FLORIN_TRY(const bool exists, state.unique_exists(unique.table, unique.key));
    if (exists || !seen.emplace(unique.table, unique.key).second) {
      return Error(Errc::unique_violation, {}, {},
                   "unique table " + std::to_string(static_cast<unsigned>(unique.table)));
    }
    body.uniques.push_back(unique);
  }
  return {};
}

Result<void> apply_idempotency(const StateView& state, const Command& command, Body& body) {
  if (!command.idempotency.has_value()) return {};
  const IdempotencyWrite& write = *command.idempotency;
  FLORIN_TRY(const auto row, state.idempotency_row(write.key));
  if (row.has_value()) {
    if (row->fingerprint != write.fingerprint) return Error(Errc::idempotency_key_reused);
    if (!write.answered) return Error(Errc::idempotency_in_progress);
    if (row->answered) {
      return Error(Errc::state_conflict, "idempotency", "The request was answered already.");
    }
  }
  body.idempotency = write;
  return {};
}

Result<void> apply_events(const StateView& state, const Command& command, Body& body) {
  std::map<Uuid, std::uint64_t> counters;
  for (const Event& event : command.events) {
    auto at = counters.find(event.merchant);
    if (at == counters.end()) {
      FLORIN_TRY(const std::uint64_t last, state.merchant_seq(event.merchant));
      at = counters.emplace(event.merchant, last).first;
    }
    body.events.push_back({event, ++at->second});
  }
  return {};
}

}  // namespace

Result<void> apply_body(const StateView& state, const Command& command, Body& body) {
  // The idempotency key first: who repeats a request must hear of that, not of a stale version.
  FLORIN_TRY_VOID(apply_idempotency(state, command, body));
  FLORIN_TRY_VOID(apply_objects(state, command, body));
  FLORIN_TRY_VOID(apply_uniques(state, command, body));
  return apply_events(state, command, body);
}

}  // namespace florin::ledger
