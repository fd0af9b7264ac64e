#pragma once
/// The ledger's callbacks as awaitables.
#include "daemon/engine/context.h"
#include "daemon/net/task.h"

namespace florin::engine {

/// Appends one command and resumes when it is durable.
net::Task<Result<ledger::Receipt>> append(ContextPtr context, ledger::Command command);

/// Resumes when reads see all that is durable now.
net::Task<Result<void>> wait_visible(ContextPtr context);

}  // namespace florin::engine
