// Keys that exist once, and objects that have versions.
#include <set>

#include "support/memory_ledger/judge.h"

namespace florin::ledger::model {
namespace {

void check_idempotency(const Books& books, const IdempotencyWrite& write, Draft& draft) {
  const auto at = books.idempotency.find(write.key);
  if (at == books.idempotency.end()) return;
  const IdempotencyRow& row = at->second;
  if (row.fingerprint != write.fingerprint) {
    draft.refuse(Errc::idempotency_key_reused, "idempotency");
  } else if (!write.answered) {
    draft.refuse(Errc::idempotency_in_progress, "idempotency");
  } else if (row.answered) {
    draft.refuse(Errc::state_conflict, "idempotency");
  }
}

}  // namespace

void check_keys(const Books& books, const Command& command, Draft& draft) {
  if (command.idempotency.has_value()) check_idempotency(books, *command.idempotency, draft);
  std::set<std::pair<ObjectKind, Uuid>> objects;
  for (const ObjectWrite& write : command.objects) {
    const auto at = books.objects.find({write.kind, write.id});
    const std::uint64_t version = at == books.objects.end() ? 0 : at->second.version;
    if (version != write.expected_version) draft.refuse(Errc::version_conflict, "objects");
    if (!objects.insert({write.kind, write.id}).second) {
      draft.open_question("an object is written twice by one command");
    }
  }
  std::set<std::pair<UniqueTable, Key16>> uniques;
  for (const UniqueWrite& write : command.uniques) {
    const bool again = !uniques.insert({write.table, write.key}).second;
    if (again || books.uniques.contains({write.table, write.key})) {
      draft.refuse(Errc::unique_violation, "uniques");
    }
  }
}

}  // namespace florin::ledger::model
