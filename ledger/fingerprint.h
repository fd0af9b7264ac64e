#pragma once
/// Tells whether two commands with the same entry id are the same command.
#include "base/bytes.h"
#include "ledger/command.h"

namespace florin::ledger {

/// First 16 bytes of HMAC-SHA-256 over the canonical encoding of the whole command. Keyed, because
/// the leaf that carries it is exported and the command holds what only the sealed body may show.
Key16 command_fingerprint(BytesView key, const Command& command);

}  // namespace florin::ledger
