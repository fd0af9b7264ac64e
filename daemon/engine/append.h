#pragma once
/// The ledger's callbacks as awaitables.
#include "daemon/net/task.h"
#include "ledger/ledger.h"

namespace florin::engine {

/// Appends one command and resumes when it is durable. The ledger outlives the call.
net::Task<Result<ledger::Receipt>> append(ledger::Ledger& books, ledger::Command command);

/// Resumes when reads see all that is durable now.
net::Task<Result<void>> wait_visible(ledger::Ledger& books);

}  // namespace florin::engine
