#pragma once
/// Data subjects of a ledger as control sees them. Private to the room.
#include <vector>

#include "daemon/domain/subject.h"
#include "daemon/vault/subject_source.h"
#include "ledger/tenant_ledger.h"

namespace florin::control {

/// The ledger as the keyring names it.
vault::SubjectBooks subject_books_of(const ledger::TenantLedger& ledger);
/// Changes when the books are restored.
Uuid life_of(const ledger::Ledger& books);
/// The slot behind the highest one that the books know.
Result<std::uint64_t> next_slot(const ledger::Ledger& books);
/// Error: `not_found` with field "/parameters/subject".
Result<domain::Subject> subject_of(const ledger::Ledger& books, const domain::SubjectId& id);
/// Slots of all subjects that the books call erased.
Result<std::vector<std::uint64_t>> erased_slots(const ledger::Ledger& books);
/// That no outcome of a payment of his is open. Error: `state_conflict`.
Result<void> check_settled(const ledger::Ledger& books, const domain::SubjectId& id);

}  // namespace florin::control
