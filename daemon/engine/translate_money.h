#pragma once
/// The movements of a plan as the ledger takes them. Pure.
#include <vector>

#include "daemon/domain/plan.h"
#include "ledger/command.h"

namespace florin::engine {

/// By the table of domain/posting_rules.cpp, attributed to the payment's branch, or to its
/// merchant.
std::vector<ledger::Posting> postings(const domain::Plan& plan);
/// One hold per payment, under the payment's own identifier.
std::vector<ledger::HoldChange> hold_changes(const domain::Plan& plan);
/// That of the movement which says most about the entry.
ledger::EntryType entry_type(const domain::Plan& plan);

}  // namespace florin::engine
