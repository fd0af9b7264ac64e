#pragma once
/// Tells whether two commands are the same: one text per command, everything in it but the
/// reservations, which are no part of an entry.
#include "ledger/command.h"

namespace florin::ledger::model {

/// First 16 bytes of the SHA-256 of the command's text.
Key16 command_digest(const Command& command);

}  // namespace florin::ledger::model
